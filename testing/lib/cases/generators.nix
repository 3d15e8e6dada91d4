# Text out of values.
{ lib, ... }:
let
  inherit (lib) generators;

  sections = {
    core.editor = "vi";
    "a[b]" = {
      on = true;
      n = 1;
    };
  };
in
{
  keyValue = {
    expr = generators.toKeyValue { } {
      "a=b" = "c";
      float = 0.5;
      no = null;
      on = true;
    };
    expected = "a\\=b=c\nfloat=0.500000\nno=null\non=true\n";
  };
  keyValueOptions = {
    expr = generators.toKeyValue {
      listsAsDuplicateKeys = true;
      indent = "  ";
      mkKeyValue = generators.mkKeyValueDefault { mkValueString = x: "<${toString x}>"; } ": ";
    } { a = [
      1
      2
    ]; };
    expected = "  a: <1>\n  a: <2>\n";
  };
  ini = {
    expr = generators.toINI { } sections;
    expected = "[a\\[b\\]]\nn=1\non=true\n\n[core]\neditor=vi\n";
  };
  iniWithGlobalSection = {
    expr = map (generators.toINIWithGlobalSection { }) [
      {
        globalSection.a = 1;
        sections.b.c = 2;
      }
      {
        globalSection = { };
        sections.b.c = 2;
      }
      { globalSection.a = 1; }
    ];
    expected = [
      "a=1\n\n[b]\nc=2\n"
      "[b]\nc=2\n"
      "a=1\n\n"
    ];
  };
  gitIni = {
    expr = generators.toGitINI {
      user.name = "A \"B\"";
      url."https://x".insteadOf = [
        "a"
        "b"
      ];
      core.bare = false;
      diff.a.b.c = "\\\t";
    };
    expected = "[core]\n\tbare = false\n\n[diff \"a.b\"]\n\tc = \"\\\\\\t\"\n\n[url \"https://x\"]\n\tinsteadOf = \"a\"\n\tinsteadOf = \"b\"\n\n[user]\n\tname = \"A \\\"B\\\"\"\n";
  };
  json = {
    expr = [
      (generators.toJSON { } { a = [
        1
        null
      ]; })
      (generators.toYAML { } { a = [
        1
        null
      ]; })
    ];
    expected = [
      "{\"a\":[1,null]}"
      "{\"a\":[1,null]}"
    ];
  };
  pretty = {
    expr = generators.toPretty { } {
      "a b" = [
        1
        2.5
        true
        null
      ];
      empty = [
        { }
        [ ]
      ];
      f = { lib, x ? 1 }: lib;
      g = x: x;
      package = {
        type = "derivation";
        name = "x";
      };
      path = /a;
      text = "one\n''two\${}\n";
    };
    expected = "{\n  \"a b\" = [\n    1\n    2.5\n    true\n    null\n  ];\n  empty = [\n    { }\n    [ ]\n  ];\n  f = <function, args: {lib, x?}>;\n  g = <function>;\n  package = <derivation x>;\n  path = /a;\n  text = ''\n    one\n    '''two''\${}\n  '';\n}";
  };
  prettyInOneLine = {
    expr = generators.toPretty { multiline = false; } { a = [
      1
      "b\nc\""
    ]; };
    expected = "{ a = [ 1 \"b\\nc\\\"\" ]; }";
  };
  prettyValues = {
    expr = generators.toPretty { allowPrettyValues = true; } { a = {
      __pretty = x: "<${x}>";
      val = "v";
    }; };
    expected = "{\n  a = <v>;\n}";
  };
  recursion = {
    expr = generators.withRecursion {
      depthLimit = 1;
      throwOnDepthLimit = false;
    } { a.b.c = 1; };
    expected.a.b = "<unevaluated>";
  };
  lua = {
    expr = generators.toLua { } {
      a = [
        1
        "b"
        null
      ];
      code = lib.mkLuaInline "f()";
      empty = [
        { }
        [ ]
      ];
    };
    expected = "{\n  [\"a\"] = {\n    1,\n    \"b\",\n    nil\n  },\n  [\"code\"] = (f()),\n  [\"empty\"] = {\n    {},\n    {}\n  }\n}";
  };
  luaBindings = {
    expr = generators.toLua {
      asBindings = true;
      multiline = false;
    } { a = { b = true; }; };
    expected = "a = { [\"b\"] = true }\n";
  };
}
