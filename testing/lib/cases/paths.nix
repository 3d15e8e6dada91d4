# Attribute paths, and sets in sets.
{ lib, ... }:
let
  nested = {
    a = {
      b = 1;
      c.d = 2;
    };
    e = 3;
  };
in
{
  attrByPath = {
    expr = map (path: lib.attrByPath path 0 nested) [
      [
        "a"
        "b"
      ]
      [
        "a"
        "x"
      ]
      [
        "e"
        "x"
      ]
      [ ]
    ];
    expected = [
      1
      0
      0
      nested
    ];
  };
  hasAttrByPath = {
    expr = map (path: lib.hasAttrByPath path nested) [
      [
        "a"
        "b"
      ]
      [
        "a"
        "x"
      ]
      [
        "e"
        "x"
      ]
      [ ]
    ];
    expected = [
      true
      false
      false
      true
    ];
  };
  setAttrByPath = {
    expr = lib.setAttrByPath [
      "a"
      "b"
    ] 1;
    expected.a.b = 1;
  };
  getAttrFromPath = {
    expr = lib.getAttrFromPath [
      "a"
      "b"
    ] nested;
    expected = 1;
  };
  longestValidPathPrefix = {
    expr = lib.attrsets.longestValidPathPrefix [
      "a"
      "c"
      "x"
      "y"
    ] nested;
    expected = [
      "a"
      "c"
    ];
  };
  showAttrPath = {
    expr = lib.showAttrPath [
      "a"
      "b.c"
    ];
    expected = "a.\"b.c\"";
  };
  filterAttrsRecursive = {
    expr = lib.filterAttrsRecursive (n: _: n != "b") nested;
    expected = {
      a.c.d = 2;
      e = 3;
    };
  };
  mapAttrsRecursive = {
    expr = lib.mapAttrsRecursive (path: v: lib.concatStrings path + toString v) nested;
    expected = {
      a = {
        b = "ab1";
        c.d = "acd2";
      };
      e = "e3";
    };
  };
  mapAttrsRecursiveCond = {
    expr = lib.mapAttrsRecursiveCond (v: !(v ? d)) (path: _: lib.last path) nested;
    expected = {
      a = {
        b = "b";
        c = "c";
      };
      e = "e";
    };
  };
  mapAttrsToListRecursive = {
    expr = lib.mapAttrsToListRecursive (path: v: lib.concatStringsSep "." path + toString v) nested;
    expected = [
      "a.b1"
      "a.c.d2"
      "e3"
    ];
  };
  collect = {
    expr = lib.collect lib.isInt nested;
    expected = [
      1
      2
      3
    ];
  };
  recursiveUpdate = {
    expr = lib.recursiveUpdate nested {
      a.b = 2;
      e.f = 1;
    };
    expected = {
      a = {
        b = 2;
        c.d = 2;
      };
      e.f = 1;
    };
  };
  recursiveUpdateUntil = {
    expr = lib.recursiveUpdateUntil (path: _: _: path == [
      "a"
      "c"
    ]) nested { a.c.x = 1; };
    expected = {
      a = {
        b = 1;
        c.x = 1;
      };
      e = 3;
    };
  };
  updateManyAttrsByPath = {
    expr = lib.updateManyAttrsByPath [
      {
        path = [
          "a"
          "b"
        ];
        update = old: old + 10;
      }
      {
        path = [ "a" ];
        update = old: old // { x = old.b; };
      }
      {
        path = [
          "new"
          "one"
        ];
        update = _: 1;
      }
    ] nested;
    expected = {
      a = {
        b = 11;
        c.d = 2;
        x = 11;
      };
      e = 3;
      new.one = 1;
    };
  };
}
