# Strings, and lines that several files may add to.
lib:
{
  defaultFunctor,
  mkOptionType,
  phrase,
  types,
  ...
}:
let
  checked =
    name: description: check:
    mkOptionType {
      inherit name description;
      descriptionClass = "noun";
      check = x: lib.isString x && check x;
      merge = lib.mergeEqualOption;
    };

  isOneLine = x: builtins.match "[^\n\r]*\n?" x != null;
  # What makes two types one only if both have the same PAYLOAD.
  sameOnly =
    name: type: payload:
    let
      functor = defaultFunctor name // {
        inherit type payload;
        binOp = a: b: if a == b then a else null;
      };
    in
    {
      inherit functor;
      typeMerge = types.defaultTypeMerge functor;
    };
in
rec {
  str = checked "str" "string" (_: true);
  nonEmptyStr = checked "nonEmptyStr" "non-empty string" (
    x: builtins.match "[ \t\n]*" x == null
  );
  strMatching =
    pattern:
    checked "strMatching ${lib.strings.escapeNixString pattern}" "string matching the pattern ${pattern}" (
      x: builtins.match pattern x != null
    )
    // sameOnly "strMatching" (payload: strMatching payload.pattern) { inherit pattern; };

  singleLineStr =
    checked "singleLineStr" "(optionally newline-terminated) single-line string" isOneLine
    // {
      merge = loc: defs: lib.removeSuffix "\n" (lib.mergeEqualOption loc defs);
    };

  # The definitions of all files, joined in their order.
  separatedString =
    separator:
    mkOptionType (
      {
        name = "separatedString";
        description = "strings concatenated with ${builtins.toJSON separator}";
        descriptionClass = "noun";
        check = lib.isString;
        merge = _loc: defs: lib.concatStringsSep separator (lib.getValues defs);
      }
      // sameOnly "separatedString" (payload: separatedString payload.sep) { sep = separator; }
    );
  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";

  # A field of /etc/passwd.
  passwdEntry =
    type:
    types.addCheck type (
      x: !lib.hasInfix ":" x && !lib.hasInfix "\n" x
    )
    // {
      name = "passwdEntry ${type.name}";
      description = "${phrase [ "noun" ] type}, not containing newlines or colons";
      descriptionClass = "nonRestrictiveClause";
    };
}
