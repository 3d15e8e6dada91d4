# What fits nowhere else: the release, warnings, functions about functions.
_lib: rec {
  # The release that the stand-in plays. Table entries that came later are left out.
  release = "26.05";
  versionSuffix = ".standin";
  version = release + versionSuffix;

  inherit (builtins)
    add
    bitAnd
    bitOr
    functionArgs
    isBool
    isFloat
    isInt
    isPath
    lessThan
    seq
    sub
    throw
    ;

  id = x: x;
  const = x: _: x;
  flip =
    f: a: b:
    f b a;
  pipe = builtins.foldl' (value: f: f value);
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  xor = a: b: a != b;
  boolToString = b: if b then "true" else "false";
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));

  # The least fixed point, and layers over it: how overlays see each other.
  fix =
    f:
    let
      x = f x;
    in
    x;
  extends =
    overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;

  warn = message: value: builtins.warn message value;
  warnIf = condition: message: if condition then warn message else id;
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: throwIf (!condition);
  assertMsg = condition: message: condition || throw message;

  # Warnings in the order in which they were given.
  showWarnings =
    warnings: value: builtins.foldl' (value: message: warn message value) value (reverse warnings);

  # Local, as trivial functions must not lean on the other parts.
  reverse =
    list:
    let
      length = builtins.length list;
    in
    builtins.genList (i: builtins.elemAt list (length - i - 1)) length;
}
