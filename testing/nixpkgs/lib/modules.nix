# The module system: modules are collected, their options and definitions merged into one
# tree each, and every definition must have met an option.
#
# Values pass between the steps as { file, value }, so that an error can name the file.
#
#   modules/collect.nix       what is imported, and what of it is disabled
#   modules/tree.nix          options and definitions, name by name
#   modules/declarations.nix  one option: what several modules declare of it
#   modules/definitions.nix   one option: what several modules define of it
#   modules/stray.nix         what is said of a definition without an option
#   modules/properties.nix    what a definition may be wrapped in
lib:
let
  inherit (import ./modules/collect.nix lib) collect;
  inherit (import ./modules/tree.nix lib) mergeTree;
  inherit (import ./modules/stray.nix lib) strayMessage;
  internals = import ./modules/internals.nix lib;
in
import ./modules/properties.nix lib
// import ./modules/declarations.nix lib
// import ./modules/definitions.nix lib
// {
  # MODULES → { config, options }; SPECIALARGS may be used in imports, PREFIX is the place
  # of a submodule in the whole, CLASS what kind of modules may be imported.
  evalModules =
    {
      modules,
      prefix ? [ ],
      specialArgs ? { },
      class ? null,
    }@evaluation:
    let
      extendModules =
        {
          modules ? [ ],
          specialArgs ? { },
          prefix ? evaluation.prefix or [ ],
        }:
        lib.evalModules (
          evaluation
          // {
            inherit prefix;
            modules = evaluation.modules ++ modules;
            specialArgs = evaluation.specialArgs or { } // specialArgs;
          }
        );

      type = lib.types.submoduleWith { inherit modules specialArgs class; };

      # What modules may name as their arguments, besides what is in `_module.args`.
      args = {
        inherit lib options specialArgs;
        _class = class;
        _prefix = prefix;
        config = builtins.addErrorContext "if you get an infinite recursion here, you probably reference `config` in `imports`. If you are trying to achieve a conditional import behavior dependent on `config`, consider importing unconditionally, and using `mkEnableOption` and `mkIf` to control its effect." config;
      }
      // specialArgs;

      own = {
        inherit
          extendModules
          prefix
          specialArgs
          type
          ;
        inherit (tree) touched;
      };
      collected = collect {
        inherit class args;
        modulesPath = specialArgs.modulesPath or "";
      } (modules ++ [ (internals own) ]);

      tree = mergeTree prefix collected (
        map (m: {
          file = m._file;
          value = m.config;
        }) collected
      );
      inherit (tree) options unmatched;
      inherit (tree.config._module) check freeformType;

      # Names without an option, where a free form takes them in.
      free = freeformType.merge prefix (
        map (d: {
          inherit (d) file;
          value = lib.setAttrByPath d.path d.value;
        }) unmatched
      );
      config =
        if freeformType == null || unmatched == [ ] then
          tree.config
        else
          lib.recursiveUpdate free tree.config;

      checked =
        if check && freeformType == null && unmatched != [ ] then
          throw (strayMessage prefix options (lib.head unmatched))
        else
          lib.id;
    in
    {
      _type = "configuration";
      inherit class extendModules type;
      config = checked (removeAttrs config [ "_module" ]);
      options = checked options;
      _module = checked config._module;
    };

  # MODULE as if it stood in FILE, for modules that are not files themselves.
  setDefaultModuleLocation = file: module: {
    _file = file;
    imports = [ module ];
  };
  importApply = file: arg: lib.setDefaultModuleLocation file (import file arg);

  # A data file as configuration.
  importJSON = file: {
    _file = file;
    config = lib.importJSON file;
  };
  importTOML = file: {
    _file = file;
    config = lib.importTOML file;
  };
}
