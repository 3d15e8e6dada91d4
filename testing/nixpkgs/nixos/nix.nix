# Nix itself and its configuration file.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.nix;

  show =
    value:
    if lib.isBool value then
      lib.boolToString value
    else if lib.isList value then
      lib.concatMapStringsSep " " toString value
    else
      toString value;
in
{
  options.nix.nixPath = lib.mkOption { default = [ ]; };

  config = lib.mkIf cfg.enable {
    nix.settings = {
      substituters = lib.mkAfter [ "https://cache.nixos.org/" ];
      trusted-public-keys = [ "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=" ];
      trusted-users = [ "root" ];
      system-features = lib.mkDefault [
        "nixos-test"
        "benchmark"
        "big-parallel"
        "kvm"
      ];
    };

    environment = {
      systemPackages = [
        cfg.package
        pkgs.nixos-rebuild-ng
      ];
      etc."nix/nix.conf".text = ''
        # WARNING: this file is generated from the nix.* options in
        # your NixOS configuration, typically
        # /etc/nixos/configuration.nix.  Do not edit it!
        ${lib.concatMapAttrsStringSep "\n" (name: value: "${name} = ${show value}") (
          lib.filterAttrs (_: value: value != null) cfg.settings
        )}
        ${cfg.extraOptions}
      '';
    };
  };
}
