# Text out of values: what error messages show, and the formats of configuration files.
lib:
let
  indent = "  ";

  string =
    text:
    if lib.hasInfix "\n" text then
      let
        escaped = lib.replaceStrings [ "''" "\${" ] [ "'''" "''\${" ] text;
        lines = lib.splitString "\n" escaped;
      in
      prefix:
      "''\n"
      + lib.concatMapStrings (line: "${prefix}${indent}${line}\n") (lib.init lines)
      + "${prefix}${lib.optionalString (lib.last lines != "") "${indent}${lib.last lines}"}''"
    else
      _prefix: lib.escapeNixString text;
in
rec {
  # VALUE as Nix text over several lines; what lies deeper than DEPTHLIMIT is not looked at.
  toPretty =
    {
      depthLimit ? 100,
      multiline ? true,
    }:
    let
      block =
        prefix: open: close: items:
        if items == [ ] then
          "${open} ${close}"
        else if multiline then
          "${open}\n"
          + lib.concatMapStrings (item: "${prefix}${indent}${item}\n") items
          + "${prefix}${close}"
        else
          "${open} ${lib.concatStringsSep " " items} ${close}";

      show =
        depth: prefix: value:
        let
          inner = show (depth + 1) (prefix + indent);
          type = builtins.typeOf value;
        in
        if depth > depthLimit then
          "<unevaluated>"
        else if type == "string" then
          string value prefix
        else if type == "bool" then
          lib.boolToString value
        else if type == "null" then
          "null"
        else if type == "lambda" then
          "<function>"
        else if type == "list" then
          block prefix "[" "]" (map inner value)
        else if lib.isDerivation value then
          "<derivation ${value.name or "???"}>"
        else if type == "set" then
          block prefix "{" "}" (
            lib.mapAttrsToList (name: x: "${lib.escapeNixIdentifier name} = ${inner x};") value
          )
        else
          toString value;
    in
    show 0 "";

  toJSON = _options: builtins.toJSON;

  mkValueStringDefault =
    _options: value:
    if lib.isBool value then
      lib.boolToString value
    else if value == null then
      "null"
    else
      toString value;

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
    options: sections:
    lib.concatMapAttrsStringSep "\n" (
      name: section: "[${lib.escape [ "[" "]" ] name}]\n${toKeyValue options section}"
    ) sections;
}
