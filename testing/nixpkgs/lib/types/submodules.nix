# Submodules: attribute sets that are evaluated as modules of their own.
lib:
{ mkOptionType, phrase, ... }:
let
  toModule =
    shorthandOnlyDefinesConfig: def:
    if lib.isAttrs def.value && shorthandOnlyDefinesConfig then
      {
        _file = def.file;
        config = def.value;
      }
    else
      {
        _file = def.file;
        imports = [ def.value ];
      };
in
rec {
  # MODULES: one module or a list. Definitions that are plain sets are configuration only.
  submodule =
    modules:
    submoduleWith {
      modules = lib.toList modules;
      shorthandOnlyDefinesConfig = true;
    };

  submoduleWith =
    {
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? null,
      class ? null,
    }@args:
    let
      evaluate =
        prefix: name: definitions:
        lib.evalModules {
          inherit prefix specialArgs class;
          modules = [
            { config._module.args.name = lib.mkOptionDefault name; }
          ]
          ++ modules
          ++ definitions;
        };

      # Without definitions: for documentation, and to know whether other names are allowed.
      base = evaluate [ ] "‹name›" [ ];
      freeform = base._module.freeformType;
    in
    mkOptionType {
      name = "submodule";
      description =
        if description != null then
          description
        else if freeform != null then
          "open submodule of ${
            phrase [
              "noun"
              "composite"
            ] freeform
          }"
        else
          "submodule";
      check = x: lib.isAttrs x || lib.isFunction x || builtins.isPath x;
      merge =
        loc: defs:
        (evaluate loc (lib.last loc) (map (toModule shorthandOnlyDefinesConfig) defs)).config;
      emptyValue.value = { };
      getSubOptions =
        prefix: removeAttrs (evaluate prefix "‹name›" [ ]).options [ "_module" ];
      getSubModules = modules;
      nestedTypes = lib.optionalAttrs (freeform != null) { freeformType = freeform; };
      typeArgs = args;
      typeMerge =
        other:
        if other.name != "submodule" then
          null
        else
          submoduleWith {
            modules = modules ++ other.typeArgs.modules;
            specialArgs = specialArgs // other.typeArgs.specialArgs or { };
            inherit shorthandOnlyDefinesConfig description class;
          };
    };

  deferredModule = mkOptionType {
    name = "deferredModule";
    description = "module";
    descriptionClass = "noun";
    check = x: lib.isAttrs x || lib.isFunction x || builtins.isPath x;
    merge = _loc: defs: { imports = map (toModule false) defs; };
  };
}
