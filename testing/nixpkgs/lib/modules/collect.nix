# Modules as they are written → modules of one form, with all that they import, each once,
# without those that are disabled.
lib:
let
  reserved = [
    "_class"
    "_file"
    "config"
    "disabledModules"
    "freeformType"
    "imports"
    "key"
    "meta"
    "options"
  ];
  unknown = lib.options.unknownModule;

  # A module as it is written → one with all its parts.
  unify =
    file: key: m:
    let
      explicit = m ? config || m ? options;
      foreign = lib.attrNames (removeAttrs m reserved);
      shorthand = removeAttrs m (lib.remove "meta" reserved ++ [ "require" ]);
      config = if explicit then m.config or { } else shorthand;
      extra =
        lib.optional (explicit && m ? meta) { inherit (m) meta; }
        ++ lib.optional (m ? freeformType) { _module.freeformType = m.freeformType; };
    in
    if !lib.isAttrs m then
      throw "module ${file} (${key}) does not look like a module."
    else if explicit && foreign != [ ] then
      throw "Module `${key}' has an unsupported attribute `${lib.head foreign}'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: ${toString foreign}) into the explicit `config' attribute."
    else
      {
        _class = m._class or null;
        _file = toString m._file or file;
        key = toString m.key or key;
        disabledModules = m.disabledModules or [ ];
        imports = lib.optionals (!explicit) (m.require or [ ]) ++ m.imports or [ ];
        options = m.options or { };
        config = if extra == [ ] then config else lib.mkMerge ([ config ] ++ extra);
      };

  # Functions get what they name; what is not in ARGS comes from `_module.args`, lazily.
  apply =
    args: key: f:
    let
      named =
        name: _:
        builtins.addErrorContext "while evaluating the module argument `${name}' in \"${key}\":" (
          args.${name} or (builtins.addErrorContext
            "noting that argument `${name}` is not externally provided, so querying `_module.args` instead, requiring `config`"
            args.config._module.args.${name}
          )
        );
    in
    f (args // lib.mapAttrs named (lib.functionArgs f));

  notAModule =
    args: file: type:
    "Expected a module, but found a value of type ${builtins.toJSON type}${
      lib.optionalString (file != unknown) ", while trying to load a module into ${toString file}"
    }${
      lib.optionalString (
        args._prefix != [ ]
      ) ", while trying to load a module into ${lib.showOption args._prefix}"
    }.\nA module is typically loaded by adding it to the imports = [ ... ]; attribute of an existing module, or in the modules = [ ... ]; argument of various functions.\nPlease make sure that each of the list items is a module, and not a different kind of value.";

  load =
    args: file: key: m:
    let
      type = m._type or "module";
      path = toString m;
      content = import m;
    in
    if lib.isFunction m then
      unify file key (apply args key m)
    else if lib.isAttrs m && type == "module" then
      unify file key m
    else if lib.isAttrs m && (type == "if" || type == "override") then
      unify file key { config = m; }
    else if lib.isAttrs m then
      throw (notAModule args file type)
    else if lib.isList m then
      throw "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions: ${
        lib.options.showDefs [
          {
            inherit file;
            value = m;
          }
        ]
      }"
    else
      unify path path (if lib.isFunction content then apply args path content else content);

  ofClass =
    class: m:
    if class == null || m._class == null || m._class == class then
      m
    else
      throw ''
        The module `${m._file}` (class: ${builtins.toJSON m._class}) cannot be imported into a module evaluation that expects class ${builtins.toJSON class}.

        Help:
        - Ensure that you are importing the correct module.
        - Verify that the module's `_class`, ${builtins.toJSON m._class} matches the expected `class` ${builtins.toJSON class}.
        - If you are using a custom class, make sure it is correctly defined and used consistently across your modules.
      '';

  # The key of the module that an entry of disabledModules in FILE means.
  disabledKey =
    modulesPath: file: m:
    if lib.isString m then
      if lib.hasPrefix "/" m then m else "${toString modulesPath}/${m}"
    else if lib.strings.isConvertibleWithToString m then
      if m ? key && m.key != toString m then
        throw "Module `${file}` contains a disabledModules item that is an attribute set that can be converted to a string (${toString m}) but also has a `.key` attribute (${m.key}) with a different value. This makes it ambiguous which module should be disabled."
      else
        toString m
    else if m ? key then
      m.key
    else if lib.isAttrs m then
      throw "Module `${file}` contains a disabledModules item that is an attribute set, presumably a module, that does not have a `key` attribute. This means that the module system doesn't have any means to identify the module that should be disabled. Make sure that you've put the correct value in disabledModules: a string path relative to modulesPath, a path value, or an attribute set with a `key` attribute."
    else
      throw "Each disabledModules item must be a path, string, or a attribute set with a key attribute, or a value supported by toString. However, one of the disabledModules items in `${file}` is none of that, but is of type ${builtins.typeOf m}.";
in
{
  # All modules that MODULES import, each once. Later modules come first: that is the order
  # in which nixpkgs merges lists.
  collect =
    {
      class,
      args,
      modulesPath,
    }:
    modules:
    let
      nodes =
        file: key:
        lib.imap1 (
          i: m:
          let
            module = ofClass class (load args file "${key}:anon-${toString i}" m);
          in
          {
            inherit (module) key;
            inherit module;
            imports = nodes module._file module.key module.imports;
          }
        );
      roots = nodes unknown "" modules;

      # A disabled module may disable others, so all are asked.
      disabledBy =
        node:
        map (disabledKey modulesPath node.module._file) node.module.disabledModules
        ++ lib.concatMap disabledBy node.imports;
      disabled = lib.concatMap disabledBy roots;
      enabled =
        if disabled == [ ] then lib.id else lib.filter (node: !lib.elem node.key disabled);
    in
    lib.reverseList (
      map (node: node.module) (
        builtins.genericClosure {
          startSet = enabled roots;
          operator = node: enabled node.imports;
        }
      )
    );
}
