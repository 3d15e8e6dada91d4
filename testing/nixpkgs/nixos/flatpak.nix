# Flatpak, the system's side (nixos/modules/services/desktops/flatpak.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.flatpak;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      {
        assertions = [
          {
            assertion = config.xdg.portal.enable;
            message = "To use Flatpak you must enable XDG Desktop Portals with xdg.portal.enable.";
          }
        ];

        environment.systemPackages = [
          cfg.package
          pkgs.fuse3
        ];
        fonts.fontDir.enable = true;
        security.polkit.enable = true;
        services.dbus.packages = [ cfg.package ];
        systemd.packages = [ cfg.package ];
        systemd.tmpfiles.packages = [ cfg.package ];

        users.groups.flatpak = { };
        users.users.flatpak = {
          description = "Flatpak system helper";
          group = "flatpak";
          isSystemUser = true;
        };
      }

      # fusermount3 is no longer there by itself (rl-2611).
      (lib.mkIf (lib.versionAtLeast lib.release "26.11") { programs.fuse.enable = true; })
    ]
  );
}
