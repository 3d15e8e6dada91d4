# The module system: modules are collected, their options and definitions merged into one
# tree each, and every definition must have met an option.
#
# Values pass between the steps as { file, value }, so that an error can name the file.
# How definitions of one option are merged is in merging.nix.
lib:
let
  inherit (import ./merging.nix lib)
    discharge
    mergeDefinitions
    mergeDeclarations
    pushDown
    ;

  reserved = [
    "_class"
    "_file"
    "disabledModules"
    "freeformType"
    "imports"
    "key"
    "meta"
    "config"
    "options"
  ];

  # A module as it is written → { key, file, imports, options, config }.
  unify =
    file: key: m:
    let
      explicit = m ? config || m ? options;
      foreign = lib.attrNames (removeAttrs m reserved);
      config = if explicit then m.config or { } else removeAttrs m reserved;
    in
    if explicit && foreign != [ ] then
      throw "Module `${key}' has an unsupported attribute `${lib.head foreign}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${lib.concatStringsSep " " foreign}) into the explicit `config' attribute."
    else
      {
        key = m.key or key;
        file = toString (m._file or file);
        imports = m.imports or [ ];
        options = m.options or { };
        config =
          if m ? freeformType then
            mkMerge [
              config
              { _module.freeformType = m.freeformType; }
            ]
          else
            config;
      };

  # Functions get what they name; what is not in ARGS comes from `_module.args`, lazily.
  apply =
    args: f:
    f (
      args
      // lib.mapAttrs (name: _: args.${name} or args.config._module.args.${name}) (lib.functionArgs f)
    );

  load =
    args: parentFile: fallbackKey: m:
    if lib.isFunction m then
      unify parentFile fallbackKey (apply args m)
    else if lib.isAttrs m && (m._type or "module") != "module" then
      throw "Could not load a value as a module, because it is of type ${builtins.toJSON m._type}, in file ${toString parentFile}."
    else if lib.isAttrs m then
      unify parentFile fallbackKey m
    else if builtins.isPath m || lib.isString m then
      let
        file = toString m;
        imported = import m;
      in
      unify file file (if lib.isFunction imported then apply args imported else imported)
    else
      throw "Expected a module, but found a value of type ${builtins.typeOf m}: in file ${toString parentFile}.";

  # All modules that MODULES import, each once. Later modules come first: that is the order
  # in which nixpkgs merges lists.
  collect =
    args: modules:
    let
      loadAll =
        file: key: lib.imap1 (i: m: load args file "${key}:anon-${toString i}" m);
      closure = builtins.genericClosure {
        startSet = loadAll "<unknown-file>" "" modules;
        operator = m: loadAll m.file m.key m.imports;
      };
    in
    lib.reverseList closure;

  # Declarations and definitions below PREFIX → { options, config, unmatched }.
  mergeTree =
    prefix: declarations: definitions:
    let
      declared = lib.zipAttrs (
        map (
          d:
          lib.mapAttrs (_: options: {
            inherit (d) file;
            inherit options;
          }) d.options
        ) declarations
      );
      defined = lib.zipAttrs (
        lib.concatMap (
          d:
          map (lib.mapAttrs (_: value: {
            inherit (d) file;
            inherit value;
          })) (pushDown d.value)
        ) definitions
      );
      nodes = lib.mapAttrs (
        name: decls: mergeNode (prefix ++ [ name ]) decls (defined.${name} or [ ])
      ) declared;
      stray = name: map (d: d // { path = prefix ++ [ name ]; }) defined.${name};
    in
    {
      options = lib.mapAttrs (_: node: node.options) nodes;
      config = lib.mapAttrs (_: node: node.config) nodes;
      unmatched =
        lib.concatMap stray (lib.attrNames (removeAttrs defined (lib.attrNames declared)))
        ++ lib.concatMap (node: node.unmatched) (lib.attrValues nodes);
    };

  # One name: an option, or a set of them.
  mergeNode =
    loc: decls: defs:
    let
      leaves = lib.filter (d: lib.isOption d.options) decls;
      first = lib.head leaves;
      option = evalOption loc decls defs;
    in
    if leaves == [ ] then
      mergeTree loc decls defs
    else if lib.length leaves == lib.length decls then
      {
        options = option;
        config = option.value;
        unmatched = [ ];
      }
    else
      let
        nested = lib.head (lib.filter (d: !lib.isOption d.options) decls);
      in
      throw "The option `${lib.showOption loc}' in module `${first.file}' would be a parent of the following options, but its type `${
        first.options.type.description or "unspecified value"
      }' does not support nested options.\n- option(s) with prefix `${
        lib.showOption (loc ++ lib.take 1 (lib.attrNames nested.options))
      }' in module `${nested.file}'";

  # An option with its declarations merged and its value computed, as `options.a.b` has it.
  evalOption =
    loc: decls: defs:
    let
      option = mergeDeclarations loc decls;
      all =
        lib.optional (option ? default) {
          file = lib.head option.declarations;
          value = lib.mkOptionDefault option.default;
        }
        ++ defs;
      merged = mergeDefinitions loc option.type all;
      value =
        if option.readOnly or false && lib.length all > 1 then
          throw "The option `${lib.showOption loc}' is read-only, but it's set multiple times. Definition values:${lib.showDefs all}"
        else
          merged.value;
    in
    option
    // {
      _type = "option";
      inherit loc;
      value = if option ? apply then option.apply value else value;
      inherit (merged) isDefined highestPrio;
      definitions = map (d: d.value) merged.definitions;
      definitionsWithLocations = merged.definitions;
      files = map (d: d.file) merged.definitions;
      options = option.type.getSubOptions loc;
      __toString = _: lib.showOption loc;
    };

  # What every evaluation knows about itself.
  internals = {
    _file = "lib/modules.nix";
    options._module = {
      args = lib.mkOption {
        type = lib.types.lazyAttrsOf lib.types.raw;
        default = { };
        internal = true;
        description = "Further arguments that modules may name.";
      };
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
        type = lib.types.raw;
        readOnly = true;
        internal = true;
        description = "Arguments that modules may use in their imports.";
      };
    };
  };

  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
