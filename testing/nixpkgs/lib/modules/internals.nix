# What every evaluation knows about itself.
lib:
{
  extendModules,
  type,
  specialArgs,
  prefix,
  touched,
}:
{
  _file = "lib/modules.nix";
  key = "lib/modules.nix";

  options._module = {
    args = lib.mkOption (
      {
        type = lib.types.lazyAttrsOf lib.types.raw;
        description = "Further arguments that modules may name.";
      }
      # Documented once, not again for each submodule.
      // lib.optionalAttrs (prefix != [ ]) { internal = true; }
    );
    check = lib.mkOption {
      type = lib.types.bool;
      default = true;
      internal = true;
      description = "Whether definitions without an option are an error.";
    };
    freeformType = lib.mkOption {
      type = lib.types.nullOr lib.types.optionType;
      default = null;
      internal = true;
      description = "The type of all definitions without an option, where they are allowed.";
    };
    specialArgs = lib.mkOption {
      readOnly = true;
      internal = true;
      description = "Arguments that modules may use in their imports.";
    };
  };

  config._module = {
    args = {
      inherit extendModules;
      moduleType = type;
      # The stand-in's own, for strict.nix alone: nixpkgs has no such argument.
      standInTouched = touched;
    };
    inherit specialArgs;
  };
}
