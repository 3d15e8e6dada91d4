# The ladder of priorities: nixlib/lib/want.nix.
{
  lib,
  soft,
  want,
  ...
}:
let
  inherit (lib) mkOption types;

  path = [
    "service"
    "port"
  ];

  declared = {
    options.service.port = mkOption {
      type = types.int;
      default = 1;
    };
    options.service.names = mkOption {
      type = types.listOf types.str;
      default = [ ];
    };
  };

  evaluate =
    modules:
    (lib.evalModules {
      modules = [
        (import ../../../nixlib/modules/records.nix {
          files = [ ];
          inherit (soft) has;
          featureFiles = { };
          hostPriority = want.priority.host;
        })
        { options.warnings = lib.mkOption { default = [ ]; }; }
        declared
      ]
      ++ modules;
    }).config;
  port = modules: (evaluate modules).service.port;

  # The steps of the ladder, each with a value of its own.
  nixpkgs = {
    service.port = lib.mkDefault 2;
  };
  feature = {
    config = want.want "ollama" want.priority.feature path 3;
  };
  local = {
    service.port = 4;
  };
  host = {
    config = want.want "ollama" want.priority.host path 5;
  };
  forced = {
    service.port = lib.mkForce 6;
  };

  wanted = step: value: {
    feature = "ollama";
    priority = want.priority.${step};
    inherit path value;
  };
in
{
  default = {
    expr = port [ ];
    expected = 1;
  };
  featureOverNixpkgs = {
    expr = port [
      feature
      nixpkgs
    ];
    expected = 3;
  };
  localOverFeature = {
    expr = port [
      feature
      nixpkgs
      local
    ];
    expected = 4;
  };
  hostOverLocal = {
    expr = port [
      feature
      local
      host
    ];
    expected = 5;
  };
  forceOverHost = {
    expr = port [
      feature
      local
      host
      forced
    ];
    expected = 6;
  };
  # Where the files stand in the list says nothing.
  orderIsNothing = {
    expr = port [
      forced
      host
      local
      feature
    ];
    expected = 6;
  };
  ladderFalls = {
    expr =
      lib.sort (a: b: a > b) (lib.attrValues want.priority) == [
        want.priority.feature
        want.priority.host
      ]
      && want.priority.feature < (lib.mkDefault null).priority
      && want.priority.host < lib.modules.defaultOverridePriority
      && want.priority.host > (lib.mkForce null).priority;
    expected = true;
  };

  # What was wanted stays on record when it lost, so that the manifest can tell.
  lostIsRecorded = {
    expr =
      let
        config = evaluate [
          feature
          local
        ];
      in
      {
        inherit (config.nqd) wants;
        inherit (config.service) port;
      };
    expected = {
      wants = [ (wanted "feature" 3) ];
      port = 4;
    };
  };
  wonIsRecorded = {
    expr = (evaluate [ feature ]).nqd.wants;
    expected = [ (wanted "feature" 3) ];
  };
  eachIsRecorded = {
    expr =
      lib.sort (a: b: a.value < b.value)
        (evaluate [
          host
          feature
        ]).nqd.wants;
    expected = [
      (wanted "feature" 3)
      (wanted "host" 5)
    ];
  };
  # Under a false condition nothing is wanted.
  offIsNotRecorded = {
    expr = (evaluate [ { config = lib.mkIf false feature.config; } ]).nqd.wants;
    expected = [ ];
  };
}
