# TOML out of values. Sets are tables, lists of sets arrays of tables; what stands inside of a
# list is written inline.
lib:
let
  key = name: if lib.match "[A-Za-z0-9_-]+" name != null then name else builtins.toJSON name;
  keys = lib.concatMapStringsSep "." key;

  isTable = value: lib.isAttrs value && !lib.isStringLike value;
  isTables = value: lib.isList value && value != [ ] && lib.all isTable value;

  inline =
    value:
    if value == null then
      throw "TOML has no null"
    else if lib.isList value then
      "[${lib.concatMapStringsSep ", " inline value}]"
    else if isTable value then
      "{ ${lib.concatMapAttrsStringSep ", " pair value} }"
    else if lib.isStringLike value then
      builtins.toJSON "${value}"
    else
      builtins.toJSON value;
  pair = name: value: "${key name} = ${inline value}";

  # The lines of TABLE, which has the place PATH: first its own values, as a header ends them.
  lines =
    path: table:
    let
      nested = lib.filterAttrs (_: value: isTable value || isTables value) table;
      below =
        name: value:
        let
          here = path ++ [ name ];
        in
        if isTable value then
          section "[${keys here}]" here value
        else
          lib.concatMap (section "[[${keys here}]]" here) value;
      section =
        header: here: table:
        [ header ] ++ lines here table;
    in
    lib.mapAttrsToList pair (removeAttrs table (lib.attrNames nested))
    ++ lib.concatLists (lib.mapAttrsToList below nested);
in
table: lib.concatLines (lines [ ] table)
