# Names and addresses, and NetworkManager
# (nixos/modules/services/networking/networkmanager.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.networking;
  manager = cfg.networkmanager;

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

      # NetworkManager configures what DHCP would. It drives wpa_supplicant, which therefore
      # has to be on (since 26.05).
      useDHCP = lib.mkIf manager.enable false;
      wireless.enable = lib.mkIf (manager.enable && manager.wifi.backend == "wpa_supplicant") true;
    };

    users.groups = lib.mkIf manager.enable {
      networkmanager.gid = 57;
    };

    security.polkit.enable = lib.mkIf manager.enable true;
    environment.systemPackages = lib.mkIf manager.enable (
      [ pkgs.networkmanager ] ++ manager.plugins
    );
    systemd.services = lib.mkIf manager.enable {
      NetworkManager = {
        aliases = [ "dbus-org.freedesktop.NetworkManager.service" ];
        wantedBy = [ "multi-user.target" ];
        serviceConfig = {
          Type = "dbus";
          ExecStart = "${pkgs.networkmanager}/bin/NetworkManager --no-daemon";
          StateDirectory = "NetworkManager";
        };
      };
    };

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
