# What types are called, in errors and manuals.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  tagged = types.attrTag {
    number = mkOption { type = types.int; };
    word = mkOption {
      type = types.str;
      apply = lib.toUpper;
    };
  };
in
{
  descriptions = {
    expr = lib.mapAttrs (_: type: type.description) {
      inherit (types)
        anything
        attrs
        bool
        boolByOr
        commas
        deferredModule
        float
        int
        lines
        luaInline
        nonEmptyStr
        number
        package
        path
        pathInStore
        pkgs
        port
        raw
        singleLineStr
        str
        unspecified
        ;
      attrsOf = types.attrsOf types.str;
      between = types.ints.between 1 3;
      coerced = types.coercedTo types.int toString types.str;
      deep = types.attrsOf (types.nullOr (types.listOf types.int));
      either = types.either types.int types.str;
      eitherClause = types.either types.ints.positive (types.enum [
        "a"
        "b"
      ]);
      enum = types.enum [
        "a"
        1
        true
        null
      ];
      enumOfNone = types.enum [ ];
      enumOfOne = types.enum [ "a" ];
      external = types.externalPath;
      function = types.functionTo types.int;
      lazy = types.lazyAttrsOf (types.listOf types.str);
      listOfEither = types.listOf (types.either types.int types.str);
      matching = types.strMatching "a+";
      nonEmptyList = types.nonEmptyListOf types.int;
      nullOr = types.nullOr types.int;
      nullOrList = types.nullOr (types.listOf types.int);
      numbers = types.numbers.between 0.5 2;
      oneOf = types.oneOf [
        types.int
        types.str
        types.bool
      ];
      passwd = types.passwdEntry types.str;
      positive = types.ints.positive;
      s8 = types.ints.s8;
      separated = types.separatedString " ";
      tagged = tagged;
      u32 = types.ints.u32;
      uniq = types.uniq types.int;
      unsigned = types.ints.unsigned;
    };
    expected = {
      anything = "anything";
      attrs = "attribute set";
      attrsOf = "attribute set of string";
      between = "integer between 1 and 3 (both inclusive)";
      bool = "boolean";
      boolByOr = "boolean (merged using or)";
      coerced = "string or signed integer convertible to it";
      commas = "strings concatenated with \",\"";
      deep = "attribute set of (null or (list of signed integer))";
      deferredModule = "module";
      either = "signed integer or string";
      eitherClause = "positive integer, meaning >0, or one of \"a\", \"b\"";
      enum = "one of \"a\", 1, true, <null>";
      enumOfNone = "impossible (empty enum)";
      enumOfOne = "value \"a\" (singular enum)";
      external = "absolute path not in the Nix store";
      float = "floating point number";
      function = "function that evaluates to a(n) signed integer";
      int = "signed integer";
      lazy = "lazy attribute set of list of string";
      lines = "strings concatenated with \"\\n\"";
      listOfEither = "list of (signed integer or string)";
      luaInline = "inline lua";
      matching = "string matching the pattern a+";
      nonEmptyList = "non-empty (list of signed integer)";
      nonEmptyStr = "non-empty string";
      nullOr = "null or signed integer";
      nullOrList = "null or (list of signed integer)";
      number = "signed integer or floating point number";
      numbers = "integer or floating point number between 0.5 and 2 (both inclusive)";
      oneOf = "signed integer or string or boolean";
      package = "package";
      passwd = "string, not containing newlines or colons";
      path = "absolute path";
      pathInStore = "path in the Nix store";
      pkgs = "Nixpkgs package set";
      port = "16 bit unsigned integer; between 0 and 65535 (both inclusive)";
      positive = "positive integer, meaning >0";
      raw = "raw value";
      s8 = "8 bit signed integer; between -128 and 127 (both inclusive)";
      separated = "strings concatenated with \" \"";
      singleLineStr = "(optionally newline-terminated) single-line string";
      str = "string";
      tagged = "attribute-tagged union with choices: number, word";
      u32 = "32 bit unsigned integer; between 0 and 4294967295 (both inclusive)";
      uniq = "signed integer";
      unsigned = "unsigned integer, meaning >=0";
      unspecified = "unspecified value";
    };
  };
  names = {
    expr = map (type: type.name) [
      types.port
      types.ints.positive
      (types.ints.between 1 2)
      (types.lazyAttrsOf types.int)
      (types.strMatching "a\"")
      types.path
      types.lines
    ];
    expected = [
      "unsignedInt16"
      "positiveInt"
      "intBetween"
      "lazyAttrsOf"
      "strMatching \"a\\\"\""
      "path"
      "separatedString"
    ];
  };
}
