# What nqd asks of one host, answered by a single evaluation: nqd's reading of the host
# file, the derivation to build, what the deployment has to know about it (the manifest, which is
# kept with each deployment), and what else it takes to tell what would change (the detail).
{
  catalog,
  host,
  lib,
  soft,
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

  # Those of the host file, and with those that the user's files have.
  homes = map (user: config.home-manager.users.${user.name}) users;
  allHomes = builtins.attrValues config.home-manager.users;

  contents = import ./lib/contents.nix {
    inherit config enabled lib;
    brought = recorded "brought";
    homes = allHomes;
  };

  sorted = builtins.sort builtins.lessThan;

  # The files of a home, by their places in it. Those that Home Manager writes over without a
  # question (forced) are apart, and of folders that it fills with links the contents are not
  # known: the generation has them, once it is built.
  filesOf =
    home:
    let
      files = lib.partition (file: file.force or false) (
        builtins.filter (file: file.enable) (builtins.attrValues home.home.file)
      );
      isFilled = file: file.recursive or false;
      parted = lib.partition isFilled files.wrong;
      forced = builtins.filter (file: !isFilled file) files.right;
      # Modules that name their folder, and take the home for it, write "./".
      targets = map (file: lib.removePrefix "./" (plain file.target));
    in
    {
      user = home.home.username;
      home = home.home.homeDirectory;
      generation = plain home.home.activationPackage.outPath;
      files = sorted (targets parted.wrong);
      forced = sorted (targets forced);
      folders = sorted (targets parted.right);
    };

  secretsOf =
    id: feature:
    map (secret: {
      feature = id;
      inherit (secret) name;
      file = "secrets/${host.host.name}/${secret.name}.age";
    }) feature.secrets;

  # Home Manager names the unit by utils.escapeSystemdPath; of the characters that a user name
  # has here, only the hyphen is another one there.
  homeUnit = user: "home-manager-${lib.replaceStrings [ "-" ] [ "\\x2d" ] user.name}.service";

  # Also of features that are off, whose options nobody else looks at.
  typesAreKnown = lib.all (
    id: types.areKnown (catalog.nameOf id) catalog.features.${id}.options
  ) (builtins.attrNames catalog.features);

  portNumber = id: name: config.nqd.features.${id}.${catalog.features.${id}.ports.${name}.option};

  # What a feature says itself that it need not be asked.
  isAsked = id: check: !builtins.elem { feature = id; check = check.id; } config.nqd.unasked;

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
        gpu = {
          target = check.question;
        }
        // lib.optionalAttrs (check ? port) { inherit address; };
      }
      .${check.kind}
    ) (builtins.filter (isAsked id) feature.checks);

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
  # So that nobody has to ask for it.
  nix = builtins.nixVersion;

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
      # Whoever copies the data has to know who writes to it.
      state = concatFeatures (
        id: feature:
        map (
          state:
          state
          // {
            feature = id;
            units = feature.units ++ builtins.filter isDefined feature.late_units;
          }
        ) feature.state
      );
      skipped = recorded "skips";
      lost = named (recorded "lost");
      overrides = named (recorded "overrides");
      users = builtins.attrNames (lib.filterAttrs (_: user: user.isNormalUser) config.users.users);
      # Those of services too.
      accounts = builtins.attrNames (
        lib.filterAttrs (_: user: user.enable or true) config.users.users
      );
      groups = builtins.attrNames config.users.groups;
      mutable_users = config.users.mutableUsers;
      home = map filesOf allHomes;
      secrets = concatFeatures secretsOf;
      adopted = named (
        import ./lib/adopted.nix {
          inherit lib;
          inherit (config.nqd) said;
          isAdopted = file: lib.hasPrefix "hosts/${host.host.name}/imported/" (nameOf file);
          inherit (system.options) services;
        }
      );
      inherit (contents) packages programs;
      boot = import ./lib/boot.nix { inherit lib soft system; };
    };

  # Failed assertions come first: what they are about is often in here too, where it just throws.
  detail = builtins.seq toplevel.drvPath {
    inherit (contents)
      fstab
      roots
      unit_packages
      units
      ;
  };
}
