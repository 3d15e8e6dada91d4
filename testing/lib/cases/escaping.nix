# Strings: quoting, names and measures.
{ lib, ... }:
let
  package = {
    type = "derivation";
    name = "thing-1.2";
    pname = "thing";
    version = "1.2";
    outPath = "/thing";
    meta.mainProgram = "main";
    meta.platforms = [ "x86_64-linux" ];
  };
  withBin = package // {
    bin.outPath = "/thing-bin";
  };
in
{
  escapeShellArg = {
    expr = map lib.escapeShellArg [
      "a"
      "a b"
      "it's"
      ""
      1
    ];
    expected = [
      "a"
      "'a b'"
      "'it'\\''s'"
      "''"
      "1"
    ];
  };
  escapeShellArgs = {
    expr = lib.escapeShellArgs [
      "a"
      "b c"
    ];
    expected = "a 'b c'";
  };
  toShellVar = {
    expr = map (lib.toShellVar "x") [
      "a b"
      [
        1
        "b c"
      ]
      { a = "b c"; }
    ];
    expected = [
      "x='a b'"
      "declare -a x=(1 'b c')"
      "declare -A x=([a]='b c')"
    ];
  };
  toShellVars = {
    expr = lib.toShellVars {
      a = 1;
      b = "c";
    };
    expected = "a=1\nb=c";
  };
  isValidPosixName = {
    expr = map lib.isValidPosixName [
      "a_1"
      "1a"
    ];
    expected = [
      true
      false
    ];
  };
  escapeNixString = {
    expr = lib.strings.escapeNixString "a\"\${b}\n";
    expected = "\"a\\\"\\\${b}\\n\"";
  };
  escapeNixIdentifier = {
    expr = map lib.strings.escapeNixIdentifier [
      "a"
      "a b"
      "1a"
      "if"
      "a'-_"
    ];
    expected = [
      "a"
      "\"a b\""
      "\"1a\""
      "\"if\""
      "a'-_"
    ];
  };
  escapeRegex = {
    expr = lib.escapeRegex "a.b*[c]";
    expected = "a\\.b\\*\\[c]";
  };
  escapeXML = {
    expr = lib.escapeXML "<a b=\"c\">'&";
    expected = "&lt;a b=&quot;c&quot;&gt;&apos;&amp;";
  };
  makeBinPath = {
    expr = lib.makeBinPath [
      package
      withBin
      "/a"
      null
    ];
    expected = "/thing/bin:/thing-bin/bin:/a/bin";
  };
  makeSearchPath = {
    expr = lib.makeSearchPath "lib" [
      "/a"
      "/b"
    ];
    expected = "/a/lib:/b/lib";
  };
  enableFeature = {
    expr = [
      (lib.enableFeature true "a")
      (lib.withFeatureAs true "b" "c")
      (lib.withFeatureAs false "b" "c")
    ];
    expected = [
      "--enable-a"
      "--with-b=c"
      "--without-b"
    ];
  };
  levenshtein = {
    expr = lib.strings.levenshtein "kitten" "sitting";
    expected = 3;
  };
  levenshteinAtMost = {
    expr = map (k: lib.strings.levenshteinAtMost k "kitten" "sitting") [
      2
      3
    ];
    expected = [
      false
      true
    ];
  };
  commonPrefixLength = {
    expr = lib.strings.commonPrefixLength "abcd" "abxd";
    expected = 2;
  };
  commonSuffixLength = {
    expr = lib.strings.commonSuffixLength "abcd" "axcd";
    expected = 2;
  };
  isStringLike = {
    expr = map lib.isStringLike [
      "a"
      /a
      package
      { }
      1
    ];
    expected = [
      true
      true
      true
      false
      false
    ];
  };
  isStorePath = {
    expr = map lib.isStorePath [
      "${builtins.storeDir}/x"
      "${builtins.storeDir}/x/y"
      "/x"
      1
    ];
    expected = [
      true
      false
      false
      false
    ];
  };
  sanitizeDerivationName = {
    expr = map lib.strings.sanitizeDerivationName [
      "a b/c"
      "..a"
      ""
    ];
    expected = [
      "a-b-c"
      "a"
      "unknown"
    ];
  };
  nameFromURL = {
    expr = lib.nameFromURL "https://x.org/a-1.tar.gz" "-";
    expected = "a";
  };
}
