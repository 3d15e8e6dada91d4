# Submodules.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  int = mkOption { type = types.int; };
  text = mkOption { type = types.str; };
  none = mkOption {
    type = types.int;
    default = 0;
  };

  evaluate = modules: lib.evalModules { inherit modules; };
  config = modules: (evaluate modules).config;
  option = type: { options.x = mkOption { inherit type; }; };
  value =
    type: definitions:
    (config ([ (option type) ] ++ map (x: { config = { inherit x; }; }) definitions)).x;

  named = types.submodule ({ name, ... }: { options.name = text // { default = name; }; });
in
{
  ofSet = {
    expr = value (types.submodule { options = {
      a = int;
      b = none;
    }; }) [ { a = 1; } ];
    expected = {
      a = 1;
      b = 0;
    };
  };
  merged = {
    expr = value (types.submodule { options = {
      a = int;
      b = none;
    }; }) [
      { a = 1; }
      { b = 2; }
      ({ config, ... }: { b = lib.mkForce (config.a + 2); })
    ];
    expected = {
      a = 1;
      b = 3;
    };
  };
  withoutDefinition = {
    expr = (config [ (option (types.submodule { options.b = none; })) ]).x;
    expected.b = 0;
  };
  ofSeveralModules = {
    expr = value (types.submodule [
      { options.a = int; }
      ({ config, ... }: {
        options.b = int;
        config.b = config.a + 1;
      })
    ]) [ { a = 1; } ];
    expected = {
      a = 1;
      b = 2;
    };
  };
  withImports = {
    expr = value (types.submodule { imports = [ ./modules/counted.nix ]; }) [
      { list = [ "own" ]; }
    ];
    expected.list = [
      "counted"
      "own"
    ];
  };
  definitionWithImports = {
    expr = value (types.submoduleWith {
      modules = [ { options.list = mkOption { type = types.listOf types.str; }; } ];
    }) [
      { imports = [ ./modules/plain.nix ]; }
    ];
    expected.list = [ "plain" ];
  };
  definitionAsPath = {
    expr = value (types.submodule { options.list = mkOption { type = types.listOf types.str; }; }) [
      ./modules/plain.nix
    ];
    expected.list = [ "plain" ];
  };
  optionsInADefinition = {
    expr = value (types.submoduleWith { modules = [ ]; }) [
      {
        options.a = int;
        config.a = 1;
      }
    ];
    expected.a = 1;
  };
  shorthandOnlyDefinesConfig = {
    expr = value (types.submodule {
      options.config = int;
      options.options = none;
    }) [ { config = 1; } ];
    expected = {
      config = 1;
      options = 0;
    };
  };
  names = {
    expr = value (types.attrsOf named) [
      { a = { }; }
      { b.name = "other"; }
    ];
    expected = {
      a.name = "a";
      b.name = "other";
    };
  };
  nameOfASingleOne = {
    expr = value named [ { } ];
    expected.name = "x";
  };
  nameInAList = {
    expr = value (types.listOf named) [ [ { } ] ];
    expected = [ { name = "[definition 1-entry 1]"; } ];
  };
  nested = {
    expr = value (types.attrsOf (types.submodule {
      options.inner = mkOption {
        type = types.attrsOf (types.submodule ({ name, ... }: {
          options.name = text // { default = name; };
          options.a = none;
        }));
        default = { };
      };
    })) [
      { one.inner.two = { }; }
      { one.inner.two.a = 2; }
      { three = { }; }
    ];
    expected = {
      one.inner.two = {
        a = 2;
        name = "two";
      };
      three.inner = { };
    };
  };
  conditionalElement = {
    expr = value (types.attrsOf named) [
      {
        a = { };
        b = lib.mkIf false { };
      }
    ];
    expected.a.name = "a";
  };
  priorityInside = {
    expr = value (types.attrsOf (types.submodule { options.a = int; })) [
      { x = lib.mkForce { a = 1; }; }
      { x.a = 2; }
    ];
    expected.x.a = 1;
  };
  elementsOfAList = {
    expr = value (types.listOf (types.submodule { options = {
      a = int;
      b = none;
    }; })) [
      [
        { a = 1; }
        {
          a = 2;
          b = 3;
        }
      ]
    ];
    expected = [
      {
        a = 1;
        b = 0;
      }
      {
        a = 2;
        b = 3;
      }
    ];
  };
  specialArgs = {
    expr = value (types.submoduleWith {
      modules = [ ({ word, ... }: { options.a = text // { default = word; }; }) ];
      specialArgs.word = "special";
    }) [ { } ];
    expected.a = "special";
  };
  class = {
    expr = value (types.submoduleWith {
      class = "inner";
      modules = [ { options.a = none; } ];
    }) [ { _class = "inner"; } ];
    expected.a = 0;
  };
  declaredTwice = {
    expr = config [
      (option (types.submodule { options.a = int; }))
      (option (types.submodule { options.b = int; }))
      {
        x.a = 1;
        x.b = 2;
      }
    ];
    expected.x = {
      a = 1;
      b = 2;
    };
  };
  attrsDeclaredTwice = {
    expr = config [
      (option (types.attrsOf (types.submodule { options.a = int; })))
      (option (types.attrsOf (types.submodule { options.b = none; })))
      { x.y.a = 1; }
    ];
    expected.x.y = {
      a = 1;
      b = 0;
    };
  };
  optionsBelowASubmodule = {
    expr = config [
      (option (types.submodule { options.a = none; }))
      { options.x.b = none; }
      { x.b = 2; }
    ];
    expected.x = {
      a = 0;
      b = 2;
    };
  };
  filesOfDeclarations = {
    expr =
      let
        inherit
          (evaluate [
            {
              _file = "outer.nix";
              options.x = mkOption { type = types.submodule { options.a = none; }; };
            }
            {
              _file = "other.nix";
              options.x = mkOption { type = types.submodule { options.b = none; }; };
            }
          ])
          options
          ;
        inner = options.x.type.getSubOptions [ "x" ];
      in
      map (o: o.declarations) [
        inner.a
        inner.b
      ];
    expected = [
      [ "outer.nix" ]
      [ "other.nix" ]
    ];
  };
  subOptions = {
    expr =
      let
        inner = (types.attrsOf named).getSubOptions [ "x" ];
      in
      [
        (toString inner.name)
        inner.name.loc
        (lib.attrNames (removeAttrs inner [ "_module" ]))
      ];
    expected = [
      "x.<name>.name"
      [
        "x"
        "<name>"
        "name"
      ]
      [ "name" ]
    ];
  };
  subOptionsOfAList = {
    expr = toString ((types.listOf named).getSubOptions [ "x" ]).name;
    expected = "x.*.name";
  };
  subOptionsOfAFreeForm = {
    expr = lib.attrNames (removeAttrs ((types.submodule {
      freeformType = types.attrsOf types.int;
      options.a = none;
    }).getSubOptions [ ]) [ "_module" ]);
    expected = [
      "_freeformOptions"
      "a"
    ];
  };
  descriptions = {
    expr = map (type: type.description) [
      named
      (types.attrsOf named)
      (types.submodule { freeformType = types.attrsOf types.int; })
      (types.submoduleWith {
        modules = [ ];
        description = "thing";
      })
    ];
    expected = [
      "submodule"
      "attribute set of (submodule)"
      "open submodule of attribute set of signed integer"
      "thing"
    ];
  };
}
