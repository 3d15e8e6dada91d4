# Evaluates flake.nix with the few parts of nixpkgs that it names; a part that it does not declare is an error here.
{ flake }:
let
  program = name: {
    inherit name;
    outPath = "/store/${name}";
  };
  lib = {
    genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
    fileContents = file: builtins.head (builtins.split "\n" (builtins.readFile file));
    makeBinPath = packages: builtins.concatStringsSep ":" (map (p: "${p}/bin") packages);
    getExe = p: "${p}/bin/${p.meta.mainProgram}";
    licenses.mit = "MIT";
  };
  packagesFor = system: {
    stdenv.hostPlatform = { inherit system; };
    # What buildGoModule is given stays visible as `args`.
    buildGoModule = args: program args.pname // { inherit (args) meta; inherit args; };
    runCommand = name: _: script: builtins.seq script (program name);
    git = program "git";
    openssh = program "openssh";
    age = program "age";
    makeWrapper = program "makeWrapper";
  };
  self = outputs // {
    shortRev = "abc1234";
    outPath = "/store/source";
  };
  outputs = flake.outputs {
    inherit self;
    nixpkgs = {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] packagesFor;
    };
  };
in
{
  outputs = builtins.attrNames outputs;
  systems = builtins.mapAttrs (_: builtins.attrNames) outputs;
  package = removeAttrs outputs.packages.x86_64-linux.default.args [ "src" "meta" ];
  app = outputs.apps.aarch64-linux.default;
  checks = builtins.mapAttrs (_: p: p.name) outputs.checks.x86_64-linux;
}
