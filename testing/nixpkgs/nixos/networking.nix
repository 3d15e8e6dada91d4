# Names and addresses.
{ config, lib, ... }:
let
  cfg = config.networking;

  hostLine = address: names: "${address} ${lib.concatStringsSep " " names}";
in
{
  options.networking = {
    hostId = lib.mkOption { default = null; };
    fqdn = lib.mkOption {
      default = cfg.hostName + lib.optionalString (cfg.domain != null) ".${cfg.domain}";
    };
  };

  config = {
    networking = {
      hosts = {
        "127.0.0.1" = [ "localhost" ];
        "::1" = [ "localhost" ];
        "127.0.0.2" = lib.optionals (cfg.hostName != "") (
          lib.unique [
            cfg.fqdn
            cfg.hostName
          ]
        );
      };

      # NetworkManager configures what DHCP would.
      useDHCP = lib.mkIf cfg.networkmanager.enable false;
    };

    users.groups.networkmanager = lib.mkIf cfg.networkmanager.enable { };

    environment.etc = {
      hosts.text =
        lib.concatLines (
          lib.mapAttrsToList hostLine (lib.filterAttrs (_: names: names != [ ]) cfg.hosts)
        )
        + cfg.extraHosts;
    }
    // lib.optionalAttrs (cfg.hostName != "") {
      hostname.text = cfg.hostName + "\n";
    };
  };
}
