# Booleans, numbers and values that nobody looks into.
lib:
{ mkOptionType, types, ... }:
let
  inherit (types) addCheck;

  bounds =
    show: low: high:
    "between ${show low} and ${show high} (both inclusive)";
  within =
    low: high: x:
    x >= low && x <= high;

  # TYPE without some of its numbers: "…, meaning >0".
  clause =
    type: name: description: check:
    addCheck type check
    // {
      inherit name description;
      descriptionClass = "nonRestrictiveClause";
    };

  # The whole numbers that a width in bits can hold.
  sized =
    name: kind: bits: low: high:
    addCheck types.int (within low high)
    // {
      name = "${name}${toString bits}";
      description = "${toString bits} bit ${kind}; ${bounds toString low high}";
    };
  unsigned = bits: size: sized "unsignedInt" "unsigned integer" bits 0 (size - 1);
  signed = bits: size: sized "signedInt" "signed integer" bits (-(size / 2)) (size / 2 - 1);

  noun =
    name: description: check: merge:
    mkOptionType {
      inherit
        name
        description
        check
        merge
        ;
      descriptionClass = "noun";
    };
in
rec {
  bool = noun "bool" "boolean" lib.isBool lib.mergeEqualOption;
  boolByOr = noun "boolByOr" "boolean (merged using or)" lib.isBool (
    _loc: lib.foldl' (result: def: result || def.value) false
  );
  int = noun "int" "signed integer" lib.isInt lib.mergeEqualOption;
  float = noun "float" "floating point number" lib.isFloat lib.mergeEqualOption;
  number = types.either int float;

  ints = {
    between =
      low: high:
      assert lib.assertMsg (low <= high) "ints.between: lowest must be smaller than highest";
      addCheck int (within low high)
      // {
        name = "intBetween";
        description = "integer ${bounds toString low high}";
      };
    unsigned = clause int "unsignedInt" "unsigned integer, meaning >=0" (x: x >= 0);
    positive = clause int "positiveInt" "positive integer, meaning >0" (x: x > 0);
    u8 = unsigned 8 256;
    u16 = unsigned 16 65536;
    u32 = unsigned 32 4294967296;
    s8 = signed 8 256;
    s16 = signed 16 65536;
    s32 = signed 32 4294967296;
  };
  port = ints.u16;

  numbers = {
    between =
      low: high:
      assert lib.assertMsg (low <= high) "numbers.between: lowest must be smaller than highest";
      addCheck number (within low high)
      // {
        name = "numberBetween";
        description = "integer or floating point number ${bounds builtins.toJSON low high}";
      };
    nonnegative =
      clause number "numberNonnegative" "nonnegative integer or floating point number, meaning >=0"
        (x: x >= 0);
    positive =
      clause number "numberPositive" "positive integer or floating point number, meaning >0"
        (x: x > 0);
  };

  raw = noun "raw" "raw value" (_: true) lib.mergeOneOption;
  unspecified = noun "unspecified" "unspecified value" (_: true) lib.mergeDefaultOption;
  # Several types are made one, as those of an option that is declared several times.
  optionType = noun "optionType" "optionType" types.isOptionType (
    loc: defs:
    let
      inherit (lib.modules) fixupOptionType mergeOptionDecls;
      declaration = def: {
        _file = def.file;
        options = lib.mkOption { type = def.value; };
        pos = null;
      };
    in
    if lib.length defs == 1 then
      (lib.head defs).value
    else
      (fixupOptionType loc (mergeOptionDecls loc (map declaration defs))).type
  );
  optionDeclaration = mkOptionType {
    name = "optionDeclaration";
    description = "option declaration";
    descriptionClass = "noun";
    check = x: lib.isOption x && !(x ? value);
  };
  luaInline = noun "luaInline" "inline lua" (x: x._type or null == "lua-inline") lib.mergeEqualOption;

  # Whatever it is: sets are merged name by name, all else must be equal.
  anything = noun "anything" "anything" (_: true) (
    loc: defs:
    let
      kind = x: if lib.isAttrs x && lib.isStringLike x then "package" else builtins.typeOf x;
      kinds = lib.unique (map (def: kind def.value) defs);
      merge =
        {
          set = (types.attrsOf anything).merge;
          lambda =
            loc: defs: x:
            anything.merge (loc ++ [ "<function body>" ]) (
              map (def: def // { value = def.value x; }) defs
            );
          package = lib.mergeOneOption;
        }
        .${lib.head kinds} or lib.mergeEqualOption;
    in
    if lib.length kinds == 1 then
      merge loc defs
    else
      throw "The option `${lib.showOption loc}' has conflicting option types in ${
        lib.showFiles (lib.getFiles defs)
      }"
  );
}
