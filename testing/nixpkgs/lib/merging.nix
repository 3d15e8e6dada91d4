# One option: its declarations made one, its definitions made one value.
lib:
let
  typeOf = value: value._type or null;

  # VALUE, definitions of a set, as a list of plain sets: properties of the whole are
  # handed down to each name.
  pushDown =
    value:
    {
      merge = lib.concatMap pushDown value.contents;
      "if" = map (lib.mapAttrs (_: lib.mkIf value.condition)) (pushDown value.content);
      override = map (lib.mapAttrs (_: lib.mkOverride value.priority)) (pushDown value.content);
    }
    .${toString (typeOf value)} or [ value ];

  # The values that conditions leave.
  discharge =
    value:
    {
      merge = lib.concatMap discharge value.contents;
      "if" =
        if !lib.isBool value.condition then
          throw "`mkIf' called with a non-Boolean condition"
        else if value.condition then
          discharge value.content
        else
          [ ];
    }
    .${toString (typeOf value)} or [ value ];

  # The priority that a property of KIND gives to a definition, and the definition without it.
  priorityOf =
    kind: default: def:
    if typeOf def.value == kind then def.value.priority else default;
  bare = kind: def: if typeOf def.value == kind then def // { value = def.value.content; } else def;

  # The definitions of the strongest priority.
  strongest =
    defs:
    let
      priority = priorityOf "override" lib.defaultOverridePriority;
      highestPrio = lib.foldl' (lowest: def: lib.min lowest (priority def)) 9999 defs;
    in
    {
      inherit highestPrio;
      definitions = map (bare "override") (lib.filter (def: priority def == highestPrio) defs);
    };

  # Definitions by mkOrder; those of the same order stay as they are.
  ordered =
    defs:
    if lib.any (def: typeOf def.value == "order") defs then
      map (bare "order") (lib.sortOn (priorityOf "order" lib.defaultOrderPriority) defs)
    else
      defs;
in
{
  inherit discharge pushDown;

  mergeDefinitions =
    loc: type: defs:
    let
      discharged = lib.concatMap (
        def:
        map (value: {
          inherit (def) file;
          inherit value;
        }) (discharge def.value)
      ) defs;
      inherit (strongest discharged) highestPrio definitions;
      sorted = ordered definitions;
      wrong = lib.filter (def: !type.check def.value) sorted;
    in
    {
      inherit highestPrio;
      definitions = sorted;
      isDefined = sorted != [ ];
      value =
        if sorted == [ ] then
          type.emptyValue.value
            or (throw "The option `${lib.showOption loc}' was accessed but has no value defined. Try setting the option.")
        else if wrong != [ ] then
          throw "A definition for option `${lib.showOption loc}' is not of type `${type.description}'. Definition values:${lib.showDefs wrong}"
        else
          type.merge loc sorted;
    };

  # An option may be declared by several modules if their types can be made one.
  mergeDeclarations =
    loc: decls:
    let
      merge =
        option: decl:
        let
          type = option.type.typeMerge decl.options.type;
          clash = lib.filter (attr: option ? ${attr} && decl.options ? ${attr}) [
            "apply"
            "default"
            "example"
          ];
        in
        if clash != [ ] || (decl.options ? type && option ? type && type == null) then
          throw "The option `${lib.showOption loc}' in `${decl.file}' is already declared in ${lib.showFiles option.declarations}."
        else
          option
          // decl.options
          // {
            declarations = option.declarations ++ [ decl.file ];
          }
          // lib.optionalAttrs (decl.options ? type && option ? type) { inherit type; };

      merged = lib.foldl' merge { declarations = [ ]; } decls;
    in
    { type = lib.types.unspecified; } // merged;
}
