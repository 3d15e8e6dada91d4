# Free forms and deferred modules.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  int = mkOption { type = types.int; };
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
in
{
  freeform = {
    expr = config [
      {
        freeformType = types.attrsOf types.int;
        options.a = none;
      }
      { b = 1; }
      {
        a = 2;
        c = 3;
      }
    ];
    expected = {
      a = 2;
      b = 1;
      c = 3;
    };
  };
  freeformNested = {
    expr = config [
      {
        freeformType = (types.attrsOf (types.either types.int (types.attrsOf types.int)));
        options.a.b = none;
      }
      {
        a.c = 1;
        d = 2;
      }
    ];
    expected = {
      a.b = 0;
      a.c = 1;
      d = 2;
    };
  };
  freeformOfJson = {
    expr = value (types.submodule {
      freeformType = types.attrsOf types.anything;
      options.port = none;
    }) [
      {
        server.name = "a";
        list = [ 1 ];
      }
      { server.port = 1; }
    ];
    expected = {
      port = 0;
      list = [ 1 ];
      server = {
        name = "a";
        port = 1;
      };
    };
  };
  freeformWithoutDefinitions = {
    expr = config [
      {
        freeformType = types.attrsOf types.int;
        options.a = none;
      }
    ];
    expected.a = 0;
  };
  freeformReadsItself = {
    expr = config [
      { freeformType = types.lazyAttrsOf types.int; }
      ({ config, ... }: {
        a = 1;
        b = config.a + 1;
      })
    ];
    expected = {
      a = 1;
      b = 2;
    };
  };
  freeformPriority = {
    expr = config [
      { freeformType = types.attrsOf types.int; }
      { a = lib.mkDefault 1; }
      { a = 2; }
      { b = lib.mkIf false 3; }
    ];
    expected.a = 2;
  };
  deferred = {
    expr =
      let
        module = value types.deferredModule [
          { a = 1; }
          ({ lib, ... }: { b = lib.mkDefault 2; })
        ];
      in
      config [
        { options = {
          a = int;
          b = int;
        }; }
        module
      ];
    expected = {
      a = 1;
      b = 2;
    };
  };
  deferredKnowsItsFile = {
    expr =
      let
        module =
          (config [
            (option types.deferredModule)
            {
              _file = "there.nix";
              x.a = 1;
            }
          ]).x;
      in
      (evaluate [
        { options.a = int; }
        module
      ]).options.a.files;
    expected = [ "there.nix, via option x" ];
  };
  deferredWith = {
    expr =
      let
        type = types.deferredModuleWith { staticModules = [ { options.a = none; } ]; };
      in
      [
        (lib.attrNames (removeAttrs (type.getSubOptions [ ]) [ "_module" ]))
        (config [ (value type [ { a = 1; } ]) ])
      ];
    expected = [
      [ "a" ]
      { a = 1; }
    ];
  };
}
