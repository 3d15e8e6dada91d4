# Lists: order, groups and pairs.
{ lib, ... }:
{
  toList = {
    expr = map lib.toList [
      1
      [ 1 ]
    ];
    expected = [
      [ 1 ]
      [ 1 ]
    ];
  };
  unique = {
    expr = lib.unique [
      1
      2
      1
      3
      2
    ];
    expected = [
      1
      2
      3
    ];
  };
  uniqueStrings = {
    expr = lib.uniqueStrings [
      "b"
      "a"
      "b"
    ];
    expected = [
      "a"
      "b"
    ];
  };
  allUnique = {
    expr = map lib.allUnique [
      [
        1
        2
      ]
      [
        1
        1
      ]
    ];
    expected = [
      true
      false
    ];
  };
  foldr = {
    expr = lib.foldr (x: acc: "${x}(${acc})") "" [
      "a"
      "b"
    ];
    expected = "a(b())";
  };
  foldl = {
    expr = lib.foldl (acc: x: "(${acc})${x}") "" [
      "a"
      "b"
    ];
    expected = "(()a)b";
  };
  foldl' = {
    expr = lib.foldl' (acc: x: acc + x) 0 [
      1
      2
    ];
    expected = 3;
  };
  sublist = {
    expr = lib.sublist 1 2 [
      1
      2
      3
      4
    ];
    expected = [
      2
      3
    ];
  };
  reverseList = {
    expr = lib.reverseList [
      1
      2
    ];
    expected = [
      2
      1
    ];
  };
  partition = {
    expr = lib.partition (x: x > 1) [
      1
      2
      3
    ];
    expected = {
      right = [
        2
        3
      ];
      wrong = [ 1 ];
    };
  };
  groupBy = {
    expr = lib.groupBy (x: if x > 1 then "big" else "small") [
      1
      2
      3
    ];
    expected = {
      big = [
        2
        3
      ];
      small = [ 1 ];
    };
  };
  groupBy' = {
    expr = lib.groupBy' lib.add 0 (x: if x > 1 then "big" else "small") [
      1
      2
      3
    ];
    expected = {
      big = 5;
      small = 1;
    };
  };
  zipLists = {
    expr = lib.zipLists [
      1
      2
    ] [ 3 ];
    expected = [ {
      fst = 1;
      snd = 3;
    } ];
  };
  zipListsWith = {
    expr = lib.zipListsWith lib.add [
      1
      2
    ] [
      3
      4
    ];
    expected = [
      4
      6
    ];
  };
  sort = {
    expr = lib.sort lib.lessThan [
      2
      1
    ];
    expected = [
      1
      2
    ];
  };
  sortOn = {
    expr = lib.sortOn lib.stringLength [
      "ccc"
      "a"
      "bb"
    ];
    expected = [
      "a"
      "bb"
      "ccc"
    ];
  };
  naturalSort = {
    expr = lib.naturalSort [
      "a10"
      "a9"
      "a1"
    ];
    expected = [
      "a1"
      "a9"
      "a10"
    ];
  };
  compareLists = {
    expr = map (lib.compareLists lib.compare [
      1
      2
    ]) [
      [
        1
        2
      ]
      [
        1
        3
      ]
      [ 1 ]
      [ ]
    ];
    expected = [
      0
      (-1)
      1
      1
    ];
  };
  toposort = {
    expr = map (lib.toposort (a: b: a < b)) [
      [
        3
        1
        2
      ]
      [ ]
    ];
    expected = [
      { result = [
        1
        2
        3
      ]; }
      { result = [ ]; }
    ];
  };
  toposortCycle = {
    expr = (lib.toposort (a: b: a != b) [
      1
      2
    ]) ? cycle;
    expected = true;
  };
  intersectLists = {
    expr = lib.intersectLists [
      1
      2
    ] [
      2
      3
    ];
    expected = [ 2 ];
  };
  subtractLists = {
    expr = lib.subtractLists [
      1
      2
    ] [
      2
      3
    ];
    expected = [ 3 ];
  };
  commonPrefix = {
    expr = lib.lists.commonPrefix [
      1
      2
      3
    ] [
      1
      2
      4
    ];
    expected = [
      1
      2
    ];
  };
  hasPrefix = {
    expr = lib.lists.hasPrefix [ 1 ] [
      1
      2
    ];
    expected = true;
  };
  removePrefix = {
    expr = lib.lists.removePrefix [ 1 ] [
      1
      2
    ];
    expected = [ 2 ];
  };
}
