# Values as Lua text.
lib: rec {
  mkLuaInline = expr: {
    _type = "lua-inline";
    inherit expr;
  };

  toLua =
    {
      multiline ? true,
      indent ? "",
      asBindings ? false,
    }@options:
    value:
    let
      innerIndent = "${indent}  ";
      open = if multiline then "\n${innerIndent}" else " ";
      close = if multiline then "\n${indent}" else " ";
      inner = toLua (
        options
        // {
          indent = if asBindings then indent else innerIndent;
          asBindings = false;
        }
      );
      block = items: "{${open}${lib.concatStringsSep ",${open}" items}${close}}";
      word = "[[:alpha:]_][[:alnum:]_]*";
      isName = name: lib.match "${word}(\\.${word})*" name != null;
      bad = lib.filter (name: !isName name) (lib.attrNames value);
    in
    if asBindings then
      assert lib.assertMsg (bad == [ ]) "Bad Lua var names: ${lib.generators.toPretty { } bad}";
      lib.concatStrings (lib.mapAttrsToList (name: x: "${indent}${name} = ${inner x}\n") value)
    else if value == null then
      "nil"
    else if lib.isPath value || lib.isDerivation value then
      builtins.toJSON "${value}"
    else if lib.isList value then
      if value == [ ] then "{}" else block (map inner value)
    else if !lib.isAttrs value then
      builtins.toJSON value
    else if value._type or null == "lua-inline" then
      "(${value.expr})"
    else if value == { } then
      "{}"
    else
      block (lib.mapAttrsToList (name: x: "[${builtins.toJSON name}] = ${inner x}") value);
}
