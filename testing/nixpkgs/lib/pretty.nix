# Values as Nix text over several lines, as error messages and manuals show them.
lib:
let
  showString =
    multiline: open: close: text:
    let
      lines = lib.splitString "\n" text;
      escaped = map (
        lib.replaceStrings [ "\${" "''" ] [ "''\${" "'''" ]
      ) lines;
      last = lib.last escaped;
      one = lib.concatMapStringsSep "\\n" (
        lib.escape [
          "\\"
          "\""
          "\${"
        ]
      ) lines;
    in
    if multiline && lib.length lines > 1 then
      "''${open}${lib.concatStringsSep open (lib.init escaped)}${
        if last == "" then close else open + last
      }''"
    else
      "\"${one}\"";

  showFunction =
    f:
    let
      show = name: optional: name + lib.optionalString optional "?";
      args = lib.mapAttrsToList show (lib.functionArgs f);
    in
    if args == [ ] then "<function>" else "<function, args: {${lib.concatStringsSep ", " args}}>";
in
{
  toPretty =
    {
      allowPrettyValues ? false,
      multiline ? true,
      indent ? "",
    }:
    let
      show =
        indent: value:
        let
          open = if multiline then "\n${indent}  " else " ";
          close = if multiline then "\n${indent}" else " ";
          inner = show (indent + "  ");
          block =
            left: right: items:
            "${left}${open}${lib.concatStringsSep open items}${close}${right}";
          entry =
            name: x:
            "${lib.strings.escapeNixIdentifier name} = ${
              builtins.addErrorContext "while evaluating an attribute `${name}`" (inner x)
            };";
        in
        if lib.isFloat value then
          builtins.toJSON value
        else if lib.isString value then
          showString multiline open close value
        else if lib.isBool value then
          lib.boolToString value
        else if value == null then
          "null"
        else if lib.isFunction value then
          showFunction value
        else if lib.isList value then
          if value == [ ] then "[ ]" else block "[" "]" (map inner value)
        else if !lib.isAttrs value then
          toString value
        else if allowPrettyValues && value ? __pretty && value ? val then
          value.__pretty value.val
        else if value == { } then
          "{ }"
        else if lib.isDerivation value then
          "<derivation ${value.name or "???"}>"
        else
          block "{" "}" (lib.mapAttrsToList entry value);
    in
    show indent;

  # VALUE, but what lies deeper than DEPTHLIMIT is not looked at.
  withRecursion =
    {
      depthLimit,
      throwOnDepthLimit ? true,
    }:
    let
      special = [
        "__functor"
        "__functionArgs"
        "__toString"
        "__pretty"
      ];
      cut =
        depth: value:
        if depthLimit == null || depth <= depthLimit then
          value
        else if throwOnDepthLimit then
          throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!"
        else
          "<unevaluated>";
      walk =
        depth: value:
        let
          next = x: walk (depth + 1) (cut (depth + 1) x);
        in
        if lib.isAttrs value then
          lib.mapAttrs (name: x: if lib.elem name special then x else next x) value
        else if lib.isList value then
          map next value
        else
          cut (depth + 1) value;
    in
    walk 0;
}
