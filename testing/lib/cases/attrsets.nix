# Functions of attribute sets.
{ lib, ... }:
let
  nested = {
    a = {
      b = 1;
      c.d = 2;
    };
    e = 3;
  };
  fails = value: !(builtins.tryEval (builtins.deepSeq value value)).success;
in
{
  mapAttrs' = {
    expr = lib.mapAttrs' (n: v: lib.nameValuePair "x${n}" (v + 1)) { a = 1; };
    expected.xa = 2;
  };
  filterAttrs = {
    expr = lib.filterAttrs (_: v: v > 1) {
      a = 1;
      b = 2;
    };
    expected.b = 2;
  };
  genAttrs = {
    expr = lib.genAttrs [
      "a"
      "b"
    ] lib.toUpper;
    expected = {
      a = "A";
      b = "B";
    };
  };
  genAttrs' = {
    expr = lib.genAttrs' [ "a" ] (n: lib.nameValuePair "${n}1" n);
    expected.a1 = "a";
  };
  concatMapAttrs = {
    expr = lib.concatMapAttrs (n: v: {
      ${n} = v;
      "${n}1" = v;
    }) { a = 1; };
    expected = {
      a = 1;
      a1 = 1;
    };
  };
  foldlAttrs = {
    expr = lib.foldlAttrs (acc: n: v: "${acc}${n}${toString v}") "" {
      b = 2;
      a = 1;
    };
    expected = "a1b2";
  };
  foldAttrs = {
    expr = lib.foldAttrs (x: acc: [ x ] ++ acc) [ ] [
      { a = 1; }
      {
        a = 2;
        b = 3;
      }
    ];
    expected = {
      a = [
        1
        2
      ];
      b = [ 3 ];
    };
  };
  mapAttrsToList = {
    expr = lib.mapAttrsToList (n: v: "${n}${toString v}") {
      a = 1;
      b = 2;
    };
    expected = [
      "a1"
      "b2"
    ];
  };
  attrsToList = {
    expr = lib.attrsToList { a = 1; };
    expected = [ {
      name = "a";
      value = 1;
    } ];
  };
  zipAttrsWith = {
    expr = lib.zipAttrsWith (n: vs: "${n}${toString vs}") [
      { a = 1; }
      {
        a = 2;
        b = 3;
      }
    ];
    expected = {
      a = "a1 2";
      b = "b3";
    };
  };
  zipAttrs = {
    expr = lib.zipAttrs [
      { a = 1; }
      { a = 2; }
    ];
    expected.a = [
      1
      2
    ];
  };
  cartesianProduct = {
    expr = lib.cartesianProduct {
      a = [
        1
        2
      ];
      b = [
        3
        4
      ];
    };
    expected = [
      {
        a = 1;
        b = 3;
      }
      {
        a = 1;
        b = 4;
      }
      {
        a = 2;
        b = 3;
      }
      {
        a = 2;
        b = 4;
      }
    ];
  };
  mapCartesianProduct = {
    expr = lib.mapCartesianProduct ({ a, b }: a + b) {
      a = [
        1
        2
      ];
      b = [ 3 ];
    };
    expected = [
      4
      5
    ];
  };
  getAttrs = {
    expr = lib.getAttrs [ "e" ] nested;
    expected.e = 3;
  };
  attrVals = {
    expr = lib.attrVals [ "e" ] nested;
    expected = [ 3 ];
  };
  catAttrs = {
    expr = lib.catAttrs "a" [
      { a = 1; }
      { b = 2; }
    ];
    expected = [ 1 ];
  };
  mergeAttrsList = {
    expr = lib.mergeAttrsList [
      { a = 1; }
      { a = 2; }
    ];
    expected.a = 2;
  };
  matchAttrs = {
    expr = map (lib.matchAttrs { a.b = 1; }) [
      nested
      { a.b = 2; }
      { }
    ];
    expected = [
      true
      false
      false
    ];
  };
  overrideExisting = {
    expr = lib.overrideExisting { a = 1; } {
      a = 2;
      b = 3;
    };
    expected.a = 2;
  };
  optionalAttrs = {
    expr = [
      (lib.optionalAttrs true { a = 1; })
      (lib.optionalAttrs false (throw "a"))
    ];
    expected = [
      { a = 1; }
      { }
    ];
  };
  recurseIntoAttrs = {
    expr = lib.recurseIntoAttrs { };
    expected.recurseForDerivations = true;
  };
  unionOfDisjoint = {
    expr = [
      (lib.attrsets.unionOfDisjoint { a = 1; } { b = 2; })
      (fails (lib.attrsets.unionOfDisjoint { a = 1; } { a = 2; }))
    ];
    expected = [
      {
        a = 1;
        b = 2;
      }
      true
    ];
  };
}
