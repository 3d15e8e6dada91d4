# Declares `nqd.features.<id>` for every feature.toml and fills it from host.toml.
{
  catalog,
  host,
  hostFile,
  ladder,
  types,
}:
{ config, lib, ... }:
let
  inherit (ladder) priority;

  preset = host.preset or "minimal";
  known = lib.concatStringsSep ", " (builtins.attrNames catalog.presets);
  inPreset =
    catalog.presets.${preset}.features
      or (throw "${toString hostFile}: preset: unknown preset \"${preset}\"; known are: ${known}");

  # What is always on has no option that would say so.
  isSwitched = id: !catalog.features.${id}.always;

  enableOption =
    id: feature:
    lib.optionalAttrs (isSwitched id) {
      enable = lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether to enable ${feature.title}.";
      };
    };

  exposeOption =
    feature:
    lib.optionalAttrs (feature.ports != { }) {
      expose = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        description = ''
          Network interfaces that may reach the ports, "*" for every one; empty means loopback
          only.
        '';
      };
    };

  declare =
    id: name: option:
    lib.mkOption {
      type = types.of (catalog.nameOf id) name option;
      inherit (option) default;
      description = option.doc;
    };

  # A scalar of host.toml wins over adopted files and local.nix; a list joins theirs.
  fromHost =
    id: name: value:
    let
      path = [
        "nqd"
        "features"
        id
        name
      ];
    in
    if lib.isList value then
      lib.setAttrByPath path value
    else
      ladder.want id priority.host path value;
in
{
  # Errors about what host.toml says name host.toml.
  imports = [
    (lib.setDefaultModuleLocation hostFile {
      config = lib.mkMerge (
        builtins.concatLists (
          lib.mapAttrsToList (id: lib.mapAttrsToList (fromHost id)) (host.features or { })
        )
      );
    })
  ];

  options.nqd = {
    features = lib.mapAttrs (
      id: feature:
      enableOption id feature // exposeOption feature // lib.mapAttrs (declare id) feature.options
    ) catalog.features;

    enabled = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      readOnly = true;
      internal = true;
      description = "The features that are on.";
    };
  };

  config.nqd = {
    features = lib.genAttrs (builtins.filter isSwitched inPreset) (_: {
      enable = lib.mkOverride priority.feature true;
    });
    enabled = builtins.filter (catalog.isOn config) (builtins.attrNames catalog.features);
  };
}
