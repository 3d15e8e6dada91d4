# Strings.
lib:
let
  upper = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  lower = lib.stringToCharacters "abcdefghijklmnopqrstuvwxyz";

  # A package, or the name of one.
  parseName = package: builtins.parseDrvName (package.name or package);
in
rec {
  inherit (builtins)
    concatStringsSep
    fromJSON
    fromTOML
    hashString
    isString
    match
    replaceStrings
    split
    stringLength
    substring
    toJSON
    ;

  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatMapStringsSep =
    separator: f: list:
    concatStringsSep separator (map f list);
  concatMapAttrsStringSep =
    separator: f: attrs:
    concatStringsSep separator (lib.mapAttrsToList f attrs);
  concatLines = concatMapStrings (line: line + "\n");
  optionalString = condition: string: if condition then string else "";
  toString = builtins.toString;
  stringToCharacters = string: lib.genList (i: substring i 1 string) (stringLength string);
  toUpper = replaceStrings lower upper;
  toLower = replaceStrings upper lower;
  join = concatStringsSep;

  hasPrefix = prefix: string: substring 0 (stringLength prefix) string == prefix;
  hasSuffix =
    suffix: string:
    let
      start = stringLength string - stringLength suffix;
    in
    start >= 0 && substring start (-1) string == suffix;
  hasInfix = infix: string: infix == "" || replaceStrings [ infix ] [ "" ] string != string;
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
    lib.filter isString (split (escapeRegex separator) (builtins.toString string));
  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escape = chars: replaceStrings chars (map (char: "\\" + char) chars);

  trim = string: lib.head (match "[[:space:]]*(.*[^[:space:]]|)[[:space:]]*" string);

  fixedWidthString =
    width: filler: string:
    if stringLength string >= width then
      string
    else
      fixedWidthString width filler (filler + string);
  fixedWidthNumber = width: n: fixedWidthString width "0" (builtins.toString n);

  toInt =
    string:
    let
      digits = match "[[:space:]]*(-?)0*([0-9]+)[[:space:]]*" string;
    in
    if digits == null then
      throw "Could not convert ${builtins.toJSON string} to int."
    else
      fromJSON (concatStrings digits);

  # Words that a shell reads without quotes stay as they are.
  escapeShellArg =
    arg:
    let
      string = builtins.toString arg;
    in
    if match "[[:alnum:],._+:@%/-]+" string != null then
      string
    else
      "'${replaceStrings [ "'" ] [ "'\\''" ] string}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;

  escapeNixString = string: escape [ "$" ] (toJSON string);
  escapeNixIdentifier =
    name: if match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null then name else escapeNixString name;

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
    x: isStringLike x && dirOf (builtins.toString x) == builtins.storeDir;

  makeSearchPath = directory: paths: concatMapStringsSep ":" (path: "${path}/${directory}") paths;
  makeSearchPathOutput = _output: makeSearchPath;
  makeBinPath = makeSearchPath "bin";

  getName = package: package.pname or (parseName package).name;
  getVersion = package: package.version or (parseName package).version;
}
