# Declarations and definitions, name by name.
lib:
let
  inherit (lib.modules)
    evalOptionValue
    fixupOptionType
    mergeOptionDecls
    pushDown
    ;

  notASet =
    prefix: file: value:
    let
      option = lib.concatStringsSep "." prefix;
    in
    ''
      In module `${file}', you're trying to define a value of type `${builtins.typeOf value}'
      rather than an attribute set for the option
      `${option}'!

      This usually happens if `${option}' has option
      definitions inside that are not matched. Please check how to properly define
      this option by e.g. referring to `man 5 configuration.nix'!
    '';

  notAnOption =
    loc: type: file:
    let
      name = lib.strings.escapeNixIdentifier (lib.last loc);
      where = lib.optionalString (lib.length loc > 1) "\n    # ${lib.showOption loc}";
    in
    "In module ${file}: expected an option declaration at option path `${lib.showOption loc}` but got an attribute set with type ${type}"
    + lib.optionalString (type == "option-type") ''


      When declaring an option, you must wrap the type in a `mkOption` call. It should look somewhat like:
          ${where}
          ${name} = lib.mkOption {
            description = ...;
            type = <the type you wrote for ${name}>;
            ...
          };
    '';

  cannotNest =
    loc: option: others:
    let
      lines = lib.concatMap (
        decl:
        map (
          name: " - option(s) with prefix `${lib.showOption (loc ++ [ name ])}' in module `${decl._file}'"
        ) (lib.attrNames decl.options)
      ) others;
    in
    "The option `${lib.showOption loc}' in module `${option._file}' would be a parent of the following options, but its type `${
      option.options.type.description or "<no description>"
    }' does not support nested options.\n${lib.concatStringsSep "\n" (lib.sort lib.lessThan lines)}";

  # { name → what each module declares of it }
  declared =
    prefix: declarations:
    lib.zipAttrs (
      map (
        decl:
        if !lib.isAttrs decl.options then
          throw ''
            An option declaration for `${lib.concatStringsSep "." prefix}' has type
            `${builtins.typeOf decl.options}' rather than an attribute set.
            Did you mean to define this outside of `options'?
          ''
        else
          lib.mapAttrs (name: options: {
            inherit (decl) _file;
            inherit options;
            pos = builtins.unsafeGetAttrPos name decl.options;
          }) decl.options
      ) declarations
    );

  # { name → what each module defines of it }
  defined =
    prefix: definitions:
    lib.zipAttrs (
      lib.concatMap (
        d:
        map (
          value:
          if lib.isAttrs value then
            lib.mapAttrs (_: value: {
              inherit (d) file;
              inherit value;
            }) value
          else
            throw (notASet prefix d.file value)
        ) (pushDown d.value)
      ) definitions
    );

  # Names that stand among the options of a submodule become a module of it.
  asOption =
    decl:
    if lib.isOption decl.options then
      decl
    else
      decl
      // {
        options = lib.mkOption {
          type = lib.types.submoduleWith {
            modules = [ { inherit (decl) options; } ];
            shorthandOnlyDefinesConfig = null;
          };
        };
      };

  # One name: an option, or a set of them.
  mergeNode =
    loc: decls: defs:
    let
      isLeaf =
        decl:
        decl.options ? _type
        && (decl.options._type == "option" || throw (notAnOption loc decl.options._type decl._file));
      leaves = lib.filter isLeaf decls;
      leaf =
        decls:
        let
          option = evalOptionValue loc (fixupOptionType loc (mergeOptionDecls loc decls)) defs;
        in
        {
          options = option;
          touched = option;
          config = option.value;
          unmatched = [ ];
        };
    in
    if leaves == [ ] then
      mergeTree loc decls defs
    else if lib.length leaves == lib.length decls then
      leaf decls
    else if lib.all (decl: decl.options.type.name or null == "submodule") leaves then
      leaf (map asOption decls)
    else
      throw (
        cannotNest loc (lib.head leaves) (lib.filter (decl: !lib.isOption decl.options) decls)
      );

  # Tables (lib.table) declare thousands of options, each of them well.
  isByHand = decl: baseNameOf decl._file != "options.json";

  # Declarations and definitions below PREFIX → { options, config, unmatched, touched }. The
  # path of what is unmatched begins below PREFIX. What is touched are those of the options that
  # somebody sets or that were declared by hand: only there something may be wrong.
  mergeTree =
    prefix: declarations: definitions:
    let
      decls = declared prefix declarations;
      defs = defined prefix definitions;
      nodes = lib.mapAttrs (
        name: decls: mergeNode (prefix ++ [ name ]) decls (defs.${name} or [ ])
      ) decls;
      touched = builtins.intersectAttrs (
        declared prefix (lib.filter isByHand declarations) // defs
      ) nodes;
      strays =
        lib.mapAttrs (_: node: node.unmatched) touched
        // removeAttrs defs (lib.attrNames decls);
    in
    {
      options = lib.mapAttrs (_: node: node.options) nodes;
      config = lib.mapAttrs (_: node: node.config) nodes;
      touched = lib.mapAttrs (_: node: node.touched) touched;
      unmatched =
        # Without definitions no option has to be looked into.
        if definitions == [ ] then
          [ ]
        else
          lib.concatLists (
            lib.mapAttrsToList (
              name: map (d: d // { path = [ name ] ++ d.path or [ ]; })
            ) strays
          );
    };
in
{
  inherit mergeTree;
}
