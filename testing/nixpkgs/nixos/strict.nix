# nixpkgs has modules that read what a user sets, so that a value of the wrong type or two
# that conflict stop the evaluation. The stand-in declares many options that nothing here
# reads: it reads each that somebody set. This refuses a little more than nixpkgs does:
# settings of a service that is switched off are looked at too.
{ lib, options, ... }:
let
  isSet =
    option:
    !(option.internal or false)
    && option.visible or true != false
    && option.highestPrio < (lib.mkOptionDefault null).priority;

  # `system.build` holds the system itself, `_module` the arguments of all modules.
  shown = removeAttrs options [ "_module" ] // {
    system = removeAttrs options.system [ "build" ];
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
