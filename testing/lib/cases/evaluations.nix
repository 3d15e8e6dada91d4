# Evaluations: extending them, and where definitions come from.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  evaluate = modules: lib.evalModules { inherit modules; };
  config = modules: (evaluate modules).config;
in
{
  extendModules = {
    expr =
      let
        base = evaluate [
          {
            options.x = mkOption { type = types.listOf types.int; };
            config.x = [ 1 ];
          }
        ];
        more = base.extendModules { modules = [ { x = [ 2 ]; } ]; };
        most = more.extendModules {
          modules = [ ({ three, ... }: { x = three; }) ];
          specialArgs.three = [ 3 ];
        };
      in
      map (evaluated: evaluated.config.x) [
        base
        more
        most
      ];
    expected = [
      [ 1 ]
      [
        2
        1
      ]
      [
        3
        2
        1
      ]
    ];
  };
  extendModulesAsArgument = {
    expr =
      (config [
        ({ extendModules, ... }: {
          options.x = mkOption { type = types.listOf types.int; };
          options.y = mkOption {
            default = (extendModules { modules = [ { x = [ 2 ]; } ]; }).config.x;
          };
          config.x = [ 1 ];
        })
      ]).y;
    expected = [
      2
      1
    ];
  };
  evaluationHas = {
    expr = lib.getAttrs [
      "_type"
      "class"
    ] (lib.evalModules {
      modules = [ ];
      class = "nixos";
    });
    expected = {
      _type = "configuration";
      class = "nixos";
    };
  };
  moduleType = {
    expr =
      let
        inner = evaluate [ { options.a = mkOption { type = types.int; }; } ];
      in
      (config [
        { options.x = mkOption { inherit (inner) type; }; }
        { x.a = 1; }
      ]).x.a;
    expected = 1;
  };
  uncheckedNames = {
    expr = config [
      {
        _module.check = false;
        unknown = 1;
      }
    ];
    expected = { };
  };
  setDefaultModuleLocation = {
    expr =
      (evaluate [
        { options.x = mkOption { }; }
        (lib.setDefaultModuleLocation "there.nix" { x = 1; })
      ]).options.x.files;
    expected = [ "there.nix" ];
  };
  filesOfNamedModules = {
    expr =
      (evaluate [
        {
          _file = "named.nix";
          imports = [ { x = 1; } ];
          options.x = mkOption { };
        }
      ]).options.x.files;
    expected = [ "named.nix" ];
  };
  filesOfUnnamedModules = {
    expr =
      (evaluate [
        { options.x = mkOption { }; }
        { x = 1; }
      ]).options.x.files;
    expected = [ "<unknown-file>" ];
  };
}
