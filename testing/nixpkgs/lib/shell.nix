# Strings for shells and for the command lines of build tools.
lib:
let
  flag =
    yes: no: condition: feature:
    "--${if condition then yes else no}-${feature}";
  flagAs =
    make: condition: feature: value:
    make condition feature + lib.optionalString condition "=${value}";
in
rec {
  # Words that a shell reads without quotes stay as they are.
  escapeShellArg =
    arg:
    let
      string = toString arg;
    in
    if lib.match "[[:alnum:],._+:@%/-]+" string != null then
      string
    else
      "'${lib.replaceString "'" "'\\''" string}'";
  escapeShellArgs = lib.concatMapStringsSep " " escapeShellArg;

  isValidPosixName = name: lib.match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar =
    name: value:
    let
      entry = key: value: "[${escapeShellArg key}]=${escapeShellArg value}";
    in
    if !isValidPosixName name then
      throw "toShellVar: ${name} is not a valid shell variable name"
    else if lib.isAttrs value && !lib.isStringLike value then
      "declare -A ${name}=(${lib.concatStringsSep " " (lib.mapAttrsToList entry value)})"
    else if lib.isList value then
      "declare -a ${name}=(${escapeShellArgs value})"
    else
      "${name}=${escapeShellArg value}";
  toShellVars = lib.concatMapAttrsStringSep "\n" toShellVar;

  enableFeature = flag "enable" "disable";
  enableFeatureAs = flagAs enableFeature;
  withFeature = flag "with" "without";
  withFeatureAs = flagAs withFeature;
}
