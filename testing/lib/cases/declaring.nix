# Making options, and showing them.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  pkgs.hello = {
    type = "derivation";
    name = "hello-1";
    outPath = "${builtins.storeDir}/00000000000000000000000000000000-hello-1";
  };
  pkgs.nested.hello = pkgs.hello;
  pick = lib.getAttrs [
    "default"
    "description"
  ];
in
{
  mkEnableOption = {
    expr = lib.getAttrs [
      "default"
      "description"
      "example"
    ] (lib.mkEnableOption "the thing");
    expected = {
      default = false;
      description = "Whether to enable the thing.";
      example = true;
    };
  };
  mkPackageOption = {
    expr = (pick (lib.mkPackageOption pkgs "hello" { })) // {
      default = (lib.mkPackageOption pkgs "hello" { }).defaultText.text;
    };
    expected = {
      default = "pkgs.hello";
      description = "The hello package to use.";
    };
  };
  mkPackageOptionNested = {
    expr =
      (lib.mkPackageOption pkgs "Hello" {
        default = [
          "nested"
          "hello"
        ];
        extraDescription = "It greets.";
        pkgsText = "packages";
        nullable = true;
      }).defaultText.text;
    expected = "packages.nested.hello";
  };
  mkPackageOptionOfNothing = {
    expr = pick (
      lib.mkPackageOption pkgs "hello" {
        nullable = true;
        default = null;
      }
    );
    expected = {
      default = null;
      description = "The hello package to use.";
    };
  };
  literals = {
    expr = [
      (lib.literalExpression "a")
      (lib.literalMD "b")
    ];
    expected = [
      {
        _type = "literalExpression";
        text = "a";
      }
      {
        _type = "literalMD";
        text = "b";
      }
    ];
  };
  showOption = {
    expr = lib.showOption [
      "services"
      "a-b"
      "1c"
      "<name>"
      "*"
      "with space"
      "<thing>"
    ];
    expected = ''services.a-b."1c".<name>.*."with space".<thing>'';
  };
  showFiles = {
    expr = lib.showFiles [
      "a.nix"
      "b.nix"
    ];
    expected = "`a.nix' and `b.nix'";
  };
  showDefs = {
    expr = lib.options.showDefs [
      {
        file = "a.nix";
        value = {
          a = 1;
          f = { lib, x ? 1 }: lib;
          s = "\${x}";
        };
      }
      {
        file = "b.nix";
        value = "text\nof\nlines\n";
      }
      {
        file = "c.nix";
        value = throw "cannot be shown";
      }
      {
        file = "d.nix";
        value = lib.range 1 9;
      }
    ];
    expected = "\n- In `a.nix':\n    {\n      a = 1;\n      f = <function, args: {lib, x?}>;\n      s = \"\\\${x}\";\n    }\n- In `b.nix':\n    ''\n      text\n      of\n      lines\n    ''\n- In `c.nix'\n- In `d.nix':\n    [\n      1\n      2\n      3\n      4\n    ...";
  };
}
