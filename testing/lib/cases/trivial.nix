# Functions that belong to no type.
{ lib, ... }:
let
  fails = value: !(builtins.tryEval (builtins.deepSeq value value)).success;
in
{
  numbers = {
    expr = [
      (lib.min 1 2)
      (lib.max 1 2)
      (lib.mod 7 3)
      (lib.mod (-7) 3)
      (lib.compare 1 2)
    ];
    expected = [
      1
      2
      1
      (-1)
      (-1)
    ];
  };
  functions = {
    expr = [
      (lib.id 1)
      (lib.const 1 2)
      (lib.flip lib.sub 1 3)
      (lib.pipe 1 [
        (lib.add 1)
        toString
      ])
    ];
    expected = [
      1
      1
      2
      "2"
    ];
  };
  booleans = {
    expr = [
      (lib.xor true false)
      (lib.boolToString true)
      (lib.boolToYesNo false)
    ];
    expected = [
      true
      "true"
      "no"
    ];
  };
  null' = {
    expr = [
      (lib.defaultTo 1 null)
      (lib.defaultTo 1 2)
      (lib.mapNullable toString null)
      (lib.mapNullable toString 1)
    ];
    expected = [
      1
      2
      null
      "1"
    ];
  };
  imports = {
    expr = [
      (lib.importJSON ./modules/data.json)
      (lib.importTOML ./modules/data.toml)
    ];
    expected = [
      { text = "json"; }
      { text = "toml"; }
    ];
  };
  throwIf = {
    expr = [
      (lib.throwIf false "a" 1)
      (fails (lib.throwIf true "a" 1))
      (fails (lib.throwIfNot false "a" 1))
    ];
    expected = [
      1
      true
      true
    ];
  };
  assertMsg = {
    expr = [
      (lib.assertMsg true "a")
      (fails (lib.assertMsg false "a"))
    ];
    expected = [
      true
      true
    ];
  };
  assertOneOf = {
    expr = [
      (lib.assertOneOf "x" 1 [
        1
        2
      ])
      (fails (lib.assertOneOf "x" 3 [
        1
        2
      ]))
    ];
    expected = [
      true
      true
    ];
  };
  warnIf = {
    expr = lib.warnIf false "a" 1;
    expected = 1;
  };
  traceIf = {
    expr = lib.traceIf false "a" 1;
    expected = 1;
  };
  showWarnings = {
    expr = lib.showWarnings [ ] 1;
    expected = 1;
  };
  fix = {
    expr = (lib.fix (self: {
      a = 1;
      b = self.a + 1;
    })).b;
    expected = 2;
  };
  overlays = {
    expr = lib.fix (lib.extends (lib.composeManyExtensions [
      (final: prev: { b = prev.a + 1; })
      (_: prev: { c = prev.b + 1; })
    ]) (_: { a = 1; }));
    expected = {
      a = 1;
      b = 2;
      c = 3;
    };
  };
  makeExtensible = {
    expr = ((lib.makeExtensible (self: {
      a = 1;
      b = self.a;
    })).extend (_: _: { a = 2; })).b;
    expected = 2;
  };
  converge = {
    expr = lib.converge (x: x / 2) 9;
    expected = 0;
  };
  functionArgs = {
    expr = lib.functionArgs (lib.setFunctionArgs (x: x) { a = true; });
    expected.a = true;
  };
  isFunction = {
    expr = map lib.isFunction [
      (x: x)
      { __functor = _: x: x; }
      1
    ];
    expected = [
      true
      true
      false
    ];
  };
  toFunction = {
    expr = map (f: lib.toFunction f 1) [
      2
      (x: x + 2)
    ];
    expected = [
      2
      3
    ];
  };
  hex = {
    expr = [
      (lib.toHexString 255)
      (lib.fromHexString "ff")
      (lib.toBaseDigits 2 5)
    ];
    expected = [
      "FF"
      255
      [
        1
        0
        1
      ]
    ];
  };
  foldl = {
    expr = lib.foldl' lib.mergeAttrs { } [
      { a = 1; }
      { b = 2; }
    ];
    expected = {
      a = 1;
      b = 2;
    };
  };
  isType = {
    expr = [
      (lib.isType "option" { _type = "option"; })
      (lib.isType "option" { })
    ];
    expected = [
      true
      false
    ];
  };
}
