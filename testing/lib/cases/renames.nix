# Options that have another name now, or none.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  messages = {
    options = {
      assertions = mkOption {
        type = types.listOf types.raw;
        default = [ ];
      };
      warnings = mkOption {
        type = types.listOf types.str;
        default = [ ];
      };
    };
  };

  evaluate = modules: lib.evalModules { modules = [ messages ] ++ modules; };
  new = type: { options.new.name = mkOption { inherit type; }; };
  old = value: {
    _file = "user.nix";
    old.name = value;
  };
  of =
    rename: type: modules:
    evaluate (
      [
        (new type)
        (rename [
          "old"
          "name"
        ] [
          "new"
          "name"
        ])
      ]
      ++ modules
    );
  renamed = of lib.mkRenamedOptionModule;
  aliased = of lib.mkAliasOptionModule;
  since =
    sinceRelease:
    of (
      from: to: lib.mkRenamedOptionModuleWith { inherit from to sinceRelease; }
    ) types.int [ (old 1) ];

  told = "The option `old.name' defined in `user.nix' has been renamed to `new.name'.";
  removed = evaluate [
    (lib.mkRemovedOptionModule [
      "old"
      "name"
    ] "Do without.")
    (old 1)
  ];
  changed = lib.mkChangedOptionModule [
    "old"
    "name"
  ] [
    "new"
    "name"
  ] (
    config: if config.old.name then "on" else "off"
  );
  merged = lib.mkMergedOptionModule [
    [ "a" ]
    [ "b" ]
  ] [
    "new"
    "name"
  ] (
    config: lib.concatStringsSep "+" (lib.filter (x: x != "_mkMergedOptionModule") [
      config.a
      config.b
    ])
  );
in
{
  renamed = {
    expr = (renamed types.int [ (old 1) ]).config;
    expected = {
      assertions = [ ];
      new.name = 1;
      old.name = 1;
      warnings = [ told ];
    };
  };
  renamedUnused = {
    expr = (renamed types.int [ { new.name = 1; } ]).config.warnings;
    expected = [ ];
  };
  renamedKeepsPriority = {
    expr = map (wrap: (renamed types.int [
      (old (wrap 1))
      { new.name = 2; }
    ]).config.new.name) [
      lib.mkForce
      lib.mkDefault
    ];
    expected = [
      1
      2
    ];
  };
  renamedListsAreJoined = {
    expr = (renamed (types.listOf types.int) [
      (old [ 1 ])
      { new.name = [ 2 ]; }
    ]).config.new.name;
    expected = [
      2
      1
    ];
  };
  renamedIsInvisible = {
    expr = (renamed types.int [ ]).options.old.name.visible;
    expected = false;
  };
  renamedHasTheType = {
    expr = (renamed types.int [ ]).options.old.name.type.description;
    expected = "signed integer";
  };
  renamedIntoASubmodule = {
    expr =
      (evaluate [
        {
          options.new = mkOption {
            type = types.submodule { options.name = mkOption { type = types.int; }; };
          };
        }
        (lib.mkRenamedOptionModule [ "old" ] [
          "new"
          "name"
        ])
        { old = 1; }
      ]).config.new.name;
    expected = 1;
  };
  renamedWithoutWarnings = {
    expr =
      (lib.evalModules {
        modules = [
          (new types.int)
          (lib.mkRenamedOptionModule [
            "old"
            "name"
          ] [
            "new"
            "name"
          ])
          (old 1)
        ];
      }).config.new.name;
    expected = 1;
  };
  renamedLongAgo = {
    expr = (since 2305).config.warnings;
    expected = [ told ];
  };
  renamedLately = {
    expr = (since 9905).config.warnings;
    expected = [ ];
  };

  aliased = {
    expr = (aliased types.int [ (old 1) ]).config;
    expected = {
      assertions = [ ];
      new.name = 1;
      old.name = 1;
      warnings = [ ];
    };
  };
  aliasIsVisible = {
    expr = (aliased types.int [ ]).options.old.name.visible;
    expected = true;
  };
  aliasReadsTheNewName = {
    expr = (aliased types.int [ { new.name = 2; } ]).config.old.name;
    expected = 2;
  };

  removed = {
    expr = map (assertion: lib.getAttrs [
      "assertion"
      "message"
    ] assertion) removed.config.assertions;
    expected = [
      {
        assertion = false;
        message = "The option definition `old.name' in `user.nix' no longer has any effect; please remove it.\nDo without.\n";
      }
    ];
  };
  removedUnused = {
    expr = map (a: a.assertion) (evaluate [ (lib.mkRemovedOptionModule [
      "old"
      "name"
    ] "Do without.") ]).config.assertions;
    expected = [ true ];
  };
  removedIsInvisible = {
    expr = removed.options.old.name.visible;
    expected = false;
  };

  changed = {
    expr = removeAttrs (evaluate [
      (new types.str)
      changed
      (old true)
    ]).config [ "assertions" ];
    expected = {
      new.name = "on";
      old.name = true;
      warnings = [
        "The option `old.name' defined in `user.nix' has been changed to `new.name' that has a different type. Please read `new.name' documentation and update your configuration accordingly."
      ];
    };
  };
  changedUnused = {
    expr = (evaluate [
      (new types.str)
      changed
      { new.name = "x"; }
    ]).config.new.name;
    expected = "x";
  };
  merged = {
    expr = map (definitions: (evaluate [
      (new types.str)
      merged
      definitions
    ]).config.new.name) [
      {
        a = "1";
        b = "2";
      }
      { b = "2"; }
    ];
    expected = [
      "1+2"
      "2"
    ];
  };

  assertions = {
    expr =
      let
        assertion = value: message: {
          assertion = value;
          inherit message;
        };
        collected = evaluate [
          { assertions = [ (assertion true "a") ]; }
          { assertions = lib.mkIf true [ (assertion false "b") ]; }
          { assertions = lib.mkIf false [ (assertion false "c") ]; }
        ];
      in
      map (a: a.message) (lib.filter (a: !a.assertion) collected.config.assertions);
    expected = [ "b" ];
  };
  checkAssertWarn = {
    expr = lib.asserts.checkAssertWarn [ {
      assertion = true;
      message = throw "not told";
    } ] [ ] 1;
    expected = 1;
  };
}
