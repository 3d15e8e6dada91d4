# Specialisations: this system once more, with further modules, beside it in the toplevel.
# As in nixos/modules/system/activation/specialisation.nix and no-clone.nix.
{
  config,
  extendModules,
  lib,
  noUserModules,
  ...
}:
let
  # A specialisation has none of its own.
  alone = {
    _file = ./specialisation.nix;
    isSpecialisation = lib.mkOverride 0 true;
    specialisation = lib.mkOverride 0 { };
  };

  # SPECIALISATION is the module that is asked: what it inherits decides about its own type.
  module =
    specialisation:
    let
      inherit (specialisation.config) inheritParentConfig;
      parent = if inheritParentConfig then { inherit extendModules; } else noUserModules;
    in
    {
      options = {
        inheritParentConfig = lib.mkOption {
          type = lib.types.bool;
          default = true;
          description = "Whether the modules of the system are part of it.";
        };
        configuration = lib.mkOption {
          default = { };
          visible = "shallow";
          description = "Further modules.";
          inherit (parent.extendModules { modules = [ alone ]; }) type;
        };
      };
    };
in
{
  options = {
    isSpecialisation = lib.mkOption {
      type = lib.types.bool;
      default = false;
      internal = true;
      description = "Whether this system is a specialisation of another.";
    };
    specialisation = lib.mkOption {
      type = lib.types.attrsOf (lib.types.submodule module);
      default = { };
      description = "Variants of this system, by name.";
    };
  };

  config.system.build.specialisations = lib.mapAttrs' (
    name: specialisation:
    lib.nameValuePair "specialisation/${name}" {
      link = "${specialisation.configuration.system.build.toplevel}";
    }
  ) config.specialisation;
}
