# Setting an option only where this release has it: nixlib/lib/soft.nix.
{ lib, soft, ... }:
let
  inherit (lib) mkOption types;

  text = mkOption {
    type = types.str;
    default = "";
  };
  messages = mkOption {
    type = types.listOf types.raw;
    default = [ ];
  };

  release = lib.evalModules {
    modules = [
      {
        imports = [
          (lib.mkRemovedOptionModule [ "removed" ] "Do without.")
          (lib.mkRenamedOptionModule [ "before" "name" ] [ "now" "name" ])
        ];
        options = {
          plain = text;
          internal = text // {
            internal = true;
          };
          hidden = text // {
            visible = false;
          };
          shallow = text // {
            visible = "shallow";
          };
          deeply.nested.leaf = text;
          now.name = text;
          parent = mkOption {
            type = types.submodule { options.child = text; };
            default = { };
          };
          many = mkOption {
            type = types.attrsOf (types.submodule { options.child = text; });
            default = { };
          };
          assertions = messages;
          warnings = messages;
        };
      }
    ];
  };
  inherit (release) options;
  has = soft.has options;

  # { path, value } of each name, valued with the name itself.
  candidates = map (name: {
    path = [ name ];
    value = name;
  });
  reaches = soft.reaches options;
in
{
  reachesOption = {
    expr = reaches [ "plain" ];
    expected = true;
  };
  reachesIntoOption = {
    expr = map reaches [
      [
        "parent"
        "child"
      ]
      [
        "many"
        "any"
        "child"
      ]
      [
        "deeply"
        "nested"
      ]
    ];
    expected = [
      true
      true
      true
    ];
  };
  reachesNothing = {
    expr = map reaches [
      [ "absent" ]
      [
        "deeply"
        "absent"
      ]
      [ "removed" ]
      [
        "removed"
        "more"
      ]
      [
        "before"
        "name"
      ]
      [ "hidden" ]
    ];
    expected = [
      false
      false
      false
      false
      false
      false
    ];
  };
  hasOption = {
    expr = has [ "plain" ];
    expected = true;
  };
  hasInternal = {
    expr = has [ "internal" ];
    expected = true;
  };
  hasShallow = {
    expr = has [ "shallow" ];
    expected = true;
  };
  hasNotAbsent = {
    expr = has [ "absent" ];
    expected = false;
  };
  hasNotBelowAbsent = {
    expr = has [
      "absent"
      "leaf"
    ];
    expected = false;
  };
  hasNotHidden = {
    expr = has [ "hidden" ];
    expected = false;
  };
  hasNotRemoved = {
    expr = has [ "removed" ];
    expected = false;
  };
  hasNotRenamed = {
    expr = has [
      "before"
      "name"
    ];
    expected = false;
  };
  hasNewName = {
    expr = has [
      "now"
      "name"
    ];
    expected = true;
  };
  hasNested = {
    expr = has [
      "deeply"
      "nested"
      "leaf"
    ];
    expected = true;
  };
  # A set of options counts: a module with that prefix is there.
  hasPrefix = {
    expr = has [
      "deeply"
      "nested"
    ];
    expected = true;
  };
  hasSubmodule = {
    expr = has [ "parent" ];
    expected = true;
  };
  # What is below an option is a value, and nobody looks there.
  hasNotBelowSubmodule = {
    expr = has [
      "parent"
      "child"
    ];
    expected = false;
  };
  hasNotBelowMany = {
    expr = has [
      "many"
      "some"
      "child"
    ];
    expected = false;
  };
  # `type` is a name in every option, and no option.
  hasNotInsideOption = {
    expr = has [
      "parent"
      "type"
    ];
    expected = false;
  };

  setsOption = {
    expr = soft.set options [
      "deeply"
      "nested"
      "leaf"
    ] "x";
    expected.deeply.nested.leaf = "x";
  };
  setsNoAbsent = {
    expr = soft.set options [ "absent" ] (throw "a value that nobody wants was looked at");
    expected = { };
  };
  setsNoRemoved = {
    expr = soft.set options [ "removed" ] "x";
    expected = { };
  };
  setsNoRenamed = {
    expr = soft.set options [
      "before"
      "name"
    ] "x";
    expected = { };
  };
  # What was set is taken in by the release.
  setsWhatMerges = {
    expr =
      (release.extendModules {
        modules = [
          { config = soft.set options [ "plain" ] "x"; }
          { config = soft.set options [ "absent" ] "x"; }
        ];
      }).config.plain;
    expected = "x";
  };

  firstIsNewest = {
    expr = soft.first options (candidates [
      "plain"
      "shallow"
    ]);
    expected.plain = "plain";
  };
  firstSkipsAbsent = {
    expr = soft.first options (candidates [
      "absent"
      "removed"
      "hidden"
      "plain"
      "shallow"
    ]);
    expected.plain = "plain";
  };
  # The old name is there too, as an alias: the new one counts in whatever order they stand.
  firstSkipsRenamed = {
    expr = soft.first options [
      {
        path = [
          "before"
          "name"
        ];
        value = "old";
      }
      {
        path = [
          "now"
          "name"
        ];
        value = "new";
      }
    ];
    expected.now.name = "new";
  };
  firstOfNone = {
    expr = soft.first options (candidates [
      "absent"
      "removed"
    ]);
    expected = { };
  };
}
