# The home as a whole: its packages and the generation that is activated (home-manager:
# modules/home-environment.nix, modules/files.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.home;
  support = config.submoduleSupport;

  entries = lib.mapAttrs (_: lib.hm.dag.entry) cfg.activation;
  order = lib.hm.dag.sorted entries;
  names =
    if order == null then
      abort "Dependency cycle in activation script: ${toString (lib.attrNames entries)}"
    else
      order;

  enabled = lib.filter (file: file.enable) (lib.attrValues cfg.file);
  hooks = lib.filter (file: file.onChange != "") enabled;

  # In place of the script: what the program reads. It acts on the entries that it knows and
  # only tells the names of others, as there is no shell to run them.
  activation = {
    user = cfg.username;
    home = cfg.homeDirectory;
    entries = names;
    forced = map (file: file.target) (lib.filter (file: file.force) enabled);
    hooks = lib.listToAttrs (map (file: lib.nameValuePair file.target file.onChange) hooks);
  };

  generation = pkgs.derive "home-manager-generation" {
    files = {
      activate.program = true;
      home-files.link = "${config.home-files}";
      home-path.link = "${cfg.path}";
      hm-version.text = "${cfg.version.full}\n";
      gen-version.text = "1\n";
      extra-dependencies.text = lib.concatLines (map toString cfg.extraDependencies);
      "standin.json".text = builtins.toJSON activation;
    };
  } { };
in
{
  options.submoduleSupport = {
    enable = lib.mkOption { default = false; };
    externalPackageInstall = lib.mkOption { default = false; };
  };

  config = {
    assertions = [
      {
        assertion = cfg.username != "";
        message = "Username could not be determined";
      }
      {
        assertion = cfg.homeDirectory != "";
        message = "Home directory could not be determined";
      }
    ];

    home = {
      profileDirectory =
        if support.enable && support.externalPackageInstall then
          "/etc/profiles/per-user/${cfg.username}"
        else
          "${cfg.homeDirectory}/.nix-profile";

      activation = {
        checkLinkTargets = lib.hm.dag.entryBefore [ "writeBoundary" ] "";
        writeBoundary = lib.hm.dag.entryAnywhere "";
        checkFilesChanged = lib.hm.dag.entryBefore [ "linkGeneration" ] "";
        linkGeneration = lib.hm.dag.entryAfter [ "writeBoundary" ] "";
        installPackages = lib.hm.dag.entryAfter [ "writeBoundary" ] "";
        onFilesChange = lib.hm.dag.entryAfter [ "linkGeneration" ] "";
      };

      path = pkgs.buildEnv {
        name = "home-manager-path";
        paths = cfg.packages;
      };

      activationPackage = cfg.strict generation;
    };
  };
}
