# The release, and the state version that a system keeps.
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.system.nixos;
in
{
  options.system = {
    stateVersion = lib.mkOption { default = cfg.release; };
    name = lib.mkOption {
      default = if config.networking.hostName == "" then "unnamed" else config.networking.hostName;
    };
    nixos = {
      release = lib.mkOption {
        default = lib.trivial.release;
        readOnly = true;
      };
      codeName = lib.mkOption {
        default = lib.trivial.codeName;
        readOnly = true;
      };
      version = lib.mkOption { default = lib.trivial.version; };
      label = lib.mkOption { default = cfg.version; };
    };
  };

  config = {
    warnings =
      lib.optional (options.system.stateVersion.highestPrio == (lib.mkOptionDefault { }).priority)
        "system.stateVersion is not set, defaulting to ${config.system.stateVersion}. Read why this matters on https://nixos.org/manual/nixos/stable/options.html#opt-system.stateVersion.";

    environment.etc.os-release.text = lib.generators.toKeyValue { } {
      NAME = "NixOS";
      ID = "nixos";
      VERSION = ''"${cfg.version} (${cfg.codeName})"'';
      VERSION_CODENAME = lib.toLower cfg.codeName;
      VERSION_ID = ''"${cfg.release}"'';
      BUILD_ID = ''"${cfg.version}"'';
      PRETTY_NAME = ''"NixOS ${cfg.release} (${cfg.codeName})"'';
    };
  };
}
