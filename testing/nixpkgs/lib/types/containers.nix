# Lists and attribute sets. Their elements are options of their own: an element may be
# wrapped in mkIf or mkForce, and has a place in error messages.
lib:
{
  checking,
  elementFunctor,
  headError,
  mkOptionType,
  phrase,
  types,
  ...
}:
let
  inPlural = phrase [
    "noun"
    "composite"
  ];

  # What each file says about each name.
  byName =
    defs:
    lib.zipAttrs (
      map (
        def:
        lib.mapAttrs (_: value: {
          inherit (def) file;
          inherit value;
        }) def.value
      ) defs
    );

  mergeAttrs =
    lazy: element:
    { loc, defs }:
    let
      all = lib.mapAttrs (name: lib.mergeDefinitions (loc ++ [ name ]) element) (byName defs);
      # A name whose definitions are all under a false mkIf is not there. To know that, the
      # definitions have to be looked at.
      merged = if lazy then all else lib.filterAttrs (_: m: m.isDefined) all;
    in
    {
      headError = headError lib.isAttrs defs;
      value = lib.mapAttrs (_: m: m.mergedValue) merged;
      valueMeta.attrs = lib.mapAttrs (_: m: m.checkedAndMerged.valueMeta) merged;
    };

  mergeList =
    element:
    { loc, defs }:
    let
      mergeElement =
        n: file: m: value:
        lib.mergeDefinitions (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) element [
          { inherit file value; }
        ];
      merged = lib.filter (m: m.isDefined) (
        lib.concatLists (lib.imap1 (n: def: lib.imap1 (mergeElement n def.file) def.value) defs)
      );
    in
    {
      headError = headError lib.isList defs;
      value = map (m: m.mergedValue) merged;
      valueMeta.list = map (m: m.checkedAndMerged.valueMeta) merged;
    };

  # The placeholder of either declaration, where at most one of them chose it.
  samePlaceholder =
    a: b:
    if a == b || b == "name" then
      a
    else if a == "name" then
      b
    else
      null;
in
rec {
  attrs = mkOptionType {
    name = "attrs";
    description = "attribute set";
    check = lib.isAttrs;
    merge = _loc: defs: lib.mergeAttrsList (lib.getValues defs);
    emptyValue.value = { };
  };

  attrsOf = elemType: attrsWith { inherit elemType; };

  # The names are known without looking at the definitions, so that one element may depend
  # on another; a name without a definition has the empty value of its type.
  lazyAttrsOf =
    elemType:
    attrsWith {
      inherit elemType;
      lazy = true;
    };

  attrsWith =
    {
      elemType,
      lazy ? false,
      placeholder ? "name",
    }:
    mkOptionType (
      {
        name = if lazy then "lazyAttrsOf" else "attrsOf";
        description = "${lib.optionalString lazy "lazy "}attribute set of ${inPlural elemType}";
        descriptionClass = "composite";
        emptyValue.value = { };
        getSubOptions = loc: elemType.getSubOptions (loc ++ [ "<${placeholder}>" ]);
        inherit (elemType) getSubModules;
        substSubModules =
          modules:
          attrsWith {
            inherit lazy placeholder;
            elemType = elemType.substSubModules modules;
          };
        functor = {
          name = "attrsWith";
          type = attrsWith;
          payload = { inherit elemType lazy placeholder; };
          binOp =
            a: b:
            let
              merged = {
                inherit (a) lazy;
                elemType = a.elemType.typeMerge b.elemType.functor;
                placeholder = samePlaceholder a.placeholder b.placeholder;
              };
            in
            if a.lazy != b.lazy || merged.elemType == null || merged.placeholder == null then
              null
            else
              merged;
        };
        nestedTypes = { inherit elemType; };
      }
      // checking lib.isAttrs (mergeAttrs lazy elemType)
    );

  listOf =
    element:
    mkOptionType (
      {
        name = "listOf";
        description = "list of ${inPlural element}";
        descriptionClass = "composite";
        emptyValue.value = [ ];
        getSubOptions = loc: element.getSubOptions (loc ++ [ "*" ]);
        inherit (element) getSubModules;
        substSubModules = modules: listOf (element.substSubModules modules);
        functor = elementFunctor "listOf" listOf element;
        nestedTypes.elemType = element;
      }
      // checking lib.isList (mergeList element)
    );

  nonEmptyListOf =
    element:
    let
      list = types.addCheck (listOf element) (x: x != [ ]);
    in
    list
    // {
      description = "non-empty ${phrase [ "noun" ] list}";
      emptyValue = { };
      substSubModules = modules: nonEmptyListOf (element.substSubModules modules);
    };

  functionTo =
    result:
    mkOptionType {
      name = "functionTo";
      description = "function that evaluates to a(n) ${inPlural result}";
      descriptionClass = "composite";
      check = lib.isFunction;
      merge = loc: defs: {
        __functionArgs = lib.zipAttrsWith (_: lib.all lib.id) (
          map (def: lib.functionArgs def.value) defs
        );
        __functor =
          _: x:
          (lib.mergeDefinitions (loc ++ [ "<function body>" ]) result (
            map (def: def // { value = def.value x; }) defs
          )).mergedValue;
      };
      getSubOptions = loc: result.getSubOptions (loc ++ [ "<function body>" ]);
      inherit (result) getSubModules;
      substSubModules = modules: functionTo (result.substSubModules modules);
      functor = elementFunctor "functionTo" functionTo result;
      nestedTypes.elemType = result;
    };
}
