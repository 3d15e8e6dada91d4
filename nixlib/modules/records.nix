# What features wanted and had to go without, and what became of it. NixOS and Home Manager
# both have this module; the manifest reads it.
{
  # The files of the user that may say the same: adopted ones, local.nix or home.nix.
  files,
  # The files of features: { <file> = feature; }.
  featureFiles,
  # As ../lib/soft.nix.
  has,
  hostPriority,
}:
{
  config,
  lib,
  options,
  ...
}:
let
  records = description: {
    type = lib.types.listOf lib.types.raw;
    internal = true;
    inherit description;
  };
  empty = {
    default = [ ];
  };
  computed = {
    readOnly = true;
  };

  # VALUE as far as it is data: packages by their names, and nothing of what cannot be told.
  tell =
    value:
    if lib.isFunction value then
      "a function"
    else if lib.isDerivation value then
      value.name
    else if lib.isList value then
      map tell value
    else if lib.isAttrs value then
      if lib.length (lib.attrNames value) > 20 then "a set" else lib.mapAttrs (_: tell) value
    else
      value;

  finalOf = wanted: lib.attrByPath wanted.path null config;
  nameOf = wanted: lib.concatStringsSep "." wanted.path;

  # What the user's files say about the option of WANTED. Definitions that lost are gone from
  # `options`, and those inside of submodules never were there; so the files are read once more
  # on their own, with the same arguments, for this option alone. `config` among them is that of
  # the system, so conditions, `pkgs` and other arguments are what they are there.
  saidOf =
    wanted:
    let
      alone = lib.evalModules {
        specialArgs = config._module.specialArgs // {
          inherit config options;
        };
        modules = files ++ [
          {
            options = lib.setAttrByPath wanted.path (lib.mkOption { type = lib.types.raw; });
            config._module.check = false;
          }
        ];
      };
    in
    lib.getAttrFromPath wanted.path alone.options;

  lostOf =
    wanted:
    let
      option = lib.attrByPath wanted.path { } options;
      said = saidOf wanted;

      # Inside of a submodule nobody tells who won.
      isBeaten = option.highestPrio or 0 < wanted.priority;
    in
    lib.optional (isBeaten && finalOf wanted != wanted.value) {
      inherit (wanted) feature;
      option = nameOf wanted;
      value = tell wanted.value;
      final = tell (finalOf wanted);
      files = option.files or (tried (lib.optionals said.isDefined said.files));
    };

  fromHost = builtins.filter (wanted: wanted.priority == hostPriority) config.nqd.wants;
  overrideOf =
    wanted:
    let
      said = saidOf wanted;
      others = builtins.filter (def: def.value != wanted.value) said.definitionsWithLocations;
    in
    lib.optional (said.isDefined && said.highestPrio > hostPriority && others != [ ]) {
      inherit (wanted) feature;
      option = nameOf wanted;
      value = tell wanted.value;
      replaced = map tell (lib.catAttrs "value" others);
      files = lib.catAttrs "file" others;
    };

  # What features switched on, or chose a package for, by the set that has the option.
  switches = builtins.filter (wanted: lib.last wanted.path == "enable") config.nqd.wants;
  choices = builtins.filter (wanted: lib.last wanted.path == "package") config.nqd.wants;
  isOn = wanted: finalOf (sibling "enable" wanted) == true;
  sibling = name: wanted: wanted // { path = lib.init wanted.path ++ [ name ]; };

  # The package beside `enable`: not every such set has one, and a removed option throws.
  packageOf =
    wanted:
    let
      inherit (sibling "package" wanted) path;
      package = lib.getAttrFromPath path config;
      found = builtins.tryEval (
        isOn wanted && lib.isDerivation package && builtins.seq package.drvPath true
      );
    in
    lib.optional (has options path && found.success && found.value) {
      inherit (wanted) feature;
      inherit package;
      service = lib.head path == "services";
    };

  # A module's file may be in a derivation, to which no name of an attribute may refer.
  nameOfFile = file: builtins.unsafeDiscardStringContext (toString file);

  # The modules that a feature is behind: that of a program or service which it switched on.
  modulesOf =
    wanted:
    map (file: lib.nameValuePair (nameOfFile file) wanted.feature) (
      lib.optionals (isOn wanted) (lib.attrByPath wanted.path { } options).declarations or [ ]
    );
  # Modules without a file are many, nqd's own among them.
  behind =
    removeAttrs (lib.listToAttrs (builtins.concatMap modulesOf switches)) [ "<unknown-file>" ]
    // featureFiles;

  # What such a module puts on every PATH. As nobody is asked by name there, what was recorded by
  # name counts more.
  packages = options.environment.systemPackages or options.home.packages;
  placedBy =
    def:
    let
      feature = behind.${nameOfFile def.file} or null;
    in
    lib.optionals (feature != null) (
      map (package: {
        inherit feature package;
        service = false;
      }) (builtins.filter (package: package ? drvPath) def.value)
    );

  # Files that cannot be read alone (a module of theirs needs more of the system) say nothing.
  tried =
    list:
    let
      result = builtins.tryEval (builtins.deepSeq list list);
    in
    if result.success then result.value else [ ];
in
{
  options.nqd = lib.mapAttrs (_: lib.mkOption) {
    wants = records "What features wanted to set: { feature, path, priority, value }." // empty;
    skips = records "Packages that features go without: { feature, package, why }." // empty;
    unasked = records "Checks that this host has no use for: { feature, check }." // empty;
    installed = records "Packages that features installed: { feature, package }." // empty;
    brought =
      records "Derivations that are there by a feature: { feature, package, service }." // computed;
    lost =
      records "Wanted values that another file replaced: { feature, option, value, final, files }."
      // computed;
    said = {
      type = lib.types.raw;
      internal = true;
      readOnly = true;
      description = "The option at a path, as the user's files alone define it.";
    };
    overrides =
      records "Values of host.toml over a file's: { feature, option, value, replaced, files }."
      // computed;
  };

  config = {
    nqd.said = path: saidOf { inherit path; };
    nqd.brought =
      map (record: record // { service = false; }) config.nqd.installed
      ++ builtins.concatMap packageOf (switches ++ choices)
      ++ builtins.concatMap placedBy packages.definitionsWithLocations;
    nqd.lost = builtins.concatMap lostOf config.nqd.wants;
    nqd.overrides = builtins.concatMap (wanted: tried (overrideOf wanted)) fromHost;

    warnings = map (
      skip: "nqd.features.${skip.feature} goes without the package ${skip.package}: ${skip.why}."
    ) config.nqd.skips;
  };
}
