# Types, one by one: what several definitions become.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  # The value of an option of TYPE with DEFINITIONS, the first of which comes first.
  value =
    type: definitions:
    (lib.evalModules {
      modules = [
        { options.x = mkOption { inherit type; }; }
      ]
      ++ lib.reverseList (map (x: { config = { inherit x; }; }) definitions);
    }).config.x;

  tagged = types.attrTag {
    number = mkOption { type = types.int; };
    word = mkOption {
      type = types.str;
      apply = lib.toUpper;
    };
  };
in
{
  equalDefinitions = {
    expr = [
      (value types.int [
        1
        1
      ])
      (value types.str [
        "a"
        "a"
      ])
      (value types.bool [
        true
        true
      ])
      (value (types.enum [ "a" ]) [
        "a"
        "a"
      ])
      (value types.path [
        "/a"
        "/a"
      ])
    ];
    expected = [
      1
      "a"
      true
      "a"
      "/a"
    ];
  };
  joined = {
    expr = {
      attrs = value types.attrs [
        { a.b = 1; }
        { a.c = 2; }
      ];
      boolByOr = value types.boolByOr [
        false
        true
      ];
      commas = value types.commas [
        "a"
        "b"
      ];
      envVar = value types.envVar [
        "a"
        "b"
      ];
      lines = value types.lines [
        "a"
        "b"
      ];
      list = value (types.listOf types.int) [
        [ 1 ]
        [ 2 ]
      ];
      separated = value (types.separatedString "-") [
        "a"
        "b"
      ];
      single = value types.singleLineStr [ "a\n" ];
    };
    expected = {
      attrs.a.c = 2;
      boolByOr = true;
      commas = "a,b";
      envVar = "a:b";
      lines = "a\nb";
      list = [
        1
        2
      ];
      separated = "a-b";
      single = "a";
    };
  };
  attrsOf = {
    expr = value (types.attrsOf (types.listOf types.int)) [
      {
        a = [ 1 ];
        b = lib.mkIf false [ 1 ];
        c = lib.mkForce [ 3 ];
      }
      {
        a = [ 2 ];
        c = [ 4 ];
      }
    ];
    expected = {
      a = [
        1
        2
      ];
      c = [ 3 ];
    };
  };
  attrsOfOfNothing = {
    expr = value (types.attrsOf types.int) [ { } ];
    expected = { };
  };
  lazyAttrsOf = {
    expr = lib.attrNames (value (types.lazyAttrsOf types.int) [ {
      a = lib.mkIf false 1;
      b = throw "b";
    } ]);
    expected = [
      "a"
      "b"
    ];
  };
  lazyAttrsOfEmpty = {
    expr = value (types.lazyAttrsOf (types.nullOr types.int)) [ { a = lib.mkIf false 1; } ];
    expected.a = null;
  };
  lazyAttrsOfReadsItself = {
    expr =
      (lib.evalModules {
        modules = [
          { options.x = mkOption { type = types.lazyAttrsOf types.int; }; }
          ({ config, ... }: {
            x.a = 1;
            x.b = config.x.a + 1;
          })
        ];
      }).config.x.b;
    expected = 2;
  };
  listsDropWhatIsNotThere = {
    expr = value (types.listOf types.int) [ [
      1
      (lib.mkIf false 2)
      (lib.mkIf true 3)
    ] ];
    expected = [
      1
      3
    ];
  };
  nullOr = {
    expr = [
      (value (types.nullOr types.int) [
        null
        null
      ])
      (value (types.nullOr (types.listOf types.int)) [
        [ 1 ]
        [ 2 ]
      ])
    ];
    expected = [
      null
      [
        1
        2
      ]
    ];
  };
  either = {
    expr = [
      (value (types.either types.int (types.listOf types.int)) [
        [ 1 ]
        [ 2 ]
      ])
      (value (types.either types.lines types.int) [
        "a"
        "b"
      ])
      (value (types.either types.bool types.int) [
        1
        1
      ])
    ];
    expected = [
      [
        1
        2
      ]
      "a\nb"
      1
    ];
  };
  eitherOfContainersTakesTheFirst = {
    expr = value (types.either (types.attrsOf types.int) (
      types.submodule { options.a = mkOption { default = 1; }; }
    )) [ { b = 2; } ];
    expected.b = 2;
  };
  oneOf = {
    expr = map (x: value (types.oneOf [
      types.int
      types.str
      (types.listOf types.int)
    ]) [ x ]) [
      1
      "a"
      [ 1 ]
    ];
    expected = [
      1
      "a"
      [ 1 ]
    ];
  };
  coercedTo = {
    expr = [
      (value (types.coercedTo types.int toString types.str) [
        1
        "1"
      ])
      (value (types.coercedTo types.str lib.singleton (types.listOf types.str)) [
        "a"
        [
          "b"
          "c"
        ]
      ])
      (value (types.attrsOf (types.coercedTo types.int toString types.str)) [ { a = 1; } ])
    ];
    expected = [
      "1"
      [
        "a"
        "b"
        "c"
      ]
      { a = "1"; }
    ];
  };
  functionTo = {
    expr = value (types.functionTo (types.listOf types.int)) [
      (n: [ n ])
      (n: [ (n + 1) ])
    ] 1;
    expected = [
      1
      2
    ];
  };
  functionToKnowsItsArguments = {
    expr = lib.functionArgs (value (types.functionTo types.int) [
      ({ a, b ? 1 }: a)
      ({ a, b }: a)
    ]);
    expected = {
      a = false;
      b = false;
    };
  };
  tagged = {
    expr = [
      (value tagged [
        { number = 1; }
        { number = 1; }
      ])
      (value tagged [ { word = "a"; } ])
      (lib.attrNames (tagged.getSubOptions [ "x" ]))
      (tagged.getSubOptions [ "x" ]).word.loc
    ];
    expected = [
      { number = 1; }
      { word = "A"; }
      [
        "number"
        "word"
      ]
      [
        "x"
        "word"
      ]
    ];
  };
}
