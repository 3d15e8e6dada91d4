# What a system is made of, and which feature brought it: packages, programs of services, units.
# The derivation of the system needs all of it anyway, so that telling it costs next to nothing.
# Texts are told without what they refer to: the answer must not make Nix build anything.
{
  config,
  # Those that are on: { <id> = feature; }.
  enabled,
  # Home Manager's, of every user.
  homes,
  lib,
  # What features brought: { feature, package, service }, as ../modules/records.nix has it.
  brought,
}:
let
  plain = builtins.unsafeDiscardStringContext;

  # A store path that somebody wrote down has no derivation.
  hasDerivation = package: package ? drvPath;
  derivationOf = package: plain package.drvPath;

  # Each once, sorted by name.
  sorted =
    packages:
    builtins.attrValues (
      lib.listToAttrs (
        map (
          package:
          lib.nameValuePair "${package.name} ${package.version} ${package.feature or ""}" package
        ) packages
      )
    );

  # A home that is among the packages of its user is none of them: its own packages are told.
  isHome = package: lib.any (home: home.home.path == package) homes;
  accounts = builtins.filter (user: user.enable or true) (builtins.attrValues config.users.users);

  all =
    config.environment.systemPackages
    ++ builtins.concatMap (home: home.home.packages) homes
    ++ builtins.filter (package: !(isHome package)) (
      builtins.concatMap (user: user.packages) accounts
    );

  # The first that claims a derivation is its feature.
  owners = lib.listToAttrs (
    map (record: lib.nameValuePair (derivationOf record.package) record.feature) brought
  );
  ownerOf =
    package: if hasDerivation package then owners.${derivationOf package} or "" else "";

  nameOf = package: {
    name = plain (lib.getName package);
    version = plain (lib.getVersion package);
  };
  describe =
    package:
    let
      feature = ownerOf package;
    in
    nameOf package // lib.optionalAttrs (feature != "") { inherit feature; };

  recordsOf = id: builtins.filter (record: record.feature == id) brought;

  # The units of a feature that are there, and the services behind them.
  unitsOf =
    feature:
    builtins.filter (name: config.systemd.units ? ${name}) (feature.units ++ feature.late_units);
  serviceOf = name: config.systemd.services.${lib.removeSuffix ".service" name} or { };

  # The derivations that TEXT refers to.
  within =
    text: builtins.filter (lib.hasSuffix ".drv") (builtins.attrNames (builtins.getContext text));

  # Scripts are derivations of their own: what they refer to, the text of the unit does not.
  scripts = [
    "script"
    "preStart"
    "postStart"
    "preStop"
    "postStop"
    "reload"
  ];
  neededBy =
    name:
    within (
      toString config.systemd.units.${name}.text
      + lib.concatMapStrings (script: (serviceOf name).${script} or "") scripts
    );

  # What a unit runs, without what it only finds on its PATH.
  runBy =
    name:
    let
      service = serviceOf name;
    in
    within (toString (service.serviceConfig.ExecStart or "") + service.script or "");

  # The name and version of a derivation, by what follows the hash.
  parse =
    derivation:
    builtins.parseDrvName (
      lib.removeSuffix ".drv" (builtins.substring 33 (-1) (baseNameOf derivation))
    );

  # The package that the option of a service names is what it runs. Of other units it is told by
  # what they start; scripts and files of settings have no version.
  programsOf =
    id: feature:
    let
      named = builtins.filter (record: record.service) (recordsOf id);
      found =
        if named != [ ] then
          map (record: nameOf record.package) named
        else
          map parse (builtins.concatMap runBy (unitsOf feature));
    in
    sorted (builtins.filter (program: program.version != "") found);

  # What the system has without any feature is pulled in by none, though units find it on their
  # PATH.
  base = map derivationOf (
    builtins.filter (package: hasDerivation package && ownerOf package == "") all
  );

  rootsOf =
    id: feature:
    let
      found =
        map (record: derivationOf record.package) (recordsOf id)
        ++ builtins.concatMap neededBy (unitsOf feature);
    in
    builtins.attrNames (removeAttrs (lib.genAttrs found (_: null)) base);
  tell = unit: {
    text = if unit.enable then plain (toString unit.text) else "";
    masked = !unit.enable;
    drop_in = unit.overrideStrategy or "" == "asDropin";
    wanted_by = unit.wantedBy ++ unit.requiredBy ++ unit.upheldBy or [ ];
  };

  # An alias is the same unit, and wanted under its own name only.
  aliases = builtins.concatMap (
    unit:
    map (alias: lib.nameValuePair alias (tell unit // { wanted_by = [ ]; })) (unit.aliases or [ ])
  ) (builtins.attrValues config.systemd.units);

  fstab = config.environment.etc.fstab.text or null;
in
{
  packages = sorted (map describe all);

  programs = lib.filterAttrs (_: programs: programs != [ ]) (
    lib.mapAttrs programsOf (lib.filterAttrs (_: feature: unitsOf feature != [ ]) enabled)
  );

  roots = lib.mapAttrs rootsOf enabled;

  # By each name, as internal/activation has them.
  units = lib.mapAttrs (_: tell) config.systemd.units // lib.listToAttrs aliases;

  # Where other units come from, and /etc/fstab, out of which units of mounts are made.
  unit_packages = map (package: plain package.outPath) (
    [ config.systemd.package ] ++ config.systemd.packages
  );
  fstab = if fstab == null then null else plain fstab;
}