in
{
  inherit
    discharge
    mergeDefinitions
    mkMerge
    pushDown
    ;
  inherit (import ./properties.nix lib)
    defaultOrderPriority
    defaultOverridePriority
    mkAfter
    mkBefore
    mkDefault
    mkForce
    mkIf
    mkImageMediaOverride
    mkOptionDefault
    mkOrder
    mkOverride
    mkVMOverride
    ;

  # MODULES → { config, options }; SPECIALARGS may be used in imports, PREFIX is the place
  # of a submodule in the whole.
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
        }:
        lib.evalModules (
          evaluation
          // {
            modules = evaluation.modules ++ modules;
            specialArgs = evaluation.specialArgs or { } // specialArgs;
          }
        );

      args = {
        inherit
          config
          extendModules
          lib
          options
          ;
      }
      // specialArgs;

      collected = collect args (
        modules
        ++ [
          internals
          {
            _file = "lib/modules.nix";
            config._module = { inherit specialArgs; };
          }
        ]
      );
      tree = mergeTree prefix collected (
        map (m: {
          inherit (m) file;
          value = m.config;
        }) collected
      );
      freeform = tree.config._module.freeformType;

      # Names without an option, where a free form takes them in.
      free =
        (mergeDefinitions prefix freeform (
          map (d: {
            inherit (d) file;
            value = lib.setAttrByPath (lib.drop (lib.length prefix) d.path) d.value;
          }) tree.unmatched
        )).value;

      config =
        if freeform == null || tree.unmatched == [ ] then
          tree.config
        else
          lib.recursiveUpdate free tree.config;
      options = tree.options;

      stray = lib.head tree.unmatched;
      checked =
        if freeform != null || !tree.config._module.check || tree.unmatched == [ ] then
          lib.id
        else
          throw "The option `${lib.showOption stray.path}' does not exist. Definition values:${
            lib.showDefs [ stray ]
          }";
    in
    {
      _type = "configuration";
      inherit (config) _module;
      inherit class extendModules;
      config = checked (removeAttrs config [ "_module" ]);
      options = checked options;
    };

  # MODULE as if it stood in FILE, for modules that are not files themselves.
  setDefaultModuleLocation = file: module: {
    _file = file;
    imports = [ module ];
  };
  importApply = file: arg: {
    _file = file;
    imports = [ (import file arg) ];
  };
}
