# What a module is, and which modules an evaluation has.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  list = {
    options.list = mkOption {
      type = types.listOf types.str;
      default = [ ];
    };
  };
  text = {
    options.text = mkOption { type = types.str; };
  };
  withArgs = specialArgs: modules: (lib.evalModules { inherit modules specialArgs; }).config;
  config = withArgs { };
in
{
  paths = {
    expr = config [
      ./modules/counted.nix
      ./modules/plain.nix
    ];
    # Later modules come first.
    expected.list = [
      "plain"
      "counted"
    ];
  };
  stringsAreForFiles = {
    expr = config [ (toString ./modules/counted.nix) ];
    expected.list = [ "counted" ];
  };
  sameFileTwice = {
    expr = config [
      ./modules/counted.nix
      { imports = [ ./modules/counted.nix ]; }
      (toString ./modules/counted.nix)
    ];
    expected.list = [ "counted" ];
  };
  sameKeyTwice = {
    expr = config [
      list
      {
        key = "one";
        list = [ "first" ];
      }
      {
        key = "one";
        list = [ "second" ];
      }
    ];
    expected.list = [ "first" ];
  };
  noKeyTwice = {
    expr = config [
      list
      { list = [ "same" ]; }
      { list = [ "same" ]; }
    ];
    expected.list = [
      "same"
      "same"
    ];
  };
  nestedImports = {
    expr = config [
      {
        imports = [
          list
          { imports = [ { config.list = [ "deep" ]; } ]; }
        ];
        config.list = [ "outer" ];
      }
    ];
    # What is imported comes first.
    expected.list = [
      "deep"
      "outer"
    ];
  };
  orderOfFiles = {
    expr = config [
      list
      { list = [ "a" ]; }
      { list = [ "b" ]; }
      {
        imports = [ { list = [ "imported" ]; } ];
        list = [ "c" ];
      }
    ];
    expected.list = [
      "imported"
      "c"
      "b"
      "a"
    ];
  };
  functions = {
    expr = config [
      ({ lib, ... }: { options.text = lib.mkOption { type = lib.types.str; }; })
      ({ config, options, ... }: { text = lib.boolToString (options ? text && config ? text); })
    ];
    expected.text = "true";
  };
  functors = {
    expr = config [
      text
      { __functor = _: { lib, ... }: { text = lib.toUpper "x"; }; }
    ];
    expected.text = "X";
  };
  conditionalModule = {
    expr = config [
      list
      (lib.mkIf true { list = [ "yes" ]; })
      (lib.mkIf false { list = [ "no" ]; })
    ];
    expected.list = [ "yes" ];
  };
  metaIsAnOptionLikeOthers = {
    expr = config [
      {
        options.meta.name = mkOption { type = types.str; };
        meta.name = "x";
      }
    ];
    expected.meta.name = "x";
  };
  importApply = {
    expr = config [ (lib.modules.importApply ./modules/applied.nix "given") ];
    expected.word = "given";
  };
  importJSON = {
    expr = config [
      text
      (lib.modules.importJSON ./modules/data.json)
    ];
    expected.text = "json";
  };
  importTOML = {
    expr = config [
      text
      (lib.modules.importTOML ./modules/data.toml)
    ];
    expected.text = "toml";
  };

  specialArgsInImports = {
    expr = withArgs { extra = [ { list = [ "extra" ]; } ]; } [
      list
      ({ extra, ... }: { imports = extra; })
    ];
    expected.list = [ "extra" ];
  };
  specialArgsWinOverArgs = {
    expr = withArgs { word = "special"; } [
      text
      { _module.args.word = "arg"; }
      ({ word, ... }: { text = word; })
    ];
    expected.text = "special";
  };
  args = {
    expr = config [
      text
      { _module.args.word = "arg"; }
      ({ word, ... }: { text = word; })
    ];
    expected.text = "arg";
  };
  argsFromConfig = {
    expr = config [
      text
      list
      ({ config, ... }: { _module.args.words = config.list; })
      ({ words, ... }: { text = lib.concatStrings words; })
      {
        list = [
          "a"
          "b"
        ];
      }
    ];
    expected = {
      list = [
        "a"
        "b"
      ];
      text = "ab";
    };
  };
  defaultArgumentsAreNotUsed = {
    expr = builtins.tryEval (
      config [
        text
        { _module.args.word = "arg"; }
        (
          {
            word ? "default",
            ...
          }:
          {
            text = word;
          }
        )
      ]
    ).text;
    expected = {
      success = true;
      value = "arg";
    };
  };
  moduleKnowsItsClass = {
    expr =
      (lib.evalModules {
        class = "nixos";
        modules = [
          text
          { _class = "nixos"; }
          ({ _class, ... }: { text = _class; })
        ];
      }).config;
    expected.text = "nixos";
  };
  noClassTakesAll = {
    expr = config [
      text
      {
        _class = "other";
        text = "x";
      }
    ];
    expected.text = "x";
  };

  disabledByPath = {
    expr = config [
      list
      ./modules/plain.nix
      { disabledModules = [ ./modules/plain.nix ]; }
    ];
    expected.list = [ ];
  };
  disabledByAbsoluteString = {
    expr = config [
      list
      ./modules/plain.nix
      { disabledModules = [ (toString ./modules/plain.nix) ]; }
    ];
    expected.list = [ ];
  };
  disabledBelowModulesPath = {
    expr = withArgs { modulesPath = toString ./modules; } [
      list
      ./modules/plain.nix
      { disabledModules = [ "plain.nix" ]; }
    ];
    expected.list = [ ];
  };
  disabledByKey = {
    expr = config [
      list
      {
        key = "gone";
        list = [ "gone" ];
      }
      { disabledModules = [ { key = "gone"; } ]; }
    ];
    expected.list = [ ];
  };
  disabledTakesItsImportsAlong = {
    expr = config [
      list
      {
        key = "gone";
        imports = [ { list = [ "imported" ]; } ];
      }
      { disabledModules = [ { key = "gone"; } ]; }
    ];
    expected.list = [ ];
  };
  disabledModulesDisableStill = {
    expr = config [
      list
      {
        key = "first";
        disabledModules = [ { key = "second"; } ];
      }
      {
        key = "second";
        list = [ "second" ];
      }
      { disabledModules = [ { key = "first"; } ]; }
    ];
    expected.list = [ ];
  };
  disabledAndReplaced = {
    expr = config [
      ./modules/counted.nix
      {
        disabledModules = [ ./modules/counted.nix ];
        imports = [ list ];
        config.list = [ "replaced" ];
      }
    ];
    expected.list = [ "replaced" ];
  };
}
