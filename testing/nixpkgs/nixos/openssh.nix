# OpenSSH: its port and settings. There is no server to run, so there is no unit either.
{ config, lib, ... }:
let
  cfg = config.services.openssh;

  show =
    value:
    if lib.isBool value then
      (if value then "yes" else "no")
    else if lib.isList value then
      lib.concatMapStringsSep "," toString value
    else
      toString value;
in
{
  config = lib.mkIf cfg.enable {
    # Lists of ciphers in nixpkgs.
    services.openssh.settings = lib.mapAttrs (_: lib.mkOptionDefault) {
      Ciphers = null;
      KexAlgorithms = null;
      Macs = null;
    };

    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall cfg.ports;

    environment.etc."ssh/sshd_config".text =
      lib.concatMapStrings (port: "Port ${toString port}\n") cfg.ports
      + lib.concatLines (
        lib.mapAttrsToList (name: value: "${name} ${show value}") (
          lib.filterAttrs (_: value: value != null) cfg.settings
        )
      )
      + cfg.extraConfig;
  };
}
