# The library: our own writing of those functions of nixpkgs' lib that nixlib, the stand-in
# itself and a user's own files call. Each file knows one noun and gets the whole library,
# which ties the knot.
let
  files = builtins.mapAttrs (_: file: import file lib) {
    asserts = ./asserts.nix;
    attrsets = ./attrsets.nix;
    customisation = ./customisation.nix;
    dag = ./dag.nix;
    debug = ./debug.nix;
    distance = ./distance.nix;
    fixedPoints = ./fixed-points.nix;
    generators = ./generators.nix;
    lists = ./lists.nix;
    meta = ./meta.nix;
    modules = ./modules.nix;
    options = ./options.nix;
    renames = ./renames.nix;
    shell = ./shell.nix;
    strings = ./strings.nix;
    systems = ./systems.nix;
    trivial = ./trivial.nix;
    versions = ./versions.nix;
  };

  # The parts of nixpkgs' lib; some of them are made of several files here.
  parts =
    removeAttrs files [
      "distance"
      "renames"
      "shell"
    ]
    // {
      modules = files.modules // files.renames;
      strings = files.strings // files.shell // files.distance // versionComparison;
      inherit (files.versions) versions;
      inherit table;
    };
  # Entries of the table that were removed may lie in submodules, which have no assertions.
  table = import ./table.nix (
    lib // { mkRemovedOptionModule = files.renames.mkSoftlyRemovedOptionModule; }
  );
  versionComparison = removeAttrs files.versions [ "versions" ];

  # What may also be called without naming its part, as `lib.mkIf`: all but the names in
  # these lists, which nixpkgs has in the part only. A file that used one of them as `lib.x`
  # would evaluate here and nowhere else.
  flat =
    removeAttrs parts.trivial [
      "codeName"
      "oldestSupportedRelease"
      "versionSuffix"
    ]
    // parts.fixedPoints
    // removeAttrs parts.asserts [
      "assertEachOneOf"
      "checkAssertWarn"
    ]
    // parts.debug
    // removeAttrs parts.strings [
      "commonPrefixLength"
      "commonSuffixLength"
      "escapeNixIdentifier"
      "escapeNixString"
      "floatToString"
      "isConvertibleWithToString"
      "levenshtein"
      "levenshteinAtMost"
      "nixKeywords"
      "sanitizeDerivationName"
    ]
    // removeAttrs parts.lists [
      "commonPrefix"
      "findFirstIndex"
      "hasPrefix"
      "removePrefix"
    ]
    // removeAttrs parts.attrsets [
      "longestValidPathPrefix"
      "unionOfDisjoint"
    ]
    // versionComparison
    // removeAttrs parts.options [
      "literalCode"
      "mdDoc"
      "showDefs"
    ]
    // removeAttrs parts.modules [
      "mkSoftlyRemovedOptionModule"
      "defaultOrderPriority"
      "defaultOverridePriority"
      "discharge"
      "importApply"
      "importJSON"
      "importTOML"
      "mapDefinitionValue"
      "mergeAttrDefinitionsWithPrio"
      "mkAliasAndWrapDefsWithPriority"
      "pushDown"
    ]
    // parts.customisation
    // removeAttrs parts.meta [
      "availableOn"
      "defaultPriority"
      "platformMatch"
    ];

  lib =
    parts
    // flat
    // {
      inherit (builtins)
        dirOf
        baseNameOf
        isPath
        tryEval
        typeOf
        ;
      inherit (parts.generators) mkLuaInline;
      inherit (lib.types)
        defaultFunctor
        defaultTypeMerge
        isOptionType
        isType
        mkOptionType
        setType
        ;
      types = import ./types lib;
      licenses = import ./licenses.nix;
    };
in
lib
