# The option types that a feature.toml may name, as module system types. Go reads the
# same names in internal/catalog; a test compares the two lists.
{ lib }:
let
  inherit (lib) types;

  named = {
    bool = types.bool;
    int = types.int;
    port = types.port;
    str = types.str;
    "listOf str" = types.listOf types.str;
  };

  names = builtins.attrNames named ++ [ "enum" ];
  known = lib.concatStringsSep ", " names;
in
rec {
  inherit names;

  # True where each of OPTIONS, the tables [options.*] in FILE, has a known type; an error where
  # one has not. Nix by itself looks at the type of an option only when it is read.
  areKnown =
    file: options:
    lib.all (name: builtins.seq (of file name options.${name}) true) (builtins.attrNames options);

  # The type of OPTION, a table of [options.*] in FILE.
  of =
    file: name: option:
    if option.type == "enum" then
      types.enum option.values
    else
      named.${option.type}
        or (throw "${file}: options.${name}: unknown type \"${option.type}\"; known are: ${known}");
}
