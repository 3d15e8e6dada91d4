# Home Manager as a NixOS module: a home for each user, put in place by a unit of theirs.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.home-manager;

  # What the modules of a home see as `lib`.
  homeLib = lib // {
    hm = { inherit (lib) dag; };
  };

  home = lib.types.submoduleWith {
    description = "Home Manager module";
    class = "homeManager";
    specialArgs = {
      lib = homeLib;
      osConfig = config;
      nixosConfig = config;
      modulesPath = toString ./modules;
    }
    // cfg.extraSpecialArgs;
    modules = [
      (lib.table.module ./options.json)
      ./modules/bash.nix
      ./modules/files.nix
      ./modules/git.nix
      ./modules/home.nix
      ./modules/xdg.nix
      (
        { name, ... }:
        {
          _file = ./nixos.nix;
          config = {
            _module.args = { inherit pkgs; };
            home.username = config.users.users.${name}.name;
            home.homeDirectory = config.users.users.${name}.home;
          };
        }
      )
    ]
    ++ cfg.sharedModules;
  };

  # A user name in the name of a unit, as utils.escapeSystemdPath writes it.
  escaped = lib.replaceStrings [ "-" ] [ "\\x2d" ];

  unitOf = name: home: {
    name = "home-manager-${escaped name}";
    value = {
      description = "Home Manager environment for ${name}";
      wantedBy = [ "multi-user.target" ];
      wants = [ "nix-daemon.socket" ];
      after = [ "nix-daemon.socket" ];
      before = [ "systemd-user-sessions.service" ];
      environment = lib.optionalAttrs (cfg.backupFileExtension != null) {
        HOME_MANAGER_BACKUP_EXT = cfg.backupFileExtension;
      };
      unitConfig.RequiresMountsFor = home.home.homeDirectory;
      stopIfChanged = false;
      # No ExecStop: a system without this home leaves its links where they are.
      serviceConfig = {
        User = home.home.username;
        Type = "oneshot";
        RemainAfterExit = "yes";
        TimeoutStartSec = "5m";
        SyslogIdentifier = "hm-activate-${name}";
        ExecStart = "${home.home.activationPackage}/activate";
      };
    };
  };

  ofAllHomes = f: lib.concatLists (lib.mapAttrsToList f cfg.users);
in
{
  options.home-manager = {
    users = lib.mkOption {
      type = lib.types.attrsOf home;
      default = { };
      description = "The home of each user.";
    };
    useGlobalPkgs = lib.mkEnableOption "the package set of the system in homes";
    useUserPackages = lib.mkEnableOption "installing packages of homes through users.users.<name>.packages";
    verbose = lib.mkEnableOption "verbose output on activation";
    backupFileExtension = lib.mkOption {
      type = lib.types.nullOr lib.types.str;
      default = null;
      description = "What to append to files that are in the way, to move them there.";
    };
    overwriteBackup = lib.mkEnableOption "overwriting a backup that is there";
    extraSpecialArgs = lib.mkOption {
      type = lib.types.attrs;
      default = { };
      description = "Further arguments of all home modules.";
    };
    sharedModules = lib.mkOption {
      type = lib.types.listOf lib.types.raw;
      default = [ ];
      description = "Modules of every home.";
    };
  };

  config = {
    users.users = lib.mkIf cfg.useUserPackages (
      lib.mapAttrs (_: home: { packages = [ home.home.path ]; }) cfg.users
    );

    systemd.services = lib.mapAttrs' unitOf cfg.users;

    assertions = ofAllHomes (
      name: home:
      map (assertion: {
        inherit (assertion) assertion;
        message = "${name} profile: ${assertion.message}";
      }) home.assertions
    );
    warnings = ofAllHomes (name: home: map (warning: "${name} profile: ${warning}") home.warnings);
  };
}
