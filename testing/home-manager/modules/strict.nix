# Reads what somebody set, so that a value of the wrong type stops the evaluation also where
# no module here reads it; see strict.nix of the stand-in nixpkgs.
{ lib, standInTouched, ... }:
let
  isSet =
    option:
    !(option.internal or false)
    && option.visible or true != false
    && option.highestPrio < (lib.mkOptionDefault null).priority;

  shown = removeAttrs standInTouched [
    "_module"
    "lib"
  ];

  # Lists and sets check their elements one by one.
  read =
    option:
    if lib.isList option.value then
      lib.foldl' (_: element: builtins.seq element null) null option.value
    else
      option.value;
in
{
  options.home.strict = lib.mkOption {
    type = lib.types.raw;
    internal = true;
    readOnly = true;
    description = "VALUE, once everything that is set was read.";
  };
  config.home.strict =
    value:
    lib.foldl' (result: option: builtins.seq (read option) result) value (
      lib.filter isSet (lib.collect lib.isOption shown)
    );
}
