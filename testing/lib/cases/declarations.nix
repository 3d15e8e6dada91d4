# What an option is that is declared twice.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  # What two declarations of an option become.
  both =
    a: b:
    let
      merged = types.mergeTypes a b;
    in
    merged.description or merged;
  cannot = {
    _type = "merge-error";
    error = "Cannot merge types";
  };
  coerced = types.coercedTo types.int toString types.str;
  tagged = name: types.attrTag { ${name} = mkOption { type = types.int; }; };
in
{
  declaredTwice = {
    expr = {
      attrs = both (types.attrsOf types.int) (types.attrsOf types.int);
      attrsOfOther = both (types.attrsOf types.int) (types.attrsOf types.str);
      coerced = both coerced coerced;
      either = both (types.either types.int types.str) (types.either types.int types.str);
      enum = both (types.enum [
        "a"
        "b"
      ]) (types.enum [
        "b"
        "c"
      ]);
      int = both types.int types.int;
      lazy = both (types.attrsOf types.int) (types.lazyAttrsOf types.int);
      lines = both types.lines types.lines;
      linesAndCommas = both types.lines types.commas;
      list = both (types.listOf types.int) (types.listOf types.int);
      matching = both (types.strMatching "a") (types.strMatching "a");
      matchingOther = both (types.strMatching "a") (types.strMatching "b");
      nullOr = both (types.nullOr types.str) (types.nullOr types.str);
      other = both types.int types.str;
      path = both types.path types.path;
      pathOther = both types.path types.pathInStore;
      # What was added is lost.
      port = both types.port types.port;
      tagged = both (tagged "a") (tagged "b");
      uniq = both (types.uniq types.int) (types.uniq types.int);
    };
    expected = {
      attrs = "attribute set of signed integer";
      attrsOfOther = cannot;
      coerced = cannot;
      either = "signed integer or string";
      enum = "one of \"a\", \"b\", \"c\"";
      int = "signed integer";
      lazy = cannot;
      lines = "strings concatenated with \"\\n\"";
      linesAndCommas = cannot;
      list = "list of signed integer";
      matching = "string matching the pattern a";
      matchingOther = cannot;
      nullOr = "null or string";
      other = cannot;
      path = "absolute path";
      pathOther = cannot;
      port = "signed integer";
      tagged = "attribute-tagged union with choices: a, b";
      uniq = "signed integer";
    };
  };
}
