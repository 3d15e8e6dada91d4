# What becomes of host.toml and the tables of features: nixlib/modules/features.nix.
{ lib, want, ... }:
let
  catalog = import ../../../nixlib/lib/catalog.nix {
    inherit lib;
    own = ./absent;
  };
  types = import ../../../nixlib/lib/types.nix { inherit lib; };

  on = lib.mkOption {
    type = lib.types.bool;
    default = true;
  };
  messages = lib.mkOption {
    type = lib.types.listOf lib.types.raw;
    default = [ ];
  };

  evaluate =
    host: modules:
    lib.evalModules {
      modules = [
        (import ../../../nixlib/modules/features.nix {
          inherit catalog host types;
          ladder = want;
          hostFile = "/hosts/orion/host.toml";
        })
        (import ../../../nixlib/modules/ports.nix { inherit catalog; })
        {
          options = {
            assertions = messages;
            nqd.wants = messages;
            networking.firewall = lib.mkOption {
              type = lib.types.submodule {
                freeformType = lib.types.attrsOf lib.types.raw;
                options.enable = on;
              };
              default = { };
            };
          };
        }
      ]
      ++ modules;
    };
  features = host: modules: (evaluate host modules).config.nqd.features;
  failed =
    host: modules:
    lib.length (lib.filter (a: !a.assertion) (evaluate host modules).config.assertions);

  exposed = {
    features.ollama = {
      enable = true;
      expose = [ "eth0" ];
    };
  };
  open = {
    networking.firewall.enable = false;
  };
in
{
  presetIsOn = {
    expr = (features { preset = "inference-server"; } [ ]).ollama.enable;
    expected = true;
  };
  hostOverPreset = {
    expr =
      (features {
        preset = "inference-server";
        features.ollama.enable = false;
      } [ ]).ollama.enable;
    expected = false;
  };
  localOverPreset = {
    expr =
      (features { preset = "inference-server"; } [ { nqd.features.ollama.enable = false; } ])
      .ollama.enable;
    expected = false;
  };
  scalarOfHostWins = {
    expr =
      (features { features.ollama.port = 1; } [ { nqd.features.ollama.port = 2; } ]).ollama.port;
    expected = 1;
  };
  listsAreJoined = {
    expr = lib.sort (a: b: a < b) (
      features { features.ollama.models = [ "a" ]; } [ { nqd.features.ollama.models = [ "b" ]; } ]
    ).ollama.models;
    expected = [
      "a"
      "b"
    ];
  };
  alwaysOnHasNoSwitch = {
    expr = (evaluate { } [ ]).options.nqd.features.base ? enable;
    expected = false;
  };
  filesOfHost = {
    expr = map toString (evaluate exposed [ ]).options.nqd.features.ollama.expose.files;
    expected = [ "/hosts/orion/host.toml" ];
  };
  exposedNeedsFirewall = {
    expr = failed exposed [ open ];
    expected = 1;
  };
  exposedBehindFirewall = {
    expr = failed exposed [ ];
    expected = 0;
  };
  nothingExposed = {
    expr = failed { } [ open ];
    expected = 0;
  };
}
