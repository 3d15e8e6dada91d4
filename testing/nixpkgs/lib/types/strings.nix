# Strings, and lines that several files may add to.
lib:
{ mkOptionType, types, ... }:
let
  checked =
    name: description: check:
    mkOptionType {
      inherit name description;
      descriptionClass = "noun";
      check = x: lib.isString x && check x;
      merge = lib.mergeEqualOption;
    };

  isOneLine = x: !lib.hasInfix "\n" (lib.removeSuffix "\n" x);
in
rec {
  str = checked "str" "string" (_: true);
  nonEmptyStr = checked "nonEmptyStr" "non-empty string" (
    x: builtins.match "[ \t\n]*" x == null
  );
  strMatching =
    pattern:
    checked "strMatching ${lib.escapeNixString pattern}" "string matching the pattern ${pattern}" (
      x: builtins.match pattern x != null
    );

  singleLineStr =
    checked "singleLineStr" "(optionally newline-terminated) single-line string" isOneLine
    // {
      merge = loc: defs: lib.removeSuffix "\n" (lib.mergeEqualOption loc defs);
    };

  # The definitions of all files, joined in their order.
  separatedString =
    separator:
    mkOptionType {
      name = "separatedString";
      description = "strings concatenated with ${builtins.toJSON separator}";
      descriptionClass = "noun";
      check = lib.isString;
      merge = _loc: defs: lib.concatStringsSep separator (lib.getValues defs);
    };
  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";

  # A field of /etc/passwd.
  passwdEntry =
    type:
    types.addCheck type (
      x: !lib.hasInfix ":" (toString x) && !lib.hasInfix "\n" (toString x)
    )
    // {
      name = "passwdEntry ${type.name}";
      description = "${type.description}, not containing newlines or colons";
      descriptionClass = "nonRestrictiveClause";
    };
}
