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

  # NAME.KIND → { text, options } for every unit of KIND.
  ofKind =
    kind: text: units:
    lib.mapAttrs' (
      name: options:
      lib.nameValuePair "${name}.${kind}" {
        inherit options;
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
  fileOf = _: u: if u.options.enable then { inherit (u) text; } else { link = "/dev/null"; };

  # Being wanted is a link in the folder of the unit that wants.
  linksOf =
    name: u:
    let
      into =
        suffix: owners:
        map (owner: lib.nameValuePair "${owner}.${suffix}/${name}" { link = "../${name}"; }) owners;
    in
    into "wants" u.options.wantedBy
    ++ into "requires" u.options.requiredBy
    ++ map (alias: lib.nameValuePair alias { link = name; }) u.options.aliases;

  folder =
    name: units:
    pkgs.derive name {
      files =
        lib.mapAttrs fileOf units
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
in
{
  options.systemd.user = {
    paths = likeSystem "paths";
    slices = likeSystem "slices";
    sockets = likeSystem "sockets";
  };

  config = {
    systemd.timers = timersOf cfg;
    systemd.user.timers = timersOf cfg.user;

    environment.etc = {
      "systemd/system".source = folder "system-units" (unitsOf cfg);
      "systemd/user".source = folder "user-units" (unitsOf cfg.user);
      "systemd/system.conf".text = lib.generators.toINI { listsAsDuplicateKeys = true; } {
        inherit (cfg.settings) Manager;
      };
    };
  };
}
