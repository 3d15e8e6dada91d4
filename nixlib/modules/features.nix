# Declares `nqd.features.<id>` for every feature.toml and fills it from host.toml.
{
  catalog,
  host,
  hostFile,
  priority,
  types,
}:
{ config, lib, ... }:
let
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
        description = "Network interfaces that may reach the ports; empty means loopback only.";
      };
    };

  declare =
    id: name: option:
    lib.mkOption {
      type = types.of "nixlib/features/${id}/feature.toml" name option;
      inherit (option) default;
      description = option.doc;
    };

  # A service that is exposed listens on every address: that only some interfaces reach it is
  # the firewall's doing.
  behindFirewall = id: _: {
    assertion =
      catalog.isOn config id && config.nqd.features.${id}.expose != [ ]
      -> config.networking.firewall.enable;
    message = ''
      nqd.features.${id}.expose names the only interfaces that may reach ${id}, but
      networking.firewall.enable is false, so every interface could. Switch the firewall on
      (networking.firewall.enable = true), or leave nqd.features.${id}.expose empty.
    '';
  };

  # A scalar of host.toml wins over adopted files and local.nix; a list joins theirs.
  fromHost = value: if lib.isList value then value else lib.mkOverride priority.host value;
in
{
  # Errors about what host.toml says name host.toml.
  imports = [
    (lib.setDefaultModuleLocation hostFile {
      config.nqd.features = lib.mapAttrs (_: lib.mapAttrs (_: fromHost)) (host.features or { });
    })
  ];

  options.nqd.features = lib.mapAttrs (
    id: feature:
    enableOption id feature // exposeOption feature // lib.mapAttrs (declare id) feature.options
  ) catalog.features;

  config = {
    nqd.features = lib.genAttrs (builtins.filter isSwitched inPreset) (_: {
      enable = lib.mkOverride priority.feature true;
    });

    assertions = lib.mapAttrsToList behindFirewall (
      lib.filterAttrs (_: feature: feature.ports != { }) catalog.features
    );
  };
}
