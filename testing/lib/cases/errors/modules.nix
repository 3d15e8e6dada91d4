# What is said of modules that cannot be: `says` is what the error holds.
{ lib }:
let
  inherit (lib) mkOption types;

  evaluate = modules: (lib.evalModules { inherit modules; }).config;
  x.options.x = mkOption { type = types.int; };
  user = definitions: {
    _file = "user.nix";
    config = definitions;
  };
  many = from: to: {
    options = lib.genAttrs (map (n: "option${toString n}") (lib.range from to)) (
      _: mkOption { default = 0; }
    );
  };
in
{
  unknownOption = {
    expr = evaluate [
      x
      (user {
        x = 1;
        y = 2;
      })
    ];
    says = "The option `y' does not exist. Definition values: - In `user.nix': 2 Did you mean `x'?";
  };
  unknownOptionBelowOthers = {
    expr = evaluate [
      {
        options.services = {
          ollama.enable = lib.mkEnableOption "a";
          ollama.port = mkOption { default = 1; };
          ollama.host = mkOption { default = ""; };
          openssh.enable = lib.mkEnableOption "b";
        };
      }
      (user { services.ollama.enabled = true; })
    ];
    says = "The option `services.ollama.enabled' does not exist. Definition values: - In `user.nix': true Did you mean `services.ollama.enable', `services.ollama.host' or `services.ollama.port'?";
  };
  unknownOptionUnderAFalseCondition = {
    expr = evaluate [
      x
      (user (lib.mkIf false { y = 2; }))
    ];
    says = "The option `y' does not exist. Definition values: - In `user.nix': { _type = \"if\"; condition = false; content = 2; } Did you mean `x'?";
  };
  unknownOptionOfNothing = {
    expr = evaluate [ (user { y = 2; }) ];
    says = "The option `y' does not exist. Definition values: - In `user.nix': 2 It seems as if you're trying to declare an option by placing it into `config' rather than `options'!";
  };
  unknownOptionInASubmodule = {
    expr = evaluate [
      { options.x = mkOption { type = types.attrsOf (types.submodule x); }; }
      (user { x.a.y = 1; })
    ];
    says = "The option `x.a.y' does not exist. Definition values: - In `user.nix': 1 Did you mean `x.a.x'?";
  };
  unknownOptionInAnEmptySubmodule = {
    expr = evaluate [
      { options.x = mkOption { type = types.submodule { }; }; }
      (user { x.y = 1; })
    ];
    says = "The option `x.y' does not exist. Definition values: - In `user.nix': 1 However there are no options defined in `x'. Are you sure you've declared your options properly?";
  };
  unknownOptionOfManyWithNoneNear = {
    expr = evaluate [
      (many 1 120)
      (user { other = 1; })
    ];
    says = "The option `other' does not exist. Definition values: - In `user.nix': 1 END";
  };
  unknownOptionOfMany = {
    expr = evaluate [
      (many 101 220)
      (user { optoin150 = 1; })
    ];
    says = "Did you mean `option150'?";
  };
  removedWithoutAssertions = {
    expr = evaluate [ (lib.mkRemovedOptionModule [ "old" ] "Do without.") ];
    says = "The option `assertions' does not exist.";
  };

  bothConfigAndTopLevel = {
    expr = evaluate [
      x
      {
        config = { };
        x = 1;
        y = 2;
      }
    ];
    says = "Module `:anon-2' has an unsupported attribute `x'. This is caused by introducing a top-level `config' or `options' attribute. Add configuration attributes immediately on the top level instead, or move all of them (namely: x y) into the explicit `config' attribute.";
  };
  notAModule = {
    expr = evaluate [
      x
      {
        imports = [ (mkOption { }) ];
        _file = "user.nix";
      }
    ];
    says = "Expected a module, but found a value of type \"option\", while trying to load a module into user.nix. A module is typically loaded by adding it to the imports = [ ... ]; attribute";
  };
  configurationIsNoModule = {
    expr = evaluate [ (lib.evalModules { modules = [ ]; }) ];
    says = "Expected a module, but found a value of type \"configuration\".";
  };
  notEvenASet = {
    expr = evaluate [ (_: 1) ];
    says = "does not look like a module.";
  };
  listInImports = {
    expr = evaluate [ [ x ] ];
    says = "Module imports can't be nested lists. Perhaps you meant to remove one level of lists? Definitions: - In `<unknown-file>':";
  };
  otherClass = {
    expr =
      (lib.evalModules {
        class = "nixos";
        modules = [
          {
            _class = "homeManager";
            _file = "home.nix";
          }
        ];
      }).config;
    says = "The module `home.nix` (class: \"homeManager\") cannot be imported into a module evaluation that expects class \"nixos\".";
  };
  unknownArgument = {
    expr = evaluate [
      x
      {
        _file = "user.nix";
        imports = [ ({ absent, ... }: { x = absent; }) ];
      }
    ];
    says = "attribute 'absent' missing";
  };
  disabledWithoutKey = {
    expr = evaluate [ {
      _file = "user.nix";
      disabledModules = [ { } ];
    } ];
    says = "Module `user.nix` contains a disabledModules item that is an attribute set, presumably a module, that does not have a `key` attribute.";
  };
  disabledNumber = {
    expr = evaluate [ {
      _file = "user.nix";
      disabledModules = [ (_: 1) ];
    } ];
    says = "Each disabledModules item must be a path, string, or a attribute set with a key attribute, or a value supported by toString. However, one of the disabledModules items in `user.nix` is none of that, but is of type lambda.";
  };
  configIsNoSet = {
    expr = evaluate [
      { options.a.b = mkOption { }; }
      (user { a = 1; })
    ];
    says = "In module `user.nix', you're trying to define a value of type `int' rather than an attribute set for the option `a'!";
  };
  optionsAreNoSet = {
    expr = evaluate [ { options = 1; } ];
    says = "An option declaration for `' has type `int' rather than an attribute set. Did you mean to define this outside of `options'?";
  };
  typeAsOption = {
    expr = evaluate [
      {
        _file = "user.nix";
        options.a.b = types.int;
      }
    ];
    says = "In module user.nix: expected an option declaration at option path `a.b` but got an attribute set with type option-type When declaring an option, you must wrap the type in a `mkOption` call.";
  };
  unknownAttributeOfAnOption = {
    expr = evaluate [ { options.x = mkOption { typ = types.int; }; } ];
    says = "called with unexpected argument 'typ'";
  };
}
