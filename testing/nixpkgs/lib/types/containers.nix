# Lists and attribute sets. Their elements are options of their own: an element may be
# wrapped in mkIf or mkForce, and has a place in error messages.
lib:
{
  mkOptionType,
  phrase,
  types,
}:
let
  inPlural = phrase [
    "noun"
    "composite"
  ];

  # The type of a container that is declared twice, with ELEMENT and with OTHER's.
  mergeWith =
    constructor: name: element: other:
    let
      merged = element.typeMerge other.nestedTypes.elemType;
    in
    if other.name == name && merged != null then constructor merged else null;

  # What each file says about each name.
  byName =
    defs:
    lib.zipAttrs (
      lib.concatMap (
        def:
        map (lib.mapAttrs (_: value: {
          inherit (def) file;
          inherit value;
        })) (lib.pushDown def.value)
      ) defs
    );

  attrsType =
    {
      name,
      adjective,
      constructor,
      # The elements that are there, from the merged definitions of each name.
      keep,
    }:
    element:
    mkOptionType {
      inherit name;
      description = "${adjective}attribute set of ${inPlural element}";
      descriptionClass = "composite";
      check = lib.isAttrs;
      merge =
        loc: defs:
        keep (lib.mapAttrs (name: lib.mergeDefinitions (loc ++ [ name ]) element) (byName defs));
      emptyValue.value = { };
      getSubOptions = loc: element.getSubOptions (loc ++ [ "<name>" ]);
      getSubModules = element.getSubModules;
      nestedTypes.elemType = element;
      typeMerge = mergeWith constructor name element;
    };
in
rec {
  attrs = mkOptionType {
    name = "attrs";
    description = "attribute set";
    check = lib.isAttrs;
    merge = _loc: defs: lib.mergeAttrsList (lib.getValues defs);
    emptyValue.value = { };
  };

  # A name whose definitions are all under a false mkIf is not there.
  attrsOf = attrsType {
    name = "attrsOf";
    adjective = "";
    constructor = attrsOf;
    keep = merged: lib.mapAttrs (_: m: m.value) (lib.filterAttrs (_: m: m.isDefined) merged);
  };

  # The names are known without looking at the definitions, so that one element may depend
  # on another; a name without a definition has the empty value of its type.
  lazyAttrsOf = attrsType {
    name = "lazyAttrsOf";
    adjective = "lazy ";
    constructor = lazyAttrsOf;
    keep = lib.mapAttrs (_: m: m.value);
  };

  listOf =
    element:
    mkOptionType {
      name = "listOf";
      description = "list of ${inPlural element}";
      descriptionClass = "composite";
      check = lib.isList;
      merge =
        loc: defs:
        let
          mergeElement =
            n: file: m: value:
            lib.mergeDefinitions
              (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ])
              element
              [ { inherit file value; } ];
          elements = lib.concatLists (
            lib.imap1 (n: def: lib.imap1 (mergeElement n def.file) def.value) defs
          );
        in
        map (m: m.value) (lib.filter (m: m.isDefined) elements);
      emptyValue.value = [ ];
      getSubOptions = loc: element.getSubOptions (loc ++ [ "*" ]);
      getSubModules = element.getSubModules;
      nestedTypes.elemType = element;
      typeMerge = mergeWith listOf "listOf" element;
    };

  nonEmptyListOf =
    element:
    let
      list = types.addCheck (listOf element) (x: x != [ ]);
    in
    list
    // {
      description = "non-empty ${list.description}";
      emptyValue = { };
    };

  functionTo =
    result:
    mkOptionType {
      name = "functionTo";
      description = "function that evaluates to a(n) ${inPlural result}";
      descriptionClass = "composite";
      check = lib.isFunction;
      merge =
        loc: defs: x:
        (lib.mergeDefinitions (loc ++ [ "<function body>" ]) result (
          map (def: def // { value = def.value x; }) defs
        )).value;
      nestedTypes.elemType = result;
      typeMerge = mergeWith functionTo "functionTo" result;
    };
}
