# systemd units: options → /etc/systemd/system.
{
  config,
  lib,
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

  units =
    ofKind "service" unit.service cfg.services
    // ofKind "target" unit.target cfg.targets
    // ofKind "timer" (unit.other "Timer" "timerConfig") cfg.timers
    // ofKind "path" (unit.other "Path" "pathConfig") cfg.paths
    // ofKind "slice" (unit.other "Slice" "sliceConfig") cfg.slices
    // ofKind "socket" unit.socket cfg.sockets;

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

  timed = lib.filterAttrs (_: service: service.enable && service.startAt != [ ]) cfg.services;
in
{
  config = {
    systemd.timers = lib.mapAttrs (_: service: {
      wantedBy = [ "timers.target" ];
      timerConfig.OnCalendar = service.startAt;
    }) timed;

    environment.etc."systemd/system".source = pkgs.derive "system-units" {
      files =
        lib.mapAttrs fileOf units
        // lib.listToAttrs (lib.concatLists (lib.mapAttrsToList linksOf units));
    } { };
  };
}
