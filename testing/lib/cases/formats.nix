# Settings of programs: the types of pkgs.formats, and the text that they become.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  formats = import ../../nixpkgs/pkgs/formats.nix {
    inherit lib;
    pkgs.writeText = _name: text: text;
  };
  text = format: format.generate "file";

  # Settings as modules have them: with DECLARED options and free names beside.
  settings =
    format: declared: definitions:
    (lib.evalModules {
      modules = [
        {
          options.settings = mkOption {
            type = types.submodule {
              freeformType = format.type;
              options = declared;
            };
            default = { };
          };
        }
      ]
      ++ map (x: { settings = x; }) definitions;
    }).config.settings;
  port.port = mkOption {
    type = types.port;
    default = 80;
  };

  values = {
    bool = true;
    float = 1.5;
    int = -1;
    list = [
      1
      [ "a" ]
      { b = 2; }
    ];
    nested = {
      "a b".c = "quoted";
      empty = { };
      deep.deeper.deepest = "\"\n\\";
    };
    none = [ ];
    string = "ä\t";
    tables = [
      {
        name = "a";
        sub.x = 1;
        subs = [
          { y = 1; }
          { y = 2; }
        ];
      }
      { name = "b"; }
    ];
  };
in
{
  descriptions = {
    expr = map (format: format.type.description) [
      (formats.json { })
      (formats.toml { })
      (formats.yaml { })
      (formats.ini { })
      (formats.keyValue { })
      (formats.gitIni { })
      (formats.keyValue { listsAsDuplicateKeys = true; })
    ];
    expected = [
      "JSON value"
      "TOML value"
      "YAML 1.1 value"
      "attribute set of section of an INI file (attrs of INI atom (null, bool, int, float or string))"
      "attribute set of (atom (null, bool, int, float or string))"
      "attribute set of attribute set of (INI atom (null, bool, int, float or string) or attribute set of (INI atom (null, bool, int, float or string)))"
      "attribute set of (atom (null, bool, int, float or string) or a list of them for duplicate keys)"
    ];
  };
  json = {
    expr = builtins.fromJSON (text (formats.json { }) (values // { none' = null; }));
    expected = values // { none' = null; };
  };
  yamlIsJson = {
    expr = builtins.fromJSON (text (formats.yaml { }) values);
    expected = values;
  };
  tomlIsReadBack = {
    expr = builtins.fromTOML (text (formats.toml { }) values);
    expected = values;
  };
  toml = {
    expr = text (formats.toml { }) {
      z = 1;
      a.b.c = "d";
      a."e f" = [
        1
        2.0
      ];
      t = [
        { x = 1; }
        { y.z = true; }
      ];
    };
    expected = ''
      z = 1
      [a]
      "e f" = [1, 2.0]
      [a.b]
      c = "d"
      [[t]]
      x = 1
      [[t]]
      [t.y]
      z = true
    '';
  };
  tomlOfNothing = {
    expr = text (formats.toml { }) { };
    expected = "";
  };
  ini = {
    expr = text (formats.ini { }) {
      a.b = true;
      c.d = null;
    };
    expected = "[a]\nb=true\n\n[c]\nd=null\n";
  };
  iniLists = {
    expr = [
      (text (formats.ini { listsAsDuplicateKeys = true; }) { a.b = [
        1
        2
      ]; })
      (text (formats.ini { listToValue = lib.concatMapStringsSep " " toString; }) { a.b = [
        1
        2
      ]; })
    ];
    expected = [
      "[a]\nb=1\nb=2\n"
      "[a]\nb=1 2\n"
    ];
  };
  iniWithGlobalSection = {
    expr = text (formats.iniWithGlobalSection { }) {
      globalSection.a = 1;
      sections.b.c = "d";
    };
    expected = "a=1\n\n[b]\nc=d\n";
  };
  gitIni = {
    expr = text (formats.gitIni { }) {
      user.name = "A";
      url.x.insteadOf = "y";
    };
    expected = "[url \"x\"]\n\tinsteadOf = \"y\"\n\n[user]\n\tname = \"A\"\n";
  };
  keyValue = {
    expr = text (formats.keyValue { }) {
      a = 1;
      b = false;
    };
    expected = "a=1\nb=false\n";
  };

  settingsAreJoined = {
    expr = settings (formats.toml { }) port [
      { server = {
        host = "a";
        list = [ 1 ];
      }; }
      { server = {
        list = [ 2 ];
        port = lib.mkDefault 1;
      }; }
      { server.port = 2; }
    ];
    expected = {
      port = 80;
      server = {
        host = "a";
        list = [
          1
          2
        ];
        port = 2;
      };
    };
  };
  settingsOfAnIni = {
    expr = settings (formats.ini { }) { } [
      { core.a = 1; }
      {
        core.b = lib.mkForce "c";
        other = lib.mkIf false { x = 1; };
      }
    ];
    expected.core = {
      a = 1;
      b = "c";
    };
  };
  settingsOfDuplicateKeys = {
    expr = settings (formats.keyValue { listsAsDuplicateKeys = true; }) { } [
      { a = 1; }
      { a = [ 2 ]; }
    ];
    expected.a = [
      1
      2
    ];
  };
  settingsWithDeclaredOnes = {
    expr = settings (formats.json { }) port [ {
      port = 1;
      name = null;
    } ];
    expected = {
      name = null;
      port = 1;
    };
  };
  settingsOfNothing = {
    expr = settings (formats.json { }) port [ ];
    expected.port = 80;
  };
}
