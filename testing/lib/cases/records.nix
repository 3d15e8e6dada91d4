# What lost and what overrides: nixlib/modules/records.nix.
{
  lib,
  soft,
  want,
  ...
}:
let
  inherit (lib) mkOption types;

  declared = {
    options = {
      warnings = mkOption {
        type = types.listOf types.str;
        default = [ ];
      };
      name = mkOption { type = types.str; };
      other = mkOption {
        type = types.str;
        default = "other";
      };
      raw = mkOption { type = types.raw; };
      dates = mkOption { type = types.coercedTo types.str lib.singleton (types.listOf types.str); };
      people = mkOption {
        type = types.attrsOf (types.submodule { options.age = mkOption { type = types.int; }; });
      };
    };
  };

  recordsOf =
    files: wants:
    (lib.evalModules {
      specialArgs.extra = "extra";
      modules = [
        declared
        (import ../../../nixlib/modules/records.nix {
          inherit files;
          inherit (soft) has;
          featureFiles = { };
          hostPriority = want.priority.host;
        })
      ]
      ++ map (config: { inherit config; }) wants
      ++ files;
    }).config.nqd;

  host = path: value: want.want "base" want.priority.host path value;
  feature = path: value: want.want "base" want.priority.feature path value;
  file = name: module: lib.setDefaultModuleLocation name module;
  overrides = files: wants: (recordsOf files wants).overrides;
in
{
  overrideNamesTheFile = {
    expr = overrides [ (file "local.nix" { name = "theirs"; }) ] [ (host [ "name" ] "ours") ];
    expected = [
      {
        feature = "base";
        option = "name";
        value = "ours";
        replaced = [ "theirs" ];
        files = [ "local.nix" ];
      }
    ];
  };
  filesAreReadWithTheSystemsArguments = {
    expr = lib.catAttrs "replaced" (
      overrides
        [
          (file "local.nix" (
            {
              config,
              extra,
              lib,
              ...
            }:
            {
              name = lib.mkIf (config.other == "other") extra;
            }
          ))
        ]
        [ (host [ "name" ] "ours") ]
    );
    expected = [ [ "extra" ] ];
  };
  sameValueIsNone = {
    expr = overrides [ (file "local.nix" { name = "ours"; }) ] [ (host [ "name" ] "ours") ];
    expected = [ ];
  };
  falseConditionIsNone = {
    expr = overrides [ (file "local.nix" { name = lib.mkIf false "x"; }) ] [ (host [ "name" ] "ours") ];
    expected = [ ];
  };
  featuresOverrideNobody = {
    expr = overrides [ ] [ (feature [ "name" ] "ours") ];
    expected = [ ];
  };
  insideOfSubmodules = {
    expr = lib.catAttrs "replaced" (
      overrides
        [ (file "local.nix" { people.ada.age = 36; }) ]
        [
          (host [
            "people"
            "ada"
            "age"
          ] 37)
        ]
    );
    expected = [ [ 36 ] ];
  };
  unreadableFilesSayNothing = {
    expr = overrides [ (file "local.nix" { name = throw "not alone"; }) ] [ (host [ "name" ] "ours") ];
    expected = [ ];
  };
  lostNamesTheWinner = {
    expr =
      (recordsOf [ (file "local.nix" { name = "theirs"; }) ] [ (feature [ "name" ] "ours") ]).lost;
    expected = [
      {
        feature = "base";
        option = "name";
        value = "ours";
        final = "theirs";
        files = [ "local.nix" ];
      }
    ];
  };
  # A package, a function and a set of packages are no data.
  lostIsTold = {
    expr = lib.catAttrs "value" (
      recordsOf
        [ (file "local.nix" { raw = 1; }) ]
        [
          (feature [ "raw" ] {
            function = x: x;
            package = {
              type = "derivation";
              name = "hello-1";
              drvPath = throw "never asked for";
            };
            many = lib.genAttrs (map toString (lib.range 1 30)) (_: throw "never asked for");
            plain = [ 1 ];
          })
        ]
    ).lost;
    expected = [
      {
        function = "a function";
        package = "hello-1";
        many = "a set";
        plain = [ 1 ];
      }
    ];
  };
  # A value that the option made another one of did not lose.
  coercedIsNotLost = {
    expr =
      (recordsOf [ ] [
        (feature [ "dates" ] "weekly")
        (feature [ "raw" ] (x: x))
      ]).lost;
    expected = [ ];
  };
  lostInsideOfSubmodules = {
    expr = lib.catAttrs "files" (
      recordsOf
        [ (file "local.nix" { people.ada.age = 36; }) ]
        [
          (feature [
            "people"
            "ada"
            "age"
          ] 37)
        ]
    ).lost;
    expected = [ [ "local.nix" ] ];
  };
  forcedLosesAndOverridesNothing = {
    expr =
      let
        made = recordsOf [ (file "local.nix" { name = lib.mkForce "x"; }) ] [ (host [ "name" ] "ours") ];
      in
      [
        made.overrides
        (lib.catAttrs "final" made.lost)
      ];
    expected = [
      [ ]
      [ "x" ]
    ];
  };
  skipsAreWarned = {
    expr =
      (lib.evalModules {
        modules = [
          declared
          (import ../../../nixlib/modules/records.nix {
            files = [ ];
            inherit (soft) has;
            featureFiles = { };
            hostPriority = want.priority.host;
          })
          {
            nqd.skips = [
              {
                feature = "fonts";
                package = "hack";
                why = "it is gone";
              }
            ];
          }
        ];
      }).config.warnings;
    expected = [ "nqd.features.fonts goes without the package hack: it is gone." ];
  };
}
