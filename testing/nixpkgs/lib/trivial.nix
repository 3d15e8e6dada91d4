# What fits nowhere else: the release, warnings, functions about functions.
lib: rec {
  # The release that the stand-in plays, of a file so that a copy can play another. Table
  # entries that came later are left out.
  release = lib.fileContents ../release;
  codeName = {
    "26.05" = "Yarara";
    "26.11" = "Zokor";
  }.${release};
  versionSuffix = ".standin";
  version = release + versionSuffix;

  # Releases as numbers: 26.05 is 2605. What came before the oldest one is known everywhere.
  oldestSupportedRelease = 2511;
  oldestSupportedReleaseIsAtLeast = number: number <= oldestSupportedRelease;

  inherit (builtins)
    add
    bitAnd
    bitOr
    bitXor
    ceil
    deepSeq
    div
    floor
    genericClosure
    isBool
    isFloat
    isInt
    lessThan
    mul
    pathExists
    readFile
    seq
    sub
    ;
  inPureEvalMode = !builtins ? currentSystem;

  id = x: x;
  const = x: _: x;
  flip =
    f: a: b:
    f b a;
  pipe = builtins.foldl' (value: f: f value);
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = n: by: n - by * (n / by);
  compare =
    a: b:
    if a < b then
      -1
    else if a > b then
      1
    else
      0;
  and = a: b: a && b;
  "or" = a: b: a || b;
  xor = a: b: a != b;
  concat = a: b: a ++ b;
  mergeAttrs = a: b: a // b;
  bitNot = sub (-1);
  boolToString = b: if b then "true" else "false";
  boolToYesNo = b: if b then "yes" else "no";
  defaultTo = default: value: if value == null then default else value;
  mapNullable = f: value: if value == null then null else f value;
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));
  functionArgs =
    f:
    if f ? __functor then
      f.__functionArgs or (functionArgs (f.__functor f))
    else
      builtins.functionArgs f;
  setFunctionArgs = f: args: {
    __functor = _: f;
    __functionArgs = args;
  };
  mirrorFunctionArgs = f: g: setFunctionArgs g (functionArgs f);
  toFunction = value: if isFunction value then value else _: value;

  toBaseDigits =
    base: n:
    assert base >= 2 && n >= 0;
    (if n < base then [ ] else toBaseDigits base (n / base)) ++ [ (mod n base) ];
  toHexString =
    n:
    lib.concatMapStrings (digit: builtins.substring digit 1 "0123456789ABCDEF") (
      toBaseDigits 16 n
    );
  fromHexString =
    string: (builtins.fromTOML "v = 0x${lib.removePrefix "0x" (lib.toLower string)}").v;

  warn = message: value: builtins.warn message value;
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: warnIf (!condition);
  info = message: builtins.trace "INFO: ${message}";
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: throwIf (!condition);

  # Warnings in the order in which they were given.
  showWarnings = warnings: value: lib.foldr warn value warnings;

  checkListOfEnum =
    message: valid: given:
    let
      unexpected = lib.subtractLists valid given;
      show = lib.concatMapStringsSep ", " toString;
    in
    throwIf (
      unexpected != [ ]
    ) "${message}: ${show unexpected} unexpected; valid ones: ${show valid}";
}
