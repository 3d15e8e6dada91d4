# One option: its definitions made one value.
lib:
let
  inherit (import ../types/checking.nix lib) checkAndMerge;

  typeOf = value: value._type or null;

  # VALUE, definitions of a set, as a list of plain sets: properties of the whole are
  # handed down to each name.
  pushDown =
    value:
    let
      type = typeOf value;
      wrapped =
        wrap:
        map (content: if lib.isAttrs content then lib.mapAttrs (_: wrap) content else content) (
          pushDown value.content
        );
    in
    if type == null then
      [ value ]
    else if type == "merge" then
      lib.concatMap pushDown value.contents
    else if type == "if" then
      wrapped (lib.mkIf value.condition)
    else if type == "override" then
      wrapped (lib.mkOverride value.priority)
    else
      [ value ];

  # The values that conditions leave.
  discharge =
    value:
    let
      type = typeOf value;
    in
    if type == null then
      [ value ]
    else if type == "merge" then
      lib.concatMap discharge value.contents
    else if type != "if" then
      [ value ]
    else if !lib.isBool value.condition then
      throw "‘mkIf’ called with a non-Boolean condition"
    else if value.condition then
      discharge value.content
    else
      [ ];

  # The priority that a property of KIND gives to a definition, and the definition without it.
  priorityOf =
    kind: default: def:
    if typeOf def.value == kind then def.value.priority else default;
  bare = kind: def: if typeOf def.value == kind then def // { value = def.value.content; } else def;

  # The definitions of the strongest priority.
  strongest =
    defs:
    let
      priority = priorityOf "override" lib.modules.defaultOverridePriority;
      highestPrio = lib.foldl' (lowest: def: lib.min lowest (priority def)) 9999 defs;
    in
    # One alone, which most are, has no others to be compared with.
    if lib.length defs == 1 then
      {
        highestPrio = priority (lib.head defs);
        values = map (bare "override") defs;
      }
    else
      {
        inherit highestPrio;
        values = map (bare "override") (lib.filter (def: priority def == highestPrio) defs);
      };

  ordered =
    def:
    bare "order" def // lib.optionalAttrs (typeOf def.value == "order") { inherit (def.value) priority; };

  # Definitions by mkOrder; those of the same order stay as they are.
  sortProperties =
    defs:
    if lib.any (def: typeOf def.value == "order") defs then
      map ordered (lib.sortOn (priorityOf "order" lib.modules.defaultOrderPriority) defs)
    else
      defs;

  inFile = def: builtins.addErrorContext "while evaluating definitions from `${def.file}':";

  dischargeDef =
    def:
    map (
      value:
      if typeOf value == "definition" then
        value
      else
        {
          inherit (def) file;
          inherit value;
        }
    ) (inFile def (discharge def.value));

  # Most options have one plain definition, for which nothing of all this is needed.
  isPlain =
    defs:
    lib.length defs == 1
    && (
      let
        def = lib.head defs;
      in
      inFile def (!(def.value ? _type))
    );

  mergeDefinitions =
    loc: type: defs:
    let
      strong = strongest (lib.concatMap dischargeDef defs);
      defsFinal' =
        if isPlain defs then
          {
            values = defs;
            highestPrio = lib.modules.defaultOverridePriority;
          }
        else
          {
            inherit (strong) highestPrio;
            values = sortProperties strong.values;
          };
      defsFinal = defsFinal'.values;
      isDefined = defsFinal != [ ];

      ofWrongType =
        detail:
        throw "A definition for option `${lib.showOption loc}' is not of type `${type.description}'. ${detail}";
      wrong = lib.filter (def: !type.check def.value) defsFinal;

      checkedAndMerged =
        if type.merge ? v2 then
          let
            merged = checkAndMerge loc type defsFinal;
          in
          merged
          // {
            valueMeta = merged.valueMeta // {
              _internal = { inherit type; };
            };
          }
        else
          {
            headError = null;
            value = mergedValue;
            valueMeta = { };
          };

      mergedValue =
        if !isDefined then
          type.emptyValue.value
            or (throw "The option `${lib.showOption loc}' was accessed but has no value defined. Try setting the option.")
        else if type.merge ? v2 then
          if checkedAndMerged.headError != null then
            ofWrongType "TypeError: ${checkedAndMerged.headError.message}"
          else
            checkedAndMerged.value
        else if wrong != [ ] then
          ofWrongType "Definition values:${lib.options.showDefs wrong}"
        else
          type.merge loc defsFinal;
    in
    {
      inherit
        checkedAndMerged
        defsFinal
        defsFinal'
        isDefined
        mergedValue
        ;
      optionalValue = lib.optionalAttrs isDefined { value = mergedValue; };
    };
in
{
  inherit
    discharge
    mergeDefinitions
    pushDown
    sortProperties
    ;

  # An option with its value computed, as `options.a.b` has it.
  evalOptionValue =
    loc: option: defs:
    let
      all =
        lib.optional (option ? default) {
          file = lib.head option.declarations;
          value = lib.mkOptionDefault option.default;
        }
        ++ defs;
      merged = mergeDefinitions loc option.type all;
      alone = map (
        def: def // { value = (mergeDefinitions loc option.type [ def ]).mergedValue; }
      ) all;
      value =
        if option.readOnly or false && lib.length all > 1 then
          throw "The option `${lib.showOption loc}' is read-only, but it's set multiple times. Definition values:${lib.options.showDefs alone}"
        else
          merged.mergedValue;
    in
    option
    // {
      value = builtins.addErrorContext "while evaluating the option `${lib.showOption loc}':" (
        if option ? apply then option.apply value else value
      );
      inherit (merged) isDefined;
      inherit (merged.defsFinal') highestPrio;
      inherit (merged.checkedAndMerged) valueMeta;
      definitions = map (def: def.value) merged.defsFinal;
      definitionsWithLocations = merged.defsFinal;
      files = map (def: def.file) merged.defsFinal;
      __toString = _: lib.showOption loc;
    };

  # The value and priority of each name of an option that is a set.
  mergeAttrDefinitionsWithPrio =
    option:
    let
      named = lib.zipAttrs (
        lib.concatMap (
          def: map (lib.mapAttrs (_: value: def // { inherit value; })) (pushDown def.value)
        ) option.definitionsWithLocations
      );
    in
    lib.mapAttrs (
      name: defs:
      let
        merged = mergeDefinitions (option.loc ++ [ name ]) option.type.nestedTypes.elemType defs;
      in
      {
        value = merged.mergedValue;
        inherit (merged.defsFinal') highestPrio;
      }
    ) named;
}
