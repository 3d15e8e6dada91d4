# Options out of a table (options.json), which testing/options writes: a tree of them,
#
#   "options": { "services": { "ollama": { "port": { "type": { "kind": "port" }, … } } } }
#
#   options         a tree; what has a type is an option:
#     type            { kind, … }: the name of a type in lib.types, or one of `kinds` below;
#                     with a description, where the type is told by other words than its own
#     default         a value; where it is computed, a module declares the option again with it
#     defaultPackage  the name of a package, as default
#     since, until    the first release that has it, the first that has it no more
#     src             how the fact is known; see the README
#   renamed         old names, with the new one (`to`)
#   removed         old names, with what to do (`instead`)
#   releases        a table for each release, of what only that one has
#
# A list in place of what is below `programs.git` has the names there, and the tree itself is in
# options/programs.git.json, which is read when somebody sets or reads one of them.
#
# The type `submodule` has a table of its own.
lib:
let
  inherit (lib) types;

  atom = types.nullOr (
    types.oneOf [
      types.bool
      types.int
      types.float
      types.str
      types.path
    ]
  );

  # Any value of a data format; its parts are merged like options.
  value =
    description:
    let
      self =
        types.oneOf [
          atom
          (types.lazyAttrsOf self)
          (types.listOf self)
        ]
        // {
          inherit description;
          descriptionClass = "noun";
          typeMerge = _: self;
        };
    in
    self;

  # The parts of a dotted name; a part in quotes may hold dots.
  pathOf =
    name:
    let
      parts = builtins.filter lib.isList (builtins.split "\"([^\"]*)\"|([^.]+)" name);
      part = found: if lib.head found != null then lib.head found else lib.last found;
    in
    if lib.hasInfix "\"" name then map part parts else lib.splitString "." name;

  # { path, value } of many → the tree of them; JOIN makes one of several at a place.
  plant =
    join:
    let
      go =
        leaves:
        if lib.any (leaf: leaf.path == [ ]) leaves then
          join (map (leaf: lib.setAttrByPath leaf.path leaf.value) leaves)
        else
          lib.mapAttrs (_: group: go (map (leaf: leaf // { path = lib.tail leaf.path; }) group)) (
            lib.groupBy (leaf: lib.head leaf.path) leaves
          );
    in
    go;

  # Old names, as lib.mkRenamedOptionModule and lib.mkRemovedOptionModule have them, but all in
  # one module, and without a look at the new option: there are hundreds, and few are used.
  old =
    table:
    { config, options, ... }@args:
    let
      each = f: attrs: lib.mapAttrsToList (name: gone: f (pathOf name) gone) attrs;
      renamed = each (from: gone: rec {
        inherit from;
        to = pathOf gone.to;
        inside = if gone ? inside then pathOf gone.inside else [ ];
        new = to ++ inside;
        option = lib.getAttrFromPath from options;
      }) (table.renamed or { });
      removed = each (path: gone: {
        inherit path;
        module = lib.mkRemovedOptionModule path gone.instead args;
      }) (table.removed or { });
    in
    {
      options = plant lib.head (
        map (r: {
          path = r.from;
          value = lib.mkOption {
            visible = false;
            description = "Alias of `${lib.showOption r.new}`.";
            apply =
              _:
              builtins.trace
                "Obsolete option `${lib.showOption r.from}' is used. It was renamed to `${lib.showOption r.new}'."
                (lib.getAttrFromPath r.new config);
          };
        }) renamed
        ++ map (r: {
          inherit (r) path;
          value = lib.getAttrFromPath r.path r.module.options;
        }) removed
      );
      config = lib.mkMerge [
        (plant lib.mkMerge (
          map (r: {
            path = r.to;
            value =
              lib.modules.mkAliasAndWrapDefsWithPriority (lib.setAttrByPath r.inside)
                r.option;
          }) renamed
        ))
        (lib.optionalAttrs (options ? warnings && renamed != [ ]) {
          warnings = map (
            r:
            "The option `${lib.showOption r.from}' defined in ${lib.showFiles r.option.files} has been renamed to `${lib.showOption r.new}'."
          ) (lib.filter (r: r.option.isDefined) renamed);
        })
        (lib.optionalAttrs (options ? assertions && removed != [ ]) {
          assertions = lib.concatMap (r: r.module.config.assertions) removed;
        })
      ];
    };

  # What makes options of a table; pkgs are those of its defaults.
  reader =
    pkgs:
    let
      # The types that take arguments or have no name in lib.types.
      kinds = {
        attrsOf = t: types.attrsOf (typeOf t.of);
        lazyAttrsOf = t: types.lazyAttrsOf (typeOf t.of);
        listOf =
          t:
          let
            list = types.listOf (typeOf t.of);
          in
          if t ? length then types.addCheck list (x: lib.length x == t.length) else list;
        nonEmptyListOf = t: types.nonEmptyListOf (typeOf t.of);
        uniq = t: types.uniq (typeOf t.of);
        # Home Manager's: an element may say which others it comes after or before.
        dagOf =
          t:
          types.attrsOf (
            types.either (typeOf t.of) (
              types.addCheck types.attrs (x: x ? data && x ? after && x ? before)
            )
          );
        nullOr = t: types.nullOr (typeOf t.of);
        functionTo = t: types.functionTo (typeOf t.of);
        passwdEntry = t: types.passwdEntry (typeOf t.of);
        either = t: types.oneOf (map typeOf t.of);
        enum = t: types.enum t.values;
        between = t: types.ints.between t.low t.high;
        numberBetween =
          t:
          types.addCheck types.number (x: x >= t.low && x <= t.high)
          // {
            description = "integer or floating point number between ${toString t.low} and ${toString t.high} (both inclusive)";
          };
        strMatching = t: types.strMatching t.pattern;
        separatedString = t: types.separatedString t.separator;
        # One value stands for the list of it.
        oneOrListOf = t: types.coercedTo (typeOf t.of) lib.singleton (types.listOf (typeOf t.of));
        submodule =
          t:
          types.submodule (
            { imports = declare t; }
            // lib.optionalAttrs (t ? freeform) { freeformType = typeOf t.freeform; }
          );

        # A section of a systemd unit. A key that one file gives a list keeps what all give.
        unitSection =
          _:
          types.attrsOf (
            types.mkOptionType {
              name = "systemd option";
              merge =
                loc: defs:
                if lib.any (def: lib.isList def.value) defs then
                  lib.concatMap (def: lib.toList def.value) defs
                else
                  lib.mergeEqualOption loc defs;
            }
          );

        json = _: value "JSON value";
        toml = _: value "TOML value";
        yaml = _: value "YAML 1.1 value";
        value = t: value (t.description or "value");
        ini = _: types.attrsOf (types.attrsOf (types.either atom (types.listOf atom)));
        iniAtom = _: atom;
        unsigned = _: types.ints.unsigned;
        positive = _: types.ints.positive;
        u8 = _: types.ints.u8;
        u16 = _: types.ints.u16;
        u32 = _: types.ints.u32;
      };

      typeOf =
        t:
        let
          type = if kinds ? ${t.kind} then kinds.${t.kind} t else types.${t.kind};
        in
        if t ? description then type // { inherit (t) description; } else type;

      optionOf =
        entry:
        lib.mkOption (
          builtins.intersectAttrs {
            default = null;
            internal = null;
            readOnly = null;
            visible = null;
          } entry
          // lib.optionalAttrs (entry ? defaultPackage) { default = package entry.defaultPackage; }
          // {
            type = typeOf entry.type;
          }
        );

      package =
        name:
        lib.attrByPath (pathOf name) (throw "the stand-in nixpkgs has no package `${name}'") pkgs;

      # The options of a tree. Names that nobody defines or reads are never looked at.
      grow = lib.mapAttrs (_: x: if x ? type.kind then optionOf x else grow x);

      # The same of what the table in FILE has at its first two levels.
      growFrom =
        file:
        lib.mapAttrs (
          top: group:
          if group ? type.kind then
            optionOf group
          else
            lib.mapAttrs (
              name: x:
              let
                tree = grow (partOf file top name);
              in
              if lib.isList x then
                lib.genAttrs x (below: tree.${below})
              else if x ? type.kind then
                optionOf x
              else
                grow x
            ) group
        );

      # The modules that declare a table with what GROW makes of its trees.
      declareWith =
        grow: table:
        lib.concatMap
          (
            table:
            lib.optional (table ? options) { options = grow table.options; }
            ++ lib.optional (table ? renamed || table ? removed) (old table)
          )
          [
            table
            (releaseOf table)
          ];
      declare = declareWith grow;
    in
    file: declareWith (growFrom file) (lib.importJSON file);

  releaseOf = table: table.releases.${lib.release} or { };

  # What is in a file of its own, of the table in FILE.
  partOf =
    file: top: name:
    lib.importJSON (dirOf file + "/options/${top}.${name}.json");

  # What the table in FILE says of the option at PATH, or null.
  lookUp =
    file: tree: path:
    let
      go =
        x: below:
        if lib.isList x then
          go (partOf file (lib.head path) (lib.elemAt path 1)) below
        else if below == [ ] then
          if x ? type.kind then x else null
        else if x ? type.kind || !(x ? ${lib.head below}) then
          null
        else
          go x.${lib.head below} (lib.tail below);
    in
    go tree path;
in
{
  # The table in FILE, for modules that complete it.
  read =
    file:
    let
      table = lib.importJSON file;
      trees = map (table: table.options or { }) [
        table
        (releaseOf table)
      ];
    in
    {
      # What it says of an option in this release, by its dotted name, or null.
      find =
        name:
        lib.findFirst (entry: entry != null) null (
          map (tree: lookUp file tree (pathOf name)) trees
        );

      # { name → what is below it } of a group, as far as three parts of a name tell.
      below =
        group:
        lib.mapAttrs (_: x: if lib.isList x then x else lib.attrNames x) (
          table.options.${group} or { }
        );
    };

  # A module that declares all options of the table in FILE.
  module =
    file:
    { pkgs, ... }:
    {
      _file = file;
      imports = reader pkgs file;
    };
}
