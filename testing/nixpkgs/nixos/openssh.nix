# OpenSSH: its settings, who may come in by key, and the server
# (nixos/modules/services/networking/ssh/sshd.nix).
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

  listenLine =
    { addr, port, ... }:
    "ListenAddress ${addr}" + lib.optionalString (port != null) ":${toString port}" + "\n";

  withKeys = lib.filter (user: user.openssh.authorizedKeys.keys != [ ]) (
    lib.attrValues config.users.users
  );
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

    assertions = map (listen: {
      assertion = listen.addr != null;
      message = "addr must be specified in each listenAddresses entry";
    }) cfg.listenAddresses;

    users.groups.sshd = { };
    users.users.sshd = {
      isSystemUser = true;
      group = "sshd";
      description = "SSH privilege separation user";
    };

    environment.etc = {
      "ssh/sshd_config".text =
        lib.concatMapStrings (port: "Port ${toString port}\n") cfg.ports
        + lib.concatMapStrings listenLine cfg.listenAddresses
        + lib.concatLines (
          lib.mapAttrsToList (name: value: "${name} ${show value}") (
            lib.filterAttrs (_: value: value != null) cfg.settings
          )
        )
        + cfg.extraConfig;
    }
    // lib.listToAttrs (
      map (
        user:
        lib.nameValuePair "ssh/authorized_keys.d/${user.name}" {
          mode = "0444";
          text = lib.concatLines user.openssh.authorizedKeys.keys;
        }
      ) withKeys
    );

    systemd.services.sshd = lib.mkIf (!cfg.startWhenNeeded) {
      description = "SSH Daemon";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      stopIfChanged = false;
      serviceConfig = {
        ExecStart = "${cfg.package}/bin/sshd -D -f /etc/ssh/sshd_config";
        KillMode = "process";
        Restart = "always";
        Type = "notify-reload";
      };
    };
    systemd.sockets.sshd = lib.mkIf cfg.startWhenNeeded {
      description = "SSH Socket";
      wantedBy = [ "sockets.target" ];
      listenStreams = map toString cfg.ports;
    };
  };
}
