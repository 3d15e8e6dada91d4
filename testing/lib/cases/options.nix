# What an evaluation knows of its options.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  evaluate = modules: lib.evalModules { inherit modules; };
  config = modules: (evaluate modules).config;

  x =
    (evaluate [
      {
        _file = "declared.nix";
        options.x = mkOption {
          type = types.listOf types.int;
          default = [ 0 ];
          description = "X.";
        };
      }
      {
        _file = "one.nix";
        x = [ 1 ];
      }
      {
        _file = "two.nix";
        x = lib.mkBefore [ 2 ];
      }
      {
        _file = "weak.nix";
        x = lib.mkDefault [ 3 ];
      }
    ]).options.x;

  unset = (evaluate [ { options.x = mkOption { type = types.int; }; } ]).options.x;
  defaulted =
    (evaluate [
      {
        options.x = mkOption {
          type = types.int;
          default = 1;
        };
      }
    ]).options.x;
in
{
  value = {
    expr = x.value;
    expected = [
      2
      1
    ];
  };
  files = {
    expr = x.files;
    expected = [
      "two.nix"
      "one.nix"
    ];
  };
  definitions = {
    expr = x.definitions;
    expected = [
      [ 2 ]
      [ 1 ]
    ];
  };
  definitionsWithLocations = {
    expr = x.definitionsWithLocations;
    expected = [
      {
        file = "two.nix";
        value = [ 2 ];
        priority = 500;
      }
      {
        file = "one.nix";
        value = [ 1 ];
      }
    ];
  };
  highestPrio = {
    expr = map (o: o.highestPrio) [
      x
      unset
      defaulted
    ];
    expected = [
      100
      9999
      1500
    ];
  };
  isDefined = {
    expr = map (o: o.isDefined) [
      x
      unset
      defaulted
    ];
    expected = [
      true
      false
      true
    ];
  };
  declarations = {
    expr = x.declarations;
    expected = [ "declared.nix" ];
  };
  declaredTwice = {
    expr =
      (evaluate [
        {
          _file = "one.nix";
          options.x = mkOption { type = types.int; };
        }
        {
          _file = "two.nix";
          options.x = mkOption { default = 1; };
        }
      ]).options.x.declarations;
    expected = [
      "two.nix"
      "one.nix"
    ];
  };
  loc = {
    expr = [
      x.loc
      (toString x)
    ];
    expected = [
      [ "x" ]
      "x"
    ];
  };
  namesOfAnOption = {
    expr = lib.sort lib.lessThan (lib.attrNames (removeAttrs x [ "declarationPositions" ]));
    expected = [
      "__toString"
      "_type"
      "declarations"
      "default"
      "definitions"
      "definitionsWithLocations"
      "description"
      "files"
      "highestPrio"
      "isDefined"
      "loc"
      "options"
      "type"
      "value"
      "valueMeta"
    ];
  };
  apply = {
    expr =
      (evaluate [
        {
          options.x = mkOption {
            type = types.int;
            apply = toString;
          };
        }
        { x = 1; }
      ]).config.x;
    expected = "1";
  };
  applyOfADefault = {
    expr =
      (config [
        {
          options.x = mkOption {
            type = types.int;
            default = 1;
            apply = x: x + 1;
          };
        }
      ]).x;
    expected = 2;
  };
  readOnly = {
    expr = config [
      {
        options.x = mkOption {
          type = types.int;
          readOnly = true;
        };
      }
      { x = 1; }
    ];
    expected.x = 1;
  };
  invisible = {
    expr =
      let
        evaluated = evaluate [
          {
            options.x = mkOption {
              visible = false;
              default = 1;
            };
          }
        ];
      in
      [
        evaluated.options.x.visible
        evaluated.config.x
      ];
    expected = [
      false
      1
    ];
  };
  noType = {
    expr =
      (config [
        { options.x = mkOption { }; }
        { x = [ 1 ]; }
        { x = [ 2 ]; }
      ]).x;
    expected = [
      2
      1
    ];
  };
}
