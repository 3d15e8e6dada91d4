# What nqd asks of one host, answered by a single evaluation: nqd's reading of the host
# file, the derivation to build, and what the deployment has to know about it.
{
  catalog,
  host,
  lib,
  system,
  types,
  users,
  workspace,
}:
let
  inherit (system) config;

  # The store path as a plain string: the manifest must not make Nix build anything.
  plain = builtins.unsafeDiscardStringContext;
  toplevel = config.system.build.toplevel;

  enabled = lib.filterAttrs (id: _: catalog.isOn config id) catalog.features;
  homes = map (user: config.home-manager.users.${user.name}) users;

  # Home Manager names the unit by utils.escapeSystemdPath; of the characters that a user name
  # has here, only the hyphen is another one there.
  homeUnit = user: "home-manager-${lib.replaceStrings [ "-" ] [ "\\x2d" ] user.name}.service";

  # Also of features that are off, whose options nobody else looks at.
  typesAreKnown = lib.all (
    id: types.areKnown (catalog.nameOf id) catalog.features.${id}.options
  ) (builtins.attrNames catalog.features);

  portNumber = id: name: config.nqd.features.${id}.${catalog.features.${id}.ports.${name}.option};

  # Checks leave the manifest with every value filled in; Go knows nothing of features.
  checksOf =
    id: feature:
    map (
      check:
      let
        address = "127.0.0.1:${toString (portNumber id check.port)}";
      in
      {
        feature = id;
        inherit (check)
          id
          kind
          critical
          grace
          ;
      }
      // {
        http = {
          target = "http://${address}${check.path}";
          inherit (check) status;
        };
        tcp.target = address;
        unit.target = check.unit;
        command = {
          target = lib.concatStringsSep " " check.argv;
          inherit (check) argv;
        };
      }
      .${check.kind}
    ) feature.checks;

  # A file of the workspace by its name there; others keep their store path.
  nameOf = file: lib.removePrefix "${toString workspace}/" (toString file);
  named = map (record: record // { files = map nameOf record.files; });

  # What the modules of the system and of all homes recorded.
  recorded = name: config.nqd.${name} ++ builtins.concatMap (home: home.nqd.${name}) homes;

  # A feature's late unit need not exist: there is nothing to download without models. And it
  # may exist although the feature is off, by an adopted file.
  isDefined = unit: config.systemd.services ? ${lib.removeSuffix ".service" unit};

  concatFeatures = f: builtins.concatLists (lib.mapAttrsToList f enabled);
in
{
  # Go compares this with its own reading of the same file.
  inherit host;
  drvPath = plain toplevel.drvPath;
  # Not `outPath`: Nix takes a set with that name for a store path, and prints nothing else.
  toplevel = plain toplevel.outPath;

  manifest =
    assert typesAreKnown;
    {
      version = 1;
      # Whose profile checks find programs in.
      user = host.user.name;
      features = builtins.attrNames enabled;
      units = map homeUnit users ++ concatFeatures (_: feature: feature.units);
      late_units = builtins.filter isDefined (
        builtins.concatMap (feature: feature.late_units) (builtins.attrValues catalog.features)
      );
      ports = map (
        port:
        removeAttrs port [
          "metrics"
          "option"
          "title"
          "web"
        ]
      ) config.nqd.ports;
      checks = concatFeatures checksOf;
      state = concatFeatures (id: feature: map (state: state // { feature = id; }) feature.state);
      skipped = recorded "skips";
      lost = named (recorded "lost");
      overrides = named (recorded "overrides");
      users = builtins.attrNames (lib.filterAttrs (_: user: user.isNormalUser) config.users.users);
    };
}
