# Text out of values: the formats of configuration files. Nix itself is in pretty.nix, Lua in
# lua.nix.
lib:
let
  unsupported =
    what: value:
    abort "generators.mkValueStringDefault: ${what} not supported: ${lib.generators.toPretty { } value}";

  # Section names of git: a.b.c is [a "b.c"].
  gitSection =
    name:
    let
      parts = lib.splitString "." name;
    in
    if lib.hasInfix "\"" name || lib.length parts == 1 then
      name
    else
      ''${lib.head parts} "${lib.concatStringsSep "." (lib.tail parts)}"'';

  gitString =
    value:
    if lib.isString value then
      let
        escaped =
          lib.replaceStrings
            [ "\n" "\t" "\"" "\\" ]
            [ "\\n" "\\t" "\\\"" "\\\\" ]
            value;
      in
      "\"${escaped}\""
    else
      value;

  # { a.b.c = 1; } → { "a.b".c = 1; }
  flattenSections =
    let
      isSection = value: lib.isAttrs value && !lib.isDerivation value;
      leaves =
        path: value:
        if isSection value then
          lib.concatMap (name: leaves (path ++ [ name ]) value.${name}) (lib.attrNames value)
        else
          [
            (
              if lib.length path == 1 then
                { ${lib.head path} = value; }
              else
                { ${lib.concatStringsSep "." (lib.init path)}.${lib.last path} = value; }
            )
          ];
      isDeep = value: lib.isAttrs value && lib.any isSection (lib.attrValues value);
    in
    sections:
    let
      deep = lib.filterAttrs (_: isDeep) sections;
    in
    lib.foldl' lib.recursiveUpdate (removeAttrs sections (lib.attrNames deep)) (leaves [ ] deep);
in
rec {
  mkValueStringDefault =
    { }:
    value:
    if lib.isInt value || lib.isDerivation value then
      toString value
    else if lib.isString value then
      value
    else if lib.isBool value then
      lib.boolToString value
    else if value == null then
      "null"
    else if lib.isFloat value then
      lib.strings.floatToString value
    else if lib.isList value then
      unsupported "lists" value
    else if lib.isAttrs value then
      unsupported "attrsets" value
    else if lib.isFunction value then
      unsupported "functions" value
    else
      unsupported "this value is" (toString value);

  mkKeyValueDefault =
    {
      mkValueString ? mkValueStringDefault { },
    }:
    separator: key: value:
    "${lib.escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    let
      line = key: value: "${indent}${mkKeyValue key value}\n";
      lines =
        key: value:
        if listsAsDuplicateKeys && lib.isList value then
          lib.concatMapStrings (line key) value
        else
          line key value;
    in
    attrs: lib.concatStrings (lib.mapAttrsToList lines attrs);

  toINI =
    {
      mkSectionName ? lib.escape [
        "["
        "]"
      ],
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    lib.concatMapAttrsStringSep "\n" (
      name: section:
      "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } section
    );

  toINIWithGlobalSection =
    {
      mkSectionName ? lib.escape [
        "["
        "]"
      ],
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }@options:
    {
      globalSection,
      sections ? { },
    }:
    lib.optionalString (globalSection != { }) (
      toKeyValue (removeAttrs options [ "mkSectionName" ]) globalSection + "\n"
    )
    + toINI options sections;

  toGitINI =
    sections:
    let
      entry = mkKeyValueDefault { mkValueString = value: mkValueStringDefault { } (gitString value); } " = ";
      lines = key: value: lib.concatMapStringsSep "\n" (x: "\t${entry key x}") (lib.toList value);
    in
    toINI {
      mkSectionName = gitSection;
      mkKeyValue = lines;
    } (flattenSections sections);

  toJSON = { }: builtins.toJSON;
  # JSON is YAML.
  toYAML = { }: builtins.toJSON;

  inherit (import ./pretty.nix lib) toPretty withRecursion;
  inherit (import ./lua.nix lib) mkLuaInline toLua;
}
