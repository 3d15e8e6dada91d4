# Options out of a table (options.json): one entry for each name,
#
#   "services.ollama.port": { "type": { "kind": "port" }, "default": 11434, "src": "read" }
#
#   type            { kind, … }: the name of a type in lib.types, or one of `kinds` below
#   default         a value; where it is computed, a module declares the option again with it
#   defaultPackage  the name of a package, as default
#   since, until    the first release that has it, the first that has it no more
#   renamed         the new name, in place of a type
#   removed         what to do instead, in place of a type
#   src             how the fact is known; see the README
lib:
let
  inherit (lib) types;

  isCurrent =
    entry:
    lib.versionAtLeast lib.release (entry.since or "0")
    && lib.versionOlder lib.release (entry.until or "99");

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

  # The types that take arguments or have no name in lib.types.
  kinds =
    pkgs:
    let
      of = typeOf pkgs;
    in
    {
      attrsOf = t: types.attrsOf (of t.of);
      lazyAttrsOf = t: types.lazyAttrsOf (of t.of);
      listOf = t: types.listOf (of t.of);
      nullOr = t: types.nullOr (of t.of);
      functionTo = t: types.functionTo (of t.of);
      passwdEntry = t: types.passwdEntry (of t.of);
      either = t: types.oneOf (map of t.of);
      enum = t: types.enum t.values;
      between = t: types.ints.between t.low t.high;
      strMatching =
        t: types.strMatching t.pattern // builtins.intersectAttrs { description = null; } t;
      separatedString = t: types.separatedString t.separator;
      # One value stands for the list of it.
      oneOrListOf = t: types.coercedTo (of t.of) lib.singleton (types.listOf (of t.of));
      submodule =
        t:
        types.submodule (
          declare pkgs (t.options or { })
          // lib.optionalAttrs (t ? freeform) { freeformType = of t.freeform; }
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
      ini = _: types.attrsOf (types.attrsOf (types.either atom (types.listOf atom)));
      unsigned = _: types.ints.unsigned;
      positive = _: types.ints.positive;
      u16 = _: types.ints.u16;
      u32 = _: types.ints.u32;
    };

  typeOf = pkgs: t: (kinds pkgs).${t.kind} or (_: types.${t.kind}) t;

  optionOf =
    pkgs: entry:
    lib.mkOption (
      { type = typeOf pkgs entry.type; }
      // lib.optionalAttrs (entry ? default) { inherit (entry) default; }
      // lib.optionalAttrs (entry ? defaultPackage) {
        default =
          pkgs.${entry.defaultPackage}
            or (throw "the stand-in nixpkgs has no package `${entry.defaultPackage}'");
      }
      // builtins.intersectAttrs {
        internal = null;
        readOnly = null;
        visible = null;
      } entry
    );

  # { path, option } of many options → the tree of them.
  grow =
    leaves:
    lib.mapAttrs (
      _: group:
      let
        first = lib.head group;
      in
      if lib.length first.path == 1 then
        first.option
      else
        grow (map (leaf: leaf // { path = lib.tail leaf.path; }) group)
    ) (lib.groupBy (leaf: lib.head leaf.path) leaves);

  pathOf = lib.splitString ".";

  # ENTRIES of a table → a module.
  declare =
    pkgs: entries:
    let
      current = lib.filterAttrs (_: isCurrent) entries;
      options = lib.filterAttrs (_: entry: entry ? type) current;
      imports =
        name: entry:
        lib.optional (entry ? renamed) (
          lib.mkRenamedOptionModule (pathOf name) (pathOf entry.renamed)
        )
        ++ lib.optional (entry ? removed) (lib.mkRemovedOptionModule (pathOf name) entry.removed);
    in
    {
      imports = lib.concatLists (lib.mapAttrsToList imports current);
      options = grow (
        lib.mapAttrsToList (name: entry: {
          path = pathOf name;
          option = optionOf pkgs entry;
        }) options
      );
    };
in
{
  # A module that declares all options of the table in FILE.
  module =
    file:
    { pkgs, ... }:
    { _file = file; } // declare pkgs (lib.importJSON file);
}
