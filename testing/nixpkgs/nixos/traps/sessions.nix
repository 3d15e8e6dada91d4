# Logging in to a desktop, and what desktops switch on.
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.services.displayManager;
  inherit (config.services.desktopManager) gnome plasma6;
  sessions = lib.concatMap (package: package.providedSessions or [ ]) cfg.sessionPackages;
in
{
  config = lib.mkMerge [
    {
      # services/display-managers/*.nix: each switches the common part on.
      services.displayManager.enable = lib.mkIf (
        cfg.gdm.enable || cfg.sddm.enable || config.services.greetd.enable
      ) true;
    }

    # services/display-managers/default.nix
    (lib.mkIf cfg.enable {
      assertions = [
        {
          assertion = cfg.autoLogin.enable -> cfg.autoLogin.user != null;
          message = ''
            `services.displayManager.autoLogin.enable` requires `services.displayManager.autoLogin.user` to be set
          '';
        }
        {
          assertion = cfg.defaultSession == null || lib.elem cfg.defaultSession sessions;
          message = ''
            Default graphical session, "${toString cfg.defaultSession}", not found. Definitions:${lib.options.showDefs options.services.displayManager.defaultSession.definitionsWithLocations}.
            Valid names for `services.displayManager.defaultSession` are:
                ${lib.concatStringsSep "\n    " sessions}
          '';
        }
      ];
    })

    # services/display-managers/sddm.nix
    (lib.mkIf cfg.sddm.enable {
      assertions = [
        {
          assertion = config.services.xserver.enable || cfg.sddm.wayland.enable;
          message = ''
            SDDM requires either services.xserver.enable or services.displayManager.sddm.wayland.enable to be true
          '';
        }
      ];
    })

    # services/desktop-managers/gnome.nix
    (lib.mkIf gnome.enable {
      hardware.bluetooth.enable = lib.mkDefault true;
      networking.networkmanager.enable = lib.mkDefault true;
      services.avahi.enable = lib.mkDefault true;
      services.gnome.gnome-keyring.enable = true;
      services.power-profiles-daemon.enable = lib.mkDefault true;
    })

    # services/desktop-managers/plasma6.nix
    (lib.mkIf plasma6.enable {
      networking.networkmanager.enable = lib.mkDefault true;
      hardware.bluetooth.enable = lib.mkDefault true;
      services.power-profiles-daemon.enable = lib.mkDefault true;
    })

    # services/hardware/power-profiles-daemon.nix
    (lib.mkIf config.services.power-profiles-daemon.enable {
      environment.systemPackages = [ config.services.power-profiles-daemon.package ];
      assertions = [
        {
          assertion = !config.services.tlp.enable;
          message = ''
            You have set services.power-profiles-daemon.enable = true;
            which conflicts with services.tlp.enable = true;
          '';
        }
      ];
    })
  ];
}
