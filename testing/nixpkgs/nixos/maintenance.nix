# What keeps a machine in order: trimming disks, the log, printing's queue
# (nixos/modules/services/misc/fstrim.nix, system/boot/systemd/journald.nix,
# services/printing/cupsd.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.services) fstrim journald printing;
in
{
  options.services.journald.forwardToSyslog = lib.mkOption { default = false; };

  config = lib.mkMerge [
    (lib.mkIf fstrim.enable {
      systemd.services.fstrim = {
        description = "Discard unused blocks on filesystems from /etc/fstab";
        serviceConfig = {
          Type = "oneshot";
          ExecStart = "${pkgs.util-linux}/bin/fstrim --listed-in /etc/fstab:/proc/self/mountinfo --verbose --quiet-unsupported";
        };
      };
      systemd.timers.fstrim = {
        description = "Discard unused blocks once a week";
        wantedBy = [ "timers.target" ];
        timerConfig.OnCalendar = [
          ""
          fstrim.interval
        ];
      };
    })

    {
      environment.etc."systemd/journald.conf".text = ''
        [Journal]
        Storage=${journald.storage}
        RateLimitInterval=${journald.rateLimitInterval}
        RateLimitBurst=${toString journald.rateLimitBurst}
      ''
      + lib.optionalString (journald.console != "") "ForwardToConsole=yes\nTTYPath=${journald.console}\n"
      + lib.optionalString journald.forwardToSyslog "ForwardToSyslog=yes\n"
      + journald.extraConfig;
    }

    (lib.mkIf printing.enable {
      environment.systemPackages = [ pkgs.cups ];
      networking.firewall.allowedTCPPorts = lib.mkIf printing.openFirewall [ 631 ];
      systemd.services.cups = {
        description = "CUPS Printing Daemon";
        wantedBy = lib.optional (!printing.startWhenNeeded) "multi-user.target";
        serviceConfig.ExecStart = "${pkgs.cups}/bin/cupsd -f";
      };
      systemd.sockets.cups = lib.mkIf printing.startWhenNeeded {
        wantedBy = [ "sockets.target" ];
        listenStreams = [
          "/run/cups/cups.sock"
        ]
        ++ map (lib.replaceStrings [ "localhost" ] [ "127.0.0.1" ]) printing.listenAddresses;
      };
      environment.etc."cups/cupsd.conf".text = ''
        LogLevel ${printing.logLevel}
        ${lib.concatMapStringsSep "\n" (address: "Listen ${address}") printing.listenAddresses}
        WebInterface ${if printing.webInterface then "Yes" else "No"}
        Browsing ${if printing.browsing then "On" else "Off"}
        ${printing.extraConf}
      '';
    })
  ];
}
