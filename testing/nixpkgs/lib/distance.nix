# How much two strings differ: for suggestions in error messages.
lib:
let
  inherit (lib)
    elemAt
    genList
    min
    stringLength
    substring
    ;

  # How many characters A and B share, looked at by CHAROF.
  shared =
    charOf: a: b:
    let
      length = min (stringLength a) (stringLength b);
      walk = i: if i < length && charOf a i == charOf b i then walk (i + 1) else i;
    in
    walk 0;
in
rec {
  commonPrefixLength = shared (string: i: substring i 1 string);
  commonSuffixLength = shared (string: i: substring (stringLength string - i - 1) 1 string);

  # How many characters have to be added, removed or replaced to make B of A.
  levenshtein =
    a: b:
    let
      table = genList (i: genList (cell i) (stringLength b + 1)) (stringLength a + 1);
      at = i: j: elemAt (elemAt table i) j;
      cell =
        i: j:
        let
          other = if substring (i - 1) 1 a == substring (j - 1) 1 b then 0 else 1;
          added = at (i - 1) j + 1;
          removed = at i (j - 1) + 1;
          replaced = at (i - 1) (j - 1) + other;
        in
        if i == 0 || j == 0 then i + j else min (min added removed) replaced;
    in
    at (stringLength a) (stringLength b);

  levenshteinAtMost =
    limit: a: b:
    let
      difference = stringLength a - stringLength b;
      prefix = commonPrefixLength a b;
      suffix = commonSuffixLength (substring prefix (-1) a) (substring prefix (-1) b);
      core = string: substring prefix (stringLength string - prefix - suffix) string;
    in
    limit >= difference && limit >= -difference && levenshtein (core a) (core b) <= limit;
}
