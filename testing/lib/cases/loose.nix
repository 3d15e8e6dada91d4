# Types of values that are not looked into, or not much.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  # The value of an option of TYPE with DEFINITIONS, the first of which comes first.
  value =
    type: definitions:
    (lib.evalModules {
      modules = [
        { options.x = mkOption { inherit type; }; }
      ]
      ++ lib.reverseList (map (x: { config = { inherit x; }; }) definitions);
    }).config.x;

  storePath = "${builtins.storeDir}/00000000000000000000000000000000-thing";
  package = {
    type = "derivation";
    name = "thing";
    outPath = storePath;
  };
in
{
  raw = {
    expr = value types.raw [ { a = lib.mkIf false 1; } ];
    expected.a = lib.mkIf false 1;
  };
  anything = {
    expr = [
      (value types.anything [
        { a.b = 1; }
        { a.c = 2; }
        { a.b = 1; }
      ])
      (value types.anything [
        [ 1 ]
        [ 1 ]
      ])
      (value types.anything [
        (x: { a = x; })
        (x: { b = x; })
      ] 1)
      (value types.anything [
        {
          a = lib.mkIf false 1;
          b = lib.mkDefault 1;
        }
        { b = 2; }
      ])
    ];
    expected = [
      { a = {
        b = 1;
        c = 2;
      }; }
      [ 1 ]
      {
        a = 1;
        b = 1;
      }
      { b = 2; }
    ];
  };
  unspecified = {
    expr = [
      (value types.unspecified [
        [ 1 ]
        [ 2 ]
      ])
      (value types.unspecified [
        "a"
        "b"
      ])
      (value types.unspecified [
        { a = 1; }
        { b = 2; }
      ])
      (value types.unspecified [
        true
        false
      ])
      (value types.unspecified [
        1
        1
      ])
    ];
    expected = [
      [
        1
        2
      ]
      "ab"
      {
        a = 1;
        b = 2;
      }
      true
      1
    ];
  };
  package = {
    expr = (value types.package [ package ]).name;
    expected = "thing";
  };
  uniqueOfOne = {
    expr = value (types.uniq (types.listOf types.int)) [ [ 1 ] ];
    expected = [ 1 ];
  };
  emptyValues = {
    expr = map (type: type.emptyValue) [
      (types.attrsOf types.int)
      (types.listOf types.int)
      (types.nullOr types.int)
      types.int
      (types.nonEmptyListOf types.int)
      types.attrs
    ];
    expected = [
      { value = { }; }
      { value = [ ]; }
      { value = null; }
      { }
      { }
      { value = { }; }
    ];
  };
  ownType = {
    expr = value (types.mkOptionType {
      name = "sum";
      check = lib.isInt;
      merge = _loc: defs: lib.foldl' lib.add 0 (lib.getValues defs);
    }) [
      1
      2
      3
    ];
    expected = 6;
  };
  json = {
    expr = [
      (value types.json [
        { a = [
          1
          "b"
          null
          { c = 1.5; }
        ]; }
        { d = true; }
      ])
      types.json.description
      types.toml.description
    ];
    expected = [
      {
        a = [
          1
          "b"
          null
          { c = 1.5; }
        ];
        d = true;
      }
      "JSON value"
      "TOML value"
    ];
  };
}
