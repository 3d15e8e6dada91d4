# What is said of options: `says` is what the error holds.
{ lib }:
let
  inherit (lib) mkOption types;

  evaluate = modules: (lib.evalModules { inherit modules; }).config;
  declared = attrs: {
    _file = "declared.nix";
    options.a.x = mkOption attrs;
  };
  defined = file: value: {
    _file = file;
    config.a.x = value;
  };
  given =
    attrs: values:
    (evaluate ([ (declared attrs) ] ++ lib.imap1 (i: defined "user${toString i}.nix") values)).a.x;
  read = attrs: values: builtins.deepSeq (given attrs values) null;
  of = type: read { inherit type; };

  many = types.attrsOf (types.submodule { options.b = mkOption { type = types.int; }; });
  priority = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";
in
{
  wrongType = {
    expr = of types.int [ "a" ];
    says = "A definition for option `a.x' is not of type `signed integer'. Definition values: - In `user1.nix': \"a\" END";
  };
  wrongTypeAmongOthers = {
    expr = of types.int [
      1
      "a"
      1
      [ ]
    ];
    says = "A definition for option `a.x' is not of type `signed integer'. Definition values: - In `user4.nix': [ ] - In `user2.nix': \"a\" END";
  };
  wrongTypeOfTheDefault = {
    expr = read {
      type = types.int;
      default = "a";
    } [ ];
    says = "A definition for option `a.x' is not of type `signed integer'. Definition values: - In `declared.nix': \"a\"";
  };
  wrongTypeOfAList = {
    expr = of (types.listOf types.int) [ 1 ];
    says = "A definition for option `a.x' is not of type `list of signed integer'. TypeError: Definition values: - In `user1.nix': 1 END";
  };
  wrongTypeInAList = {
    expr = of (types.listOf types.int) [
      [ 1 ]
      [
        2
        "a"
      ]
    ];
    says = "A definition for option `a.x.\"[definition 1-entry 2]\"' is not of type `signed integer'. Definition values: - In `user2.nix': \"a\"";
  };
  wrongTypeInASet = {
    expr = of (types.attrsOf types.int) [ { b = "a"; } ];
    says = "A definition for option `a.x.b' is not of type `signed integer'. Definition values: - In `user1.nix': \"a\"";
  };
  wrongTypeOfASet = {
    expr = of (types.attrsOf types.int) [ 1 ];
    says = "A definition for option `a.x' is not of type `attribute set of signed integer'. TypeError: Definition values: - In `user1.nix': 1";
  };
  wrongTypeOfNullOr = {
    expr = of (types.nullOr types.int) [ "a" ];
    says = "A definition for option `a.x' is not of type `null or signed integer'. Definition values: - In `user1.nix': \"a\"";
  };
  wrongTypeOfEither = {
    expr = of (types.either types.int types.str) [ true ];
    says = "A definition for option `a.x' is not of type `signed integer or string'. TypeError: The option `a.x` is neither a value of type `signed integer` nor `string`, Definition values: - In `user1.nix': true";
  };
  twoTypesOfEither = {
    expr = of (types.either types.int types.str) [
      1
      "a"
    ];
    says = "A definition for option `a.x' is not of type `signed integer or string'. TypeError: The option `a.x` is neither a value of type `signed integer` nor `string`, Definition values: - In `user2.nix': \"a\" - In `user1.nix': 1";
  };
  wrongTypeOfCoerced = {
    expr = of (types.coercedTo types.int toString types.str) [ true ];
    says = "A definition for option `a.x' is not of type `string or signed integer convertible to it'.";
  };
  wrongTypeOfEnum = {
    expr = of (types.enum [
      "a"
      "b"
    ]) [ "c" ];
    says = "A definition for option `a.x' is not of type `one of \"a\", \"b\"'. Definition values: - In `user1.nix': \"c\"";
  };
  wrongTypeOfPort = {
    expr = of types.port [ 65536 ];
    says = "A definition for option `a.x' is not of type `16 bit unsigned integer; between 0 and 65535 (both inclusive)'. Definition values: - In `user1.nix': 65536";
  };
  wrongTypeOfPath = {
    expr = of types.path [ "relative" ];
    says = "A definition for option `a.x' is not of type `absolute path'. Definition values: - In `user1.nix': \"relative\"";
  };
  wrongTypeOfPackage = {
    expr = of types.package [ "hello" ];
    says = "A definition for option `a.x' is not of type `package'. Definition values: - In `user1.nix': \"hello\"";
  };
  wrongTypeOfASubmodule = {
    expr = of (types.submodule { }) [ 1 ];
    says = "A definition for option `a.x' is not of type `submodule'. TypeError: Definition values: - In `user1.nix': 1";
  };
  wrongTypeInASubmodule = {
    expr = of many [ { c.b = "a"; } ];
    says = "A definition for option `a.x.c.b' is not of type `signed integer'. Definition values: - In `user1.nix': \"a\"";
  };
  wrongTypeOfATag = {
    expr = of (types.attrTag { b = mkOption { type = types.int; }; }) [ { c = 1; } ];
    says = "A definition for option `a.x' is not of type `attribute-tagged union with choices: b'. Definition values: - In `user1.nix': { c = 1; }";
  };
  wrongTypeOfAddCheck = {
    expr = of (types.addCheck (types.listOf types.int) (x: x != [ ])) [ [ ] ];
    says = "A definition for option `a.x' is not of type `list of signed integer'. TypeError: Definition values: - In `user1.nix': [ ]";
  };
  wrongTypeOfAFreeForm = {
    expr = evaluate [
      { freeformType = types.attrsOf types.int; }
      {
        _file = "user.nix";
        config.b = "a";
      }
    ];
    says = "A definition for option `b' is not of type `signed integer'. Definition values: - In `user.nix': \"a\"";
  };
  wrongTypeOfJson = {
    expr = of types.json [ { b = x: x; } ];
    says = "A definition for option `a.x.b' is not of type `JSON value'. Definition values: - In `user1.nix': <function> END";
  };
  checkLaidOver = {
    expr = of (types.attrsOf types.int // { check = _: true; }) [ { } ];
    says = "The option `a.x' has a type `attribute set of signed integer' that uses an ad-hoc `type // { check = ...; }' override";
  };
  overrideOutsideOfIf = {
    expr = of types.int [ (lib.mkForce (lib.mkIf true 1)) ];
    says = "is not of type `signed integer'. Definition values: - In `user1.nix': { _type = \"if\"; condition = true; content = 1; }";
  };

  conflict = {
    expr = of types.int [
      1
      2
    ];
    says = "The option `a.x' has conflicting definition values: - In `user2.nix': 2 - In `user1.nix': 1 ${priority}";
  };
  conflictOfTheSamePriority = {
    expr = of types.str [
      (lib.mkForce "a")
      (lib.mkForce "b")
      "c"
    ];
    says = "The option `a.x' has conflicting definition values: - In `user2.nix': \"b\" - In `user1.nix': \"a\" ${priority}";
  };
  conflictInASet = {
    expr = of (types.attrsOf types.bool) [
      { b = true; }
      { b = false; }
    ];
    says = "The option `a.x.b' has conflicting definition values: - In `user2.nix': false - In `user1.nix': true ${priority}";
  };
  conflictOfAnything = {
    expr = of types.anything [
      { b = 1; }
      { b = "c"; }
    ];
    says = "The option `a.x.b' has conflicting option types in `user2.nix' and `user1.nix'";
  };
  listsOfAnythingAreNotJoined = {
    expr = of types.anything [
      [ 1 ]
      [ 2 ]
    ];
    says = "The option `a.x' has conflicting definition values:";
  };
  nullAndNot = {
    expr = of (types.nullOr types.int) [
      null
      1
    ];
    says = "The option `a.x` is defined both null and not null, in `user2.nix' and `user1.nix'.";
  };
  twoTags = {
    expr = of (types.attrTag {
      b = mkOption { type = types.int; };
      c = mkOption { type = types.int; };
    }) [
      { b = 1; }
      { c = 1; }
    ];
    says = "The option `a.x` is defined both as `c` and `b`, in `user2.nix' and `user1.nix'.";
  };
  tagIsNoOption = {
    expr = of (types.attrTag { b = types.int; }) [ { b = 1; } ];
    says = "In attrTag, each tag value must be an option, but tag b was a bare type, not wrapped in mkOption.";
  };
  twoPackages = {
    expr = of types.package [
      "${builtins.storeDir}/00000000000000000000000000000000-a"
      "${builtins.storeDir}/00000000000000000000000000000000-b"
    ];
    says = "The option `a.x' is defined multiple times while it's expected to be unique.";
  };
  twoRaw = {
    expr = of types.raw [
      1
      1
    ];
    says = "The option `a.x' is defined multiple times while it's expected to be unique. Definition values: - In `user2.nix': 1 - In `user1.nix': 1 ${priority}";
  };
  unique = {
    expr = of (types.unique { message = "Only one is possible."; } types.int) [
      1
      1
    ];
    says = "The option `a.x' is defined multiple times while it's expected to be unique. Only one is possible. Definition values: - In `user2.nix': 1 - In `user1.nix': 1 ${priority}";
  };
  uniq = {
    expr = of (types.uniq types.int) [
      1
      1
    ];
    says = "The option `a.x' is defined multiple times while it's expected to be unique.";
  };
  cannotMerge = {
    expr = of types.unspecified [
      1
      "a"
    ];
    says = "Cannot merge definitions of `a.x'. Definition values: - In `user2.nix': \"a\" - In `user1.nix': 1";
  };
  readOnly = {
    expr = read {
      type = types.int;
      readOnly = true;
    } [
      1
      2
    ];
    says = "The option `a.x' is read-only, but it's set multiple times. Definition values: - In `user2.nix': 2 - In `user1.nix': 1";
  };
  readOnlyDefault = {
    expr = read {
      type = types.int;
      readOnly = true;
      default = 0;
    } [ 1 ];
    says = "The option `a.x' is read-only, but it's set multiple times. Definition values: - In `declared.nix': 0 - In `user1.nix': 1";
  };
  notDefined = {
    expr = of types.int [ ];
    says = "The option `a.x' was accessed but has no value defined. Try setting the option.";
  };
  notDefinedUnderACondition = {
    expr = of types.int [ (lib.mkIf false 1) ];
    says = "The option `a.x' was accessed but has no value defined. Try setting the option.";
  };
  notDefinedInASubmodule = {
    expr = of many [ { c = { }; } ];
    says = "The option `a.x.c.b' was accessed but has no value defined. Try setting the option.";
  };
  nonEmptyList = {
    expr = of (types.nonEmptyListOf types.int) [ ];
    says = "The option `a.x' was accessed but has no value defined. Try setting the option.";
  };
  notABoolean = {
    expr = of types.int [ (lib.mkIf "yes" 1) ];
    says = "‘mkIf’ called with a non-Boolean condition";
  };
  asserted = {
    expr = of types.int [ (lib.mkAssert false "told" 1) ];
    says = "Failed assertion: told";
  };

  declaredTwice = {
    expr = evaluate [
      (declared { type = types.int; })
      {
        _file = "again.nix";
        options.a.x = mkOption { type = types.str; };
      }
    ];
    says = "The option `a.x' in `declared.nix' is already declared in `again.nix'.";
  };
  twoDefaults = {
    expr = evaluate [
      (declared { default = 1; })
      {
        _file = "again.nix";
        options.a.x = mkOption { default = 1; };
      }
    ];
    says = "The option `a.x' in `declared.nix' is already declared in `again.nix'.";
  };
  twoDescriptions = {
    expr = evaluate [
      (declared { description = "A."; })
      {
        _file = "again.nix";
        options.a.x = mkOption { description = "A."; };
      }
    ];
    says = "The option `a.x' in `declared.nix' is already declared in `again.nix'.";
  };
  optionBelowAnOption = {
    expr = evaluate [
      (declared { type = types.int; })
      {
        _file = "below.nix";
        options.a.x.y = mkOption { };
      }
    ];
    says = "The option `a.x' in module `declared.nix' would be a parent of the following options, but its type `signed integer' does not support nested options. - option(s) with prefix `a.x.y' in module `below.nix'";
  };
  twoClasses = {
    expr = evaluate [
      (declared { type = types.submoduleWith {
        modules = [ ];
        class = "a";
      }; })
      { options.a.x = mkOption { type = types.submoduleWith {
        modules = [ ];
        class = "b";
      }; }; }
    ];
    says = "A submoduleWith option is declared multiple times with conflicting class values";
  };

  removed = {
    expr = (evaluate [
      (lib.mkRemovedOptionModule [ "old" ] "Do without.")
      { options.assertions = mkOption { type = types.listOf types.raw; }; }
    ]).old;
    says = "The option `old' can no longer be used since it's been removed. Do without.";
  };
  renamedToNothing = {
    expr = (evaluate [ (lib.mkRenamedOptionModule [ "old" ] [ "new" ]) ]).old;
    says = "The option `new' does not exist. Definition values:";
  };
  failedAssertions = {
    expr = lib.asserts.checkAssertWarn [
      {
        assertion = false;
        message = "one";
      }
      {
        assertion = false;
        message = "two";
      }
    ] [ ] 1;
    says = "Failed assertions: - one - two";
  };
  noSuchPackage = {
    expr = (lib.mkPackageOption { } "hello" { }).default;
    says = "hello cannot be found in pkgs";
  };
}
