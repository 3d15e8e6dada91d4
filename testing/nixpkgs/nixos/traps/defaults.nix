# Defaults that nixpkgs computes, of options that the other modules here do not read.
{
  config,
  lib,
  ...
}:
let
  default = value: lib.mkOption { default = value; };
in
{
  options = {
    documentation.man.man-db.enable = default true; # misc/documentation.nix
    hardware.facter.report = default { }; # hardware/facter/default.nix

    networking = {
      # services/networking/firewall.nix (25.11)
      firewall.backend = default (
        if config.networking.nftables.enable then "nftables" else "iptables"
      );
      nftables.flushRuleset = default false;
    };

    services = {
      avahi.hostName = default config.networking.hostName; # services/networking/avahi-daemon.nix
      dbus.enable = default true; # services/system/dbus.nix
      desktopManager.plasma6.enableQt5Integration = default false; # rl-2511
      journald.audit = default null; # system/boot/systemd/journald.nix
      libinput.enable = default config.services.xserver.enable; # services/hardware/libinput.nix
      printing.browsed.enable = default config.services.avahi.enable; # services/printing/cupsd.nix

      # services/networking/ssh/sshd.nix
      openssh = {
        package = default config.programs.ssh.package;
        generateHostKeys = default config.services.openssh.enable;
        authorizedKeysInHomedir = default true;
        hostKeys = default [
          {
            type = "rsa";
            bits = 4096;
            path = "/etc/ssh/ssh_host_rsa_key";
          }
          {
            type = "ed25519";
            path = "/etc/ssh/ssh_host_ed25519_key";
          }
        ];
      };
    };

    system.tools.nixos-rebuild.enable = default config.nix.enable; # installer/tools/tools.nix
    virtualisation.docker.liveRestore = default true; # virtualisation/docker.nix
  };
}
