# What a definition may be wrapped in.
lib:
let
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };

  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };

  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };

  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };

  aliasWith =
    property: wrap: option:
    mkIf option.isDefined (wrap (mkMerge (map property option.definitions)));
in
rec {
  inherit
    mkIf
    mkMerge
    mkOrder
    mkOverride
    ;
  mkAssert =
    assertion: message: mkIf (assertion || throw "\nFailed assertion: ${message}");

  # A definition that says where it stands.
  mkDefinition = { file, value, ... }@definition: definition // { _type = "definition"; };

  # Of several priorities the lowest number wins, and all others are dropped.
  defaultOverridePriority = 100;
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;

  # The place in a list or in lines.
  defaultOrderPriority = 1000;
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  # F of what all properties of DEFINITION leave in place.
  mapDefinitionValue =
    f: definition:
    let
      inner = mapDefinitionValue f;
    in
    {
      merge = definition // {
        contents = map inner definition.contents;
      };
      "if" = definition // {
        content = inner definition.content;
      };
      override = definition // {
        content = inner definition.content;
      };
      order = definition // {
        content = inner definition.content;
      };
      definition = definition // {
        value = inner definition.value;
      };
    }
    .${toString (definition._type or null)} or (f definition);

  # The definitions of OPTION, as one more definition elsewhere.
  mkAliasDefinitions = mkAliasAndWrapDefinitions lib.id;
  mkAliasAndWrapDefinitions = aliasWith lib.id;
  mkAliasAndWrapDefsWithPriority =
    wrap: option:
    aliasWith (mkOverride (option.highestPrio or defaultOverridePriority)) wrap option;

  # F of the value of OPTION, with the priority that it has.
  mkDerivedConfig =
    option: f: mkOverride (option.highestPrio or defaultOverridePriority) (f option.value);
}
