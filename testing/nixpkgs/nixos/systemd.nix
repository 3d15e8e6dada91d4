# systemd units: options → /etc/systemd/system and /etc/systemd/user.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  cfg = config.systemd;
  unit = import ./unit-text.nix { inherit config lib pkgs; };

  # NAME.KIND → what `systemd.units` has of every unit of KIND.
  ofKind =
    kind: text: units:
    lib.mapAttrs' (
      name: options:
      lib.nameValuePair "${name}.${kind}" {
        inherit (options)
          aliases
          enable
          requiredBy
          wantedBy
          ;
        # Only services have it here.
        overrideStrategy = options.overrideStrategy or "asDropinIfExists";
        text = text name options;
      }
    ) units;

  # All units of one manager, the system's or a user's.
  unitsOf =
    manager:
    ofKind "service" unit.service manager.services
    // ofKind "target" unit.target manager.targets
    // ofKind "timer" (unit.other "Timer" "timerConfig") manager.timers
    // ofKind "path" (unit.other "Path" "pathConfig") manager.paths
    // ofKind "slice" (unit.other "Slice" "sliceConfig") manager.slices
    // ofKind "socket" unit.socket manager.sockets;

  # A disabled unit is masked.
  fileOf = u: if u.enable then { text = toString u.text; } else { link = "/dev/null"; };

  # A unit that only adds to one from elsewhere is a file beside it. Whether a package brings one
  # of the same name is not known here: then nixpkgs makes such a file by itself.
  placeOf =
    name: u: if u.overrideStrategy == "asDropin" then "${name}.d/overrides.conf" else name;

  # Being wanted is a link in the folder of the unit that wants.
  linksOf =
    name: u:
    let
      into =
        suffix: owners:
        map (owner: lib.nameValuePair "${owner}.${suffix}/${name}" { link = "../${name}"; }) owners;
    in
    into "wants" u.wantedBy
    ++ into "upholds" u.upheldBy
    ++ into "requires" u.requiredBy
    ++ map (alias: lib.nameValuePair alias { link = name; }) u.aliases;

  folder =
    name: units:
    pkgs.derive name {
      files =
        lib.mapAttrs' (name: u: lib.nameValuePair (placeOf name u) (fileOf u)) units
        // lib.listToAttrs (lib.concatLists (lib.mapAttrsToList linksOf units));
    } { };

  # What `startAt` of the services of MANAGER makes.
  timersOf =
    manager:
    lib.mapAttrs (_: service: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = service.startAt;
    }) (lib.filterAttrs (_: service: service.enable && service.startAt != [ ]) manager.services);

  # Kinds of units that a user's manager has too, with the options of the system's.
  likeSystem =
    kind:
    lib.mkOption {
      inherit (options.systemd.${kind}) type;
      default = { };
      description = "Units of every user's manager.";
    };

  listOption =
    description:
    lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      inherit description;
    };

  # How a unit goes with one of the same name that a package brings.
  strategy = {
    options.overrideStrategy = lib.mkOption {
      type = lib.types.enum [
        "asDropinIfExists"
        "asDropin"
      ];
      default = "asDropinIfExists";
      description = "Whether the unit is a file of its own or adds to one.";
    };
  };
  strategies = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule strategy); };

  # nixos/lib/systemd-unit-options.nix: concreteUnitOptions
  unitOptions = {
    _file = ./systemd.nix;
    imports = [ strategy ];
    options = {
      enable = lib.mkOption {
        type = lib.types.bool;
        default = true;
        description = "Whether the unit is there; false masks it.";
      };
      text = lib.mkOption {
        type = lib.types.nullOr lib.types.str;
        default = null;
        description = "The text of the unit's file.";
      };
      aliases = listOption "Other names of the unit.";
      requiredBy = listOption "Units that require it.";
      upheldBy = listOption "Units that start it again whenever it ends.";
      wantedBy = listOption "Units that want it.";
    };
  };
  units = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule unitOptions);
    default = { };
    description = "All units as files: those of every kind, and others by their text.";
  };
in
{
  options.systemd = {
    inherit units;
    services = strategies;
    user = {
      inherit units;
      paths = likeSystem "paths";
      slices = likeSystem "slices";
      sockets = likeSystem "sockets";
    };
  };

  config = {
    systemd.timers = timersOf cfg;
    systemd.user.timers = timersOf cfg.user;
    systemd.units = unitsOf cfg;
    systemd.user.units = unitsOf cfg.user;

    environment.etc = {
      "systemd/system".source = folder "system-units" cfg.units;
      "systemd/user".source = folder "user-units" cfg.user.units;
      "systemd/system.conf".text = lib.generators.toINI { listsAsDuplicateKeys = true; } {
        inherit (cfg.settings) Manager;
      };
    };
  };
}
