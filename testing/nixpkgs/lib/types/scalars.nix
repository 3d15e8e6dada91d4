# Booleans, numbers and values that nobody looks into.
lib:
{ mkOptionType, types, ... }:
let
  between =
    {
      name,
      description,
      low,
      high ? null,
    }:
    types.addCheck types.int (x: x >= low && (high == null || x <= high))
    // {
      inherit name description;
    };

  unsigned =
    bits: high:
    between {
      name = "unsignedInt${toString bits}";
      description = "${toString bits} bit unsigned integer; between 0 and ${toString high} (both inclusive)";
      low = 0;
      inherit high;
    };

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
  # TYPE with a further CHECK; it is no longer the same type as any other.
  addCheck = type: check: type // { check = x: type.check x && check x; };

  bool = noun "bool" "boolean" lib.isBool lib.mergeEqualOption;
  int = noun "int" "signed integer" lib.isInt lib.mergeEqualOption;
  float = noun "float" "floating point number" lib.isFloat lib.mergeEqualOption;
  number = types.either int float;

  ints = {
    between =
      low: high:
      assert low <= high;
      between {
        name = "intBetween";
        description = "integer between ${toString low} and ${toString high} (both inclusive)";
        inherit low high;
      };
    unsigned =
      between {
        name = "unsignedInt";
        description = "unsigned integer, meaning >=0";
        low = 0;
      }
      // {
        descriptionClass = "nonRestrictiveClause";
      };
    positive =
      between {
        name = "positiveInt";
        description = "positive integer, meaning >0";
        low = 1;
      }
      // {
        descriptionClass = "nonRestrictiveClause";
      };
    u8 = unsigned 8 255;
    u16 = unsigned 16 65535;
    u32 = unsigned 32 4294967295;
  };
  port = ints.u16;

  raw = noun "raw" "raw value" (_: true) lib.mergeOneOption;
  unspecified = noun "unspecified" "unspecified value" (_: true) lib.mergeDefaultOption;
  optionType = noun "optionType" "optionType" types.isOptionType lib.mergeOneOption;

  # Whatever it is: sets are merged name by name, lists joined, all else must be equal.
  anything = noun "anything" "anything" (_: true) (
    loc: defs:
    let
      kinds = lib.unique (map (def: kind def.value) defs);
      kind = x: if x ? outPath || x ? __toString then "stringCoercibleSet" else builtins.typeOf x;
      merge =
        {
          set = (types.lazyAttrsOf anything).merge;
          list = (types.listOf anything).merge;
          lambda =
            loc: defs: x:
            anything.merge (loc ++ [ "<function body>" ]) (
              map (def: def // { value = def.value x; }) defs
            );
          stringCoercibleSet = lib.mergeOneOption;
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
