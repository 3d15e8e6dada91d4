# Strings.
lib: rec {
  inherit (builtins)
    appendContext
    concatStringsSep
    fromJSON
    fromTOML
    getContext
    hasContext
    hashString
    isString
    match
    parseDrvName
    replaceStrings
    split
    stringLength
    substring
    toJSON
    unsafeDiscardStringContext
    ;

  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatImapStrings = f: list: concatStrings (lib.imap1 f list);
  concatMapStringsSep =
    separator: f: list:
    concatStringsSep separator (map f list);
  concatImapStringsSep =
    separator: f: list:
    concatStringsSep separator (lib.imap1 f list);
  concatMapAttrsStringSep =
    separator: f: attrs:
    concatStringsSep separator (lib.mapAttrsToList f attrs);
  concatLines = concatMapStrings (line: line + "\n");
  join = concatStringsSep;
  optionalString = condition: string: if condition then string else "";
  replaceString = from: to: replaceStrings [ from ] [ to ];
  replicate = n: string: concatStrings (lib.lists.replicate n string);
  intersperse =
    separator: list:
    lib.drop 1 (
      lib.concatMap (x: [
        separator
        x
      ]) list
    );
  addContextFrom = source: target: substring 0 0 source + target;
  toString = builtins.toString;

  stringToCharacters = string: lib.genList (i: substring i 1 string) (stringLength string);
  stringAsChars = f: string: concatMapStrings f (stringToCharacters string);
  lowerChars = stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  toUpper = replaceStrings lowerChars upperChars;
  toLower = replaceStrings upperChars lowerChars;
  toSentenceCase = string: toUpper (substring 0 1 string) + toLower (substring 1 (-1) string);
  toCamelCase =
    string:
    let
      isHump = before: here: match "[a-z]" before != null && match "[A-Z]" here != null;
      words = splitStringBy (_: here: match "[-_ ]" here != null) false string;
      humps = lib.concatMap (splitStringBy isHump true) words;
    in
    concatStrings (lib.imap0 (i: if i == 0 then toLower else toSentenceCase) humps);

  hasPrefix = prefix: string: substring 0 (stringLength prefix) string == prefix;
  hasSuffix =
    suffix: string:
    let
      start = stringLength string - stringLength suffix;
    in
    start >= 0 && substring start (-1) string == suffix;
  hasInfix = infix: string: infix == "" || replaceStrings [ infix ] [ "" ] "${string}" != string;
  removePrefix =
    prefix: string:
    if hasPrefix prefix string then substring (stringLength prefix) (-1) string else string;
  removeSuffix =
    suffix: string:
    if hasSuffix suffix string then
      substring 0 (stringLength string - stringLength suffix) string
    else
      string;

  # The separator is text, builtins.split wants a regular expression.
  splitString =
    separator: string:
    map (addContextFrom string) (
      lib.filter isString (split (escapeRegex (toString separator)) (toString string))
    );

  # STRING in pieces: a new one begins where PREDICATE is true of a character and the one
  # before it. KEEP says whether it is part of the new piece.
  splitStringBy =
    predicate: keep: string:
    let
      step =
        pieces: i:
        let
          here = substring i 1 string;
          before = if i == 0 then "" else substring (i - 1) 1 string;
        in
        if predicate before here then
          pieces ++ [ (optionalString keep here) ]
        else
          lib.init pieces ++ [ (lib.last pieces + here) ];
    in
    map (addContextFrom string) (
      lib.foldl' step [ "" ] (lib.genList lib.id (stringLength string))
    );

  trim = trimWith {
    start = true;
    end = true;
  };
  trimWith =
    {
      start ? false,
      end ? false,
    }:
    let
      space = "[ \t\r\n]*";
      text = if end then "(.*[^ \t\r\n])${space}" else "(.*)";
      pattern = optionalString start space + text;
    in
    string:
    let
      found = match pattern string;
    in
    optionalString (found != null) (lib.head found);

  fixedWidthString =
    width: filler: string:
    let
      length = stringLength string;
    in
    assert lib.assertMsg (length <= width)
      "fixedWidthString: requested string length (${toString width}) must not be shorter than actual length (${toString length})";
    if length == width then
      string
    else
      filler + fixedWidthString (width - stringLength filler) filler string;
  fixedWidthNumber = width: n: fixedWidthString width "0" (toString n);

  floatToString =
    float:
    let
      string = toString float;
    in
    lib.warnIf (fromJSON string != float) "Imprecise conversion from float to string ${string}" string;
  toInt =
    string:
    let
      digits = match "[[:space:]]*(-?[[:digit:]]+)[[:space:]]*" string;
    in
    if digits == null then
      throw "toInt: Could not convert ${escapeNixString string} to int."
    else if match "0[[:digit:]]+" (lib.head digits) != null then
      throw "toInt: Ambiguity in interpretation of ${escapeNixString string} between octal and zero padded integer."
    else
      fromJSON (lib.head digits);
  toIntBase10 =
    string:
    let
      digits = match "[[:space:]]*0*(-?[[:digit:]]+)[[:space:]]*" string;
    in
    if digits == null then
      throw "toIntBase10: Could not convert ${escapeNixString string} to int."
    else if match "0+" (lib.head digits) != null then
      0
    else
      fromJSON (lib.head digits);

  escape = chars: replaceStrings chars (map (char: "\\" + char) chars);
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeNixString = string: escape [ "$" ] (toJSON string);
  escapeNixIdentifier =
    name:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null && !lib.elem name nixKeywords then
      name
    else
      escapeNixString name;
  escapeXML =
    replaceStrings
      [ "\"" "'" "<" ">" "&" ]
      [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];

  isStringLike = x: isString x || builtins.isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString =
    x:
    isStringLike x
    || builtins.elem (builtins.typeOf x) [
      "null"
      "int"
      "float"
      "bool"
    ]
    || (lib.isList x && lib.all isConvertibleWithToString x);
  isStorePath =
    x:
    isStringLike x
    && hasPrefix "/" (toString x)
    && (
      dirOf (toString x) == builtins.storeDir
      # The placeholder of an output whose path is not known before it is built.
      || match "/[0-9a-z]{52}" (toString x) != null
    );

  fileContents = file: removeSuffix "\n" (builtins.readFile file);

  makeSearchPath =
    directory: paths:
    concatMapStringsSep ":" (path: path + "/" + directory) (lib.filter (path: path != null) paths);
  makeSearchPathOutput =
    output: directory: packages:
    makeSearchPath directory (map (lib.getOutput output) packages);
  makeBinPath = makeSearchPathOutput "bin" "bin";
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";

  getName =
    package:
    if isString package then
      (parseDrvName package).name
    else
      package.pname or (parseDrvName package.name).name;
  getVersion =
    package:
    if isString package then
      (parseDrvName package).version
    else
      package.version or (parseDrvName package.name).version;
  nameFromURL = url: separator: lib.head (splitString separator (lib.last (splitString "/" url)));

  # STRING without the characters that the name of a store path may not have.
  sanitizeDerivationName =
    string:
    let
      dotless = lib.head (match "\\.*(.*)" (unsafeDiscardStringContext string));
      words = map (part: if lib.isList part then "-" else part) (
        split "[^[:alnum:]+._?=-]+" dotless
      );
      name = concatStrings words;
      short = substring (lib.max (stringLength name - 207) 0) (-1) name;
    in
    if short == "" then "unknown" else short;

  nixKeywords = [
    "assert"
    "else"
    "if"
    "in"
    "inherit"
    "let"
    "or"
    "rec"
    "then"
    "with"
  ];
}
