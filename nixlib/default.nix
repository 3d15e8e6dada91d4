# The module library of nqd. The flake of a workspace says
#
#   outputs = inputs: (import ./nixlib { inherit inputs; }).mkFlake ./hosts;
{ inputs }:
let
  inherit (inputs.nixpkgs) lib;
  mkHost = import ./mk-host.nix { inherit inputs lib; };
in
{
  inherit mkHost;

  # The outputs of a workspace: a NixOS system for every folder in HOSTS, and beside it
  # what nqd evaluates in its place (`nqd.<host>`).
  mkFlake =
    hosts:
    let
      isHost =
        name: type: type == "directory" && builtins.pathExists (hosts + "/${name}/host.toml");
      names = builtins.attrNames (lib.filterAttrs isHost (builtins.readDir hosts));
      made = lib.genAttrs names (name: mkHost (hosts + "/${name}"));
    in
    {
      nixosConfigurations = lib.mapAttrs (_: host: host.system) made;
      nqd = lib.mapAttrs (_: host: host.nqd) made;
    };
}
