# nixpkgs has modules that read what a user sets, so that a value of the wrong type or two
# that conflict stop the evaluation. The stand-in declares many options that nothing here
# reads: it reads each that somebody set. This refuses a little more than nixpkgs does:
# settings of a service that is switched off are looked at too.
#
# What only the table declares and nobody sets is passed over (standInTouched, as
# ../lib/modules/tree.nix makes it): that is most of all options, and nothing is wrong there.
{ lib, standInTouched, ... }:
let
  isSet =
    option:
    !(option.internal or false)
    && option.visible or true != false
    && option.highestPrio < (lib.mkOptionDefault null).priority;

  # `system.build` holds the system itself, `_module` the arguments of all modules.
  shown = removeAttrs standInTouched [ "_module" ] // {
    system = removeAttrs standInTouched.system [ "build" ];
  };

  # Lists check their elements one by one.
  read =
    option:
    if lib.isList option.value then
      lib.foldl' (_: element: builtins.seq element null) null option.value
    else
      option.value;
in
{
  config.system.build.strict =
    value:
    lib.foldl' (result: option: builtins.seq (read option) result) value (
      lib.filter isSet (lib.collect lib.isOption shown)
    );
}
