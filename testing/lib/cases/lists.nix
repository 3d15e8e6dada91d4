# Functions of lists.
{ lib, ... }:
let
  fails = value: !(builtins.tryEval (builtins.deepSeq value value)).success;
in
{
  singleton = {
    expr = lib.singleton 1;
    expected = [ 1 ];
  };
  optional = {
    expr = [
      (lib.optional true 1)
      (lib.optional false 1)
    ];
    expected = [
      [ 1 ]
      [ ]
    ];
  };
  optionals = {
    expr = [
      (lib.optionals true [ 1 ])
      (lib.optionals false [ 1 ])
    ];
    expected = [
      [ 1 ]
      [ ]
    ];
  };
  range = {
    expr = [
      (lib.range 1 3)
      (lib.range 3 1)
    ];
    expected = [
      [
        1
        2
        3
      ]
      [ ]
    ];
  };
  imap0 = {
    expr = lib.imap0 (i: x: "${toString i}${x}") [
      "a"
      "b"
    ];
    expected = [
      "0a"
      "1b"
    ];
  };
  imap1 = {
    expr = lib.imap1 (i: x: "${toString i}${x}") [
      "a"
      "b"
    ];
    expected = [
      "1a"
      "2b"
    ];
  };
  ifilter0 = {
    expr = lib.ifilter0 (i: _: i != 1) [
      "a"
      "b"
      "c"
    ];
    expected = [
      "a"
      "c"
    ];
  };
  flatten = {
    expr = lib.flatten [
      1
      [
        2
        [ 3 ]
      ]
    ];
    expected = [
      1
      2
      3
    ];
  };
  findFirst = {
    expr = lib.findFirst (x: x > 1) null [
      1
      2
      3
    ];
    expected = 2;
  };
  findFirstIndex = {
    expr = lib.lists.findFirstIndex (x: x > 1) null [
      1
      2
      3
    ];
    expected = 1;
  };
  findSingle = {
    expr = map (lib.findSingle (x: x == 1) "none" "several") [
      [
        1
        2
      ]
      [
        1
        1
      ]
      [ 2 ]
    ];
    expected = [
      1
      "several"
      "none"
    ];
  };
  take = {
    expr = [
      (lib.take 2 [
        1
        2
        3
      ])
      (lib.take 9 [ 1 ])
    ];
    expected = [
      [
        1
        2
      ]
      [ 1 ]
    ];
  };
  takeEnd = {
    expr = lib.takeEnd 2 [
      1
      2
      3
    ];
    expected = [
      2
      3
    ];
  };
  drop = {
    expr = [
      (lib.drop 2 [
        1
        2
        3
      ])
      (lib.drop 9 [ 1 ])
    ];
    expected = [
      [ 3 ]
      [ ]
    ];
  };
  dropEnd = {
    expr = lib.dropEnd 1 [
      1
      2
      3
    ];
    expected = [
      1
      2
    ];
  };
  last = {
    expr = lib.last [
      1
      2
    ];
    expected = 2;
  };
  init = {
    expr = lib.init [
      1
      2
    ];
    expected = [ 1 ];
  };
  lastOfNone = {
    expr = fails (lib.last [ ]);
    expected = true;
  };
  replicate = {
    expr = lib.replicate 2 "a";
    expected = [
      "a"
      "a"
    ];
  };
  remove = {
    expr = lib.remove 1 [
      1
      2
      1
    ];
    expected = [ 2 ];
  };
  count = {
    expr = lib.count (x: x > 1) [
      1
      2
      3
    ];
    expected = 2;
  };
  mutuallyExclusive = {
    expr = map (lib.mutuallyExclusive [ 1 ]) [
      [ 1 ]
      [ 2 ]
    ];
    expected = [
      false
      true
    ];
  };
  forEach = {
    expr = lib.forEach [ 1 ] (x: x + 1);
    expected = [ 2 ];
  };
  concatAttrValues = {
    expr = lib.concatAttrValues {
      a = [ 1 ];
      b = [ 2 ];
    };
    expected = [
      1
      2
    ];
  };
  replaceElemAt = {
    expr = lib.replaceElemAt [
      1
      2
    ] 1 3;
    expected = [
      1
      3
    ];
  };
}
