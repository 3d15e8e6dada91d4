# What nqd asks of one host, answered by a single evaluation: nqd's reading of the host
# file, the derivation to build, and what the deployment has to know about it.
{
  catalog,
  directory,
  host,
  lib,
  system,
  types,
}:
let
  inherit (system) config options;

  # The store path as a plain string: the manifest must not make Nix build anything.
  plain = builtins.unsafeDiscardStringContext;
  toplevel = config.system.build.toplevel;

  enabled = lib.filterAttrs (id: _: catalog.isOn config id) catalog.features;
  user = host.user.name;
  home = config.home-manager.users.${user};

  # Home Manager names the unit by utils.escapeSystemdPath; of the characters that a user name
  # has here, only the hyphen is another one there.
  homeUnit = "home-manager-${lib.replaceStrings [ "-" ] [ "\\x2d" ] user}.service";

  # Also of features that are off, whose options nobody else looks at.
  typesAreKnown = lib.all (
    id: types.areKnown "nixlib/features/${id}/feature.toml" catalog.features.${id}.options
  ) (builtins.attrNames catalog.features);

  portsOf =
    id: feature:
    lib.mapAttrsToList (name: port: {
      feature = id;
      inherit name;
      inherit (port) protocol;
      number = config.nqd.features.${id}.${port.option};
      expose = config.nqd.features.${id}.expose;
    }) feature.ports;

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
  workspace = toString (directory + "/../..") + "/";
  nameOf = file: lib.removePrefix workspace (toString file);

  # A wanted value that something of higher priority replaced, and the files that did.
  lostOf =
    { config, options }:
    wanted:
    let
      final = lib.attrByPath wanted.path null config;
      option = lib.attrByPath wanted.path { } options;
    in
    lib.optional (final != wanted.value) {
      inherit (wanted) feature value;
      option = lib.concatStringsSep "." wanted.path;
      inherit final;
      files = map nameOf (option.files or [ ]);
    };

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
      inherit user;
      features = builtins.attrNames enabled;
      units = [ homeUnit ] ++ concatFeatures (_: feature: feature.units);
      late_units = builtins.filter isDefined (
        builtins.concatMap (feature: feature.late_units) (builtins.attrValues catalog.features)
      );
      ports = concatFeatures portsOf;
      checks = concatFeatures checksOf;
      lost =
        builtins.concatMap (lostOf { inherit config options; }) config.nqd.wants
        # The options of the home are out of reach here: its files stay unnamed.
        ++ builtins.concatMap (lostOf {
          config = home;
          options = { };
        }) home.nqd.wants;
      users = builtins.attrNames (lib.filterAttrs (_: user: user.isNormalUser) config.users.users);
    };
}
