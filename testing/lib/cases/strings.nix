# Functions of strings.
{ lib, ... }:
let
  fails = value: !(builtins.tryEval (builtins.deepSeq value value)).success;
in
{
  optionalString = {
    expr = [
      (lib.optionalString true "a")
      (lib.optionalString false "a")
    ];
    expected = [
      "a"
      ""
    ];
  };
  concatMapStringsSep = {
    expr = lib.concatMapStringsSep "," toString [
      1
      2
    ];
    expected = "1,2";
  };
  concatImapStringsSep = {
    expr = lib.concatImapStringsSep "," (i: x: "${toString i}${x}") [
      "a"
      "b"
    ];
    expected = "1a,2b";
  };
  concatMapAttrsStringSep = {
    expr = lib.concatMapAttrsStringSep "," (n: v: "${n}=${v}") {
      a = "1";
      b = "2";
    };
    expected = "a=1,b=2";
  };
  concatLines = {
    expr = [
      (lib.concatLines [
        "a"
        "b"
      ])
      (lib.concatLines [ ])
    ];
    expected = [
      "a\nb\n"
      ""
    ];
  };
  splitString = {
    expr = [
      (lib.splitString "." "a.b.")
      (lib.splitString "," "")
      (lib.splitString "ab" "xaby")
    ];
    expected = [
      [
        "a"
        "b"
        ""
      ]
      [ "" ]
      [
        "x"
        "y"
      ]
    ];
  };
  splitStringBy = {
    expr = lib.splitStringBy (_: here: here == "-") true "a-b-";
    expected = [
      "a"
      "-b"
      "-"
    ];
  };
  hasInfix = {
    expr = map (lib.hasInfix ".") [
      "a.b"
      "ab"
    ];
    expected = [
      true
      false
    ];
  };
  hasPrefix = {
    expr = map (lib.hasPrefix "a") [
      "ab"
      "b"
      ""
    ];
    expected = [
      true
      false
      false
    ];
  };
  hasSuffix = {
    expr = map (lib.hasSuffix "b") [
      "ab"
      "a"
      ""
    ];
    expected = [
      true
      false
      false
    ];
  };
  removePrefix = {
    expr = map (lib.removePrefix "a") [
      "ab"
      "b"
    ];
    expected = [
      "b"
      "b"
    ];
  };
  removeSuffix = {
    expr = map (lib.removeSuffix "b") [
      "ab"
      "a"
    ];
    expected = [
      "a"
      "a"
    ];
  };
  toLower = {
    expr = lib.toLower "AbÄ";
    expected = "abÄ";
  };
  toUpper = {
    expr = lib.toUpper "AbÄ";
    expected = "ABÄ";
  };
  toSentenceCase = {
    expr = lib.toSentenceCase "heLLo";
    expected = "Hello";
  };
  toCamelCase = {
    expr = map lib.toCamelCase [
      "a-bc_d e"
      "fooBar"
    ];
    expected = [
      "aBcDE"
      "fooBar"
    ];
  };
  trim = {
    expr = map lib.trim [
      " a b \n"
      ""
      "  "
    ];
    expected = [
      "a b"
      ""
      ""
    ];
  };
  trimWith = {
    expr = lib.trimWith { end = true; } " a ";
    expected = " a";
  };
  fixedWidthNumber = {
    expr = lib.fixedWidthNumber 3 7;
    expected = "007";
  };
  fixedWidthTooLong = {
    expr = fails (lib.fixedWidthString 1 "0" "ab");
    expected = true;
  };
  toInt = {
    expr = map lib.toInt [
      "1"
      " -7 "
      "0"
    ];
    expected = [
      1
      (-7)
      0
    ];
  };
  toIntFails = {
    expr = map (x: fails (lib.toInt x)) [
      "a"
      "01"
      ""
    ];
    expected = [
      true
      true
      true
    ];
  };
  toIntBase10 = {
    expr = map lib.toIntBase10 [
      "007"
      "000"
    ];
    expected = [
      7
      0
    ];
  };
  replaceString = {
    expr = lib.replaceString "a" "b" "aa";
    expected = "bb";
  };
  replicate = {
    expr = lib.strings.replicate 2 "ab";
    expected = "abab";
  };
  stringAsChars = {
    expr = lib.stringAsChars (c: c + c) "ab";
    expected = "aabb";
  };
  stringToCharacters = {
    expr = lib.stringToCharacters "ab";
    expected = [
      "a"
      "b"
    ];
  };
  intersperse = {
    expr = lib.intersperse "," [
      "a"
      "b"
    ];
    expected = [
      "a"
      ","
      "b"
    ];
  };
  fileContents = {
    expr = lib.fileContents ./modules/data.json;
    expected = "{ \"text\": \"json\" }";
  };
  floatToString = {
    expr = lib.strings.floatToString 0.5;
    expected = "0.500000";
  };
}
