# Submodules: attribute sets that are evaluated as modules of their own.
lib:
{
  checking,
  defaultFunctor,
  headError,
  mkOptionType,
  phrase,
  types,
  ...
}:
let
  isModule = x: lib.isAttrs x || lib.isFunction x || types.path.check x;

  # A definition as a module. Plain sets may be configuration only.
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

  # Where documentation is made, nothing is checked.
  unchecked = {
    _file = "<built-in module that disables checks for the purpose of documentation generation>";
    config._module.check = lib.mkForce false;
  };

  # The one that is said, of two declarations of which either may leave it out.
  eitherOf =
    complaint: a: b:
    if a == null || a == b then
      b
    else if b == null then
      a
    else
      throw complaint;

  mergePayloads =
    a: b:
    let
      twice = lib.attrNames (builtins.intersectAttrs a.specialArgs b.specialArgs);
      twiceDeclared = what: "A submoduleWith option is declared multiple times with ${what}";
      of = attr: what: eitherOf (twiceDeclared "conflicting ${what}") a.${attr} b.${attr};
    in
    {
      modules = a.modules ++ b.modules;
      class = of "class" ''class values "${toString a.class}" and "${toString b.class}".'';
      shorthandOnlyDefinesConfig = of "shorthandOnlyDefinesConfig" "shorthandOnlyDefinesConfig values";
      description = of "description" "descriptions";
      specialArgs =
        if twice == [ ] then
          a.specialArgs // b.specialArgs
        else
          throw (twiceDeclared "the same specialArgs \"${toString twice}\"");
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
      # Without definitions: for documentation, and for the name that they give it.
      base = lib.evalModules {
        inherit class specialArgs;
        modules = [ { _module.args.name = lib.mkOptionDefault "‹name›"; } ] ++ modules;
      };
      documented = base.extendModules { modules = [ unchecked ]; };
      freeform = base._module.freeformType;
      documentedFreeform = documented._module.freeformType;
    in
    mkOptionType (
      {
        name = "submodule";
        description =
          if description != null then
            description
          else if documentedFreeform ? description then
            "open submodule of ${
              phrase [
                "noun"
                "composite"
              ] documentedFreeform
            }"
          else
            "submodule";
        emptyValue.value = base.config;
        getSubOptions =
          prefix:
          let
            shown = base.extendModules {
              inherit prefix;
              modules = [ unchecked ];
            };
            inherit (shown._module) freeformType;
          in
          shown.options
          // lib.optionalAttrs (freeformType != null) {
            _freeformOptions = freeformType.getSubOptions prefix;
          };
        getSubModules = modules;
        substSubModules = modules: submoduleWith (args // { inherit modules; });
        nestedTypes = lib.optionalAttrs (freeform != null) { freeformType = freeform; };
        functor = defaultFunctor "submodule" // {
          type = submoduleWith;
          payload = {
            inherit
              class
              description
              modules
              shorthandOnlyDefinesConfig
              specialArgs
              ;
          };
          binOp = mergePayloads;
        };
      }
      // checking isModule (
        { loc, defs }:
        let
          configuration = base.extendModules {
            modules = [
              { _module.args.name = lib.last loc; }
            ]
            ++ map (toModule shorthandOnlyDefinesConfig) defs;
            prefix = loc;
          };
        in
        {
          headError = headError isModule defs;
          value = configuration.config;
          valueMeta = { inherit configuration; };
        }
      )
    );

  # A module to be imported elsewhere.
  deferredModule = deferredModuleWith { };
  deferredModuleWith =
    {
      staticModules ? [ ],
    }:
    mkOptionType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = isModule;
      merge = loc: defs: {
        imports =
          staticModules
          ++ map (
            def: lib.setDefaultModuleLocation "${def.file}, via option ${lib.showOption loc}" def.value
          ) defs;
      };
      inherit (submoduleWith { modules = staticModules; }) getSubOptions getSubModules;
      substSubModules = modules: deferredModuleWith { staticModules = modules; };
      functor = defaultFunctor "deferredModuleWith" // {
        type = deferredModuleWith;
        payload = { inherit staticModules; };
        binOp = a: b: { staticModules = a.staticModules ++ b.staticModules; };
      };
    };
}
