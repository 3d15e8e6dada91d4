# systemd units of the user: sections of sections → ~/.config/systemd/user (home-manager:
# modules/systemd.nix).
{ config, lib, ... }:
let
  cfg = config.systemd.user;

  kinds = {
    automounts = "automount";
    mounts = "mount";
    paths = "path";
    services = "service";
    slices = "slice";
    sockets = "socket";
    targets = "target";
    timers = "timer";
  };

  # What is null or an empty list was not set, and a section of nothing is not written.
  kept =
    unit:
    lib.filterAttrs (_: section: section != { }) (
      lib.mapAttrs (_: lib.filterAttrs (_: value: value != null && value != [ ])) unit
    );

  toText = lib.generators.toINI {
    listsAsDuplicateKeys = true;
    mkKeyValue =
      key: value: "${key}=${if lib.isBool value then lib.boolToString value else toString value}";
  };

  # A unit is its file, and being wanted is the same file in the folder of who wants it.
  filesOf =
    kind: name: unit:
    let
      file = "${name}.${kind}";
      content = {
        text = toText (kept unit);
      };
      into = suffix: owner: lib.nameValuePair "systemd/user/${owner}.${suffix}/${file}" content;
    in
    [ (lib.nameValuePair "systemd/user/${file}" content) ]
    ++ map (into "wants") (lib.toList (unit.Install.WantedBy or [ ]))
    ++ map (into "requires") (lib.toList (unit.Install.RequiredBy or [ ]));

  units = lib.concatLists (
    lib.mapAttrsToList (
      option: kind: lib.concatLists (lib.mapAttrsToList (filesOf kind) (cfg.${option} or { }))
    ) kinds
  );

  assignment = name: value: "${name}=${toString value}";
in
{
  config = {
    xdg.configFile = lib.mkMerge [
      (lib.listToAttrs units)
      (lib.mkIf (cfg.sessionVariables != { }) {
        "environment.d/10-home-manager.conf".text = lib.concatLines (
          lib.mapAttrsToList assignment cfg.sessionVariables
        );
      })
    ];
    home.activation.reloadSystemd = lib.hm.dag.entryAfter [ "linkGeneration" ] "";
  };
}
