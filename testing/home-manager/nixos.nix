# Home Manager as a NixOS module: a home for each user, put in place by a unit of theirs
# (home-manager: nixos/common.nix, nixos/default.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.home-manager;

  # Every file of a folder is a module.
  inFolder = folder: map (name: folder + "/${name}") (lib.attrNames (builtins.readDir folder));

  ofTheHome =
    { name, ... }:
    {
      _file = ./nixos.nix;
      config = {
        _module.args.pkgs = import ./modules/packages.nix pkgs;
        submoduleSupport = {
          enable = true;
          externalPackageInstall = cfg.useUserPackages;
        };
        home = {
          username = config.users.users.${name}.name;
          homeDirectory = config.users.users.${name}.home;
          uid = lib.mkIf (config.users.users.${name}.uid != null) config.users.users.${name}.uid;
        };
        nix.package = lib.mkIf config.nix.enable config.nix.package;
      };
    };

  home = lib.types.submoduleWith {
    description = "Home Manager module";
    class = "homeManager";
    specialArgs = {
      lib = import ./modules/lib.nix lib;
      osConfig = config;
      nixosConfig = config;
      modulesPath = toString ./modules;
    }
    // cfg.extraSpecialArgs;
    modules = [
      (lib.table.module ./options.json)
      ./modules/defaults.nix
      ./modules/files.nix
      ./modules/fontconfig.nix
      ./modules/home.nix
      ./modules/session.nix
      ./modules/strict.nix
      ./modules/systemd.nix
      ./modules/version.nix
      ./modules/warnings.nix
      ./modules/xdg.nix
    ]
    ++ inFolder ./modules/programs
    # A package set of its own is not modelled: it would be the system's with other settings.
    ++ lib.optional cfg.useGlobalPkgs ./modules/nixpkgs.nix
    ++ [ ofTheHome ]
    ++ cfg.sharedModules;
  };

  # A user name in the name of a unit, as utils.escapeSystemdPath writes it.
  escaped = lib.replaceStrings [ "-" ] [ "\\x2d" ];

  # The unit is there for all of its system's life; it has no ExecStop, so a system without
  # this home leaves its links where they are.
  unitOf =
    _: home:
    let
      inherit (home.home) activationPackage homeDirectory username;
    in
    {
      name = "home-manager-${escaped username}";
      value = {
        description = "Home Manager environment for ${username}";
        wantedBy = [ "multi-user.target" ];
        wants = [ "nix-daemon.socket" ];
        after = [ "nix-daemon.socket" ];
        before = [ "systemd-user-sessions.service" ];
        stopIfChanged = false;
        environment = lib.mkMerge [
          { QT_QPA_PLATFORM = "offscreen"; }
          (lib.mkIf cfg.verbose { VERBOSE = "1"; })
          (lib.mkIf (cfg.backupCommand != null) {
            HOME_MANAGER_BACKUP_COMMAND = cfg.backupCommand;
          })
          (lib.mkIf (cfg.backupFileExtension != null) {
            HOME_MANAGER_BACKUP_EXT = cfg.backupFileExtension;
          })
          (lib.mkIf cfg.overwriteBackup { HOME_MANAGER_BACKUP_OVERWRITE = "1"; })
        ];
        unitConfig.RequiresMountsFor = homeDirectory;
        serviceConfig = {
          User = username;
          Type = "oneshot";
          RemainAfterExit = "yes";
          TimeoutStartSec = "5m";
          SyslogIdentifier = "hm-activate-${username}";
          # By version 1 of the driver there is no profile of generations.
          ExecStart = "${activationPackage}/activate --driver-version ${
            if cfg.enableLegacyProfileManagement then "0" else "1"
          }";
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
      visible = "shallow";
      description = "The home of each user.";
    };
    useGlobalPkgs = lib.mkEnableOption "the package set of the system in homes";
    useUserPackages = lib.mkEnableOption "packages of homes in users.users.<name>.packages";
    verbose = lib.mkEnableOption "verbose output on activation";
    minimal = lib.mkEnableOption "only the modules that every home needs";
    enableLegacyProfileManagement = lib.mkEnableOption "a profile of the generations of each home";
    startAsUserService = lib.mkEnableOption "activation at login instead of at boot";
    backupCommand = lib.mkOption {
      type = lib.types.nullOr (lib.types.either lib.types.str lib.types.path);
      default = null;
      description = "What to run on each file that is in the way.";
    };
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

  config = lib.mkIf (cfg.users != { }) {
    users.users = lib.mkIf cfg.useUserPackages (
      lib.mapAttrs (_: home: { packages = [ home.home.path ]; }) cfg.users
    );
    environment.pathsToLink = lib.mkIf cfg.useUserPackages [ "/etc/profile.d" ];

    systemd.services = lib.mkIf (!cfg.startAsUserService) (lib.mapAttrs' unitOf cfg.users);

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
