# Which definitions count, and in which order.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  evaluate = modules: lib.evalModules { inherit modules; };
  config = modules: (evaluate modules).config;
  option = type: { options.x = mkOption { inherit type; }; };
  withDefault = type: default: { options.x = mkOption { inherit type default; }; };

  # The value of an option of TYPE with DEFINITIONS.
  value =
    type: definitions:
    (config ([ (option type) ] ++ map (x: { config = { inherit x; }; }) definitions)).x;
  priority = definition: (lib.mkOverride 0 definition).priority;
in
{
  ifTrue = {
    expr = value types.int [
      (lib.mkIf true 1)
      (lib.mkIf false 2)
    ];
    expected = 1;
  };
  ifIsLazy = {
    expr = value types.int [
      1
      (lib.mkIf false (throw "looked at"))
    ];
    expected = 1;
  };
  ifOfAWholeModule = {
    expr = config [
      (option types.int)
      ({ config, ... }: { config = lib.mkIf (config.x == 1) { }; })
      { x = 1; }
    ];
    expected.x = 1;
  };
  conditionOfAnotherOption = {
    expr = config [
      {
        options.a = mkOption { default = 1; };
        options.b = mkOption { default = 0; };
      }
      ({ config, ... }: { config = lib.mkIf (config.a == 1) { b = 2; }; })
    ];
    expected = {
      a = 1;
      b = 2;
    };
  };
  mergeOfSets = {
    expr = config [
      {
        options = {
          a = mkOption { type = types.int; };
          b = mkOption { type = types.int; };
        };
        config = lib.mkMerge [
          { a = 1; }
          (lib.mkIf true { b = 2; })
          (lib.mkIf false { b = 3; })
        ];
      }
    ];
    expected = {
      a = 1;
      b = 2;
    };
  };
  mergeOfValues = {
    expr = value (types.listOf types.int) [
      (lib.mkMerge [
        [ 1 ]
        (lib.mkMerge [
          [ 2 ]
          (lib.mkIf false [ 3 ])
        ])
      ])
      [ 4 ]
    ];
    expected = [
      4
      1
      2
    ];
  };
  asserted = {
    expr = value types.int [ (lib.mkAssert true "told" 1) ];
    expected = 1;
  };

  priorities = {
    expr = map (wrap: (wrap null).priority) [
      lib.mkOptionDefault
      lib.mkDefault
      lib.mkImageMediaOverride
      lib.mkForce
      lib.mkVMOverride
      (lib.mkOverride 7)
    ];
    expected = [
      1500
      1000
      60
      50
      10
      7
    ];
  };
  plainIs = {
    expr = lib.modules.defaultOverridePriority;
    expected = 100;
  };
  defaultLoses = {
    expr = value types.int [
      (lib.mkDefault 1)
      2
    ];
    expected = 2;
  };
  forceWins = {
    expr = value types.int [
      1
      (lib.mkForce 2)
      (lib.mkDefault 3)
    ];
    expected = 2;
  };
  lowestNumberWins = {
    expr = value types.int [
      (lib.mkOverride 90 1)
      (lib.mkOverride 91 2)
      3
    ];
    expected = 1;
  };
  weakerListsAreDropped = {
    expr = value (types.listOf types.int) [
      (lib.mkDefault [ 1 ])
      [ 2 ]
      [ 3 ]
    ];
    expected = [
      3
      2
    ];
  };
  defaultOfTheOptionIsDropped = {
    expr =
      (config [
        (withDefault (types.listOf types.int) [ 1 ])
        { x = [ 2 ]; }
      ]).x;
    expected = [ 2 ];
  };
  optionDefaultJoinsTheDefault = {
    expr =
      (config [
        (withDefault (types.listOf types.int) [ 1 ])
        { x = lib.mkOptionDefault [ 2 ]; }
      ]).x;
    expected = [
      1
      2
    ];
  };
  falseConditionHasNoPriority = {
    expr = value types.int [
      (lib.mkIf false (lib.mkForce 1))
      2
    ];
    expected = 2;
  };
  overrideOfAWholeSet = {
    expr = config [
      {
        options = {
          a.b = mkOption { type = types.int; };
          a.c = mkOption { type = types.int; };
        };
      }
      {
        a = lib.mkForce {
          b = 1;
          c = 2;
        };
      }
      {
        a.b = 3;
        a.c = lib.mkOverride 10 4;
      }
    ];
    expected.a = {
      b = 1;
      c = 4;
    };
  };
  priorityOfAWrappedDefinition = {
    expr = priority (lib.mkForce 1);
    expected = 0;
  };

  orders = {
    expr = map (wrap: (wrap null).priority) [
      lib.mkBefore
      lib.mkAfter
      (lib.mkOrder 7)
    ];
    expected = [
      500
      1500
      7
    ];
  };
  order = {
    expr = value (types.listOf types.int) [
      (lib.mkAfter [ 5 ])
      [ 3 ]
      (lib.mkOrder 2000 [ 6 ])
      (lib.mkBefore [ 2 ])
      (lib.mkOrder 1 [ 1 ])
      [ 4 ]
    ];
    expected = [
      1
      2
      4
      3
      5
      6
    ];
  };
  orderOfLines = {
    expr = value types.lines [
      "b"
      (lib.mkAfter "c")
      (lib.mkBefore "a")
    ];
    expected = "a\nb\nc";
  };
  orderInsideOfForce = {
    expr = value (types.listOf types.int) [
      [ 0 ]
      (lib.mkForce (lib.mkAfter [ 2 ]))
      (lib.mkForce [ 1 ])
    ];
    expected = [
      1
      2
    ];
  };
  mapDefinitionValue = {
    expr = value (types.listOf types.int) [
      (lib.modules.mapDefinitionValue (map (n: n + 1)) (lib.mkIf true (lib.mkAfter [ 1 ])))
      [ 1 ]
    ];
    expected = [
      1
      2
    ];
  };

  mergeDefinitions = {
    expr =
      let
        merged = lib.mergeDefinitions [ "x" ] (types.listOf types.int) [
          {
            file = "a.nix";
            value = lib.mkAfter [ 2 ];
          }
          {
            file = "b.nix";
            value = [ 1 ];
          }
        ];
      in
      {
        inherit (merged) isDefined mergedValue optionalValue;
        files = map (def: def.file) merged.defsFinal;
      };
    expected = {
      isDefined = true;
      mergedValue = [
        1
        2
      ];
      optionalValue.value = [
        1
        2
      ];
      files = [
        "b.nix"
        "a.nix"
      ];
    };
  };
  aliasDefinitions = {
    expr = config [
      (option (types.listOf types.int))
      { options.y = mkOption { type = types.listOf types.int; }; }
      ({ options, ... }: { y = lib.mkAliasDefinitions options.x; })
      { x = [ 1 ]; }
      { x = lib.mkBefore [ 0 ]; }
    ];
    expected = {
      x = [
        0
        1
      ];
      y = [
        0
        1
      ];
    };
  };
  derivedConfig = {
    expr =
      (evaluate [
        (option types.int)
        { options.y = mkOption { type = types.int; }; }
        ({ options, ... }: { y = lib.mkDerivedConfig options.x (x: x + 1); })
        { x = lib.mkForce 1; }
      ]).options.y.highestPrio;
    expected = 50;
  };
}
