# GNOME and its login, as far as a change to another desktop has to do with them
# (nixos/modules/services/desktop-managers/gnome.nix, services/display-managers/gdm.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.services.desktopManager) gnome;
  inherit (config.services.displayManager) gdm;
in
{
  config = lib.mkMerge [
    (lib.mkIf gnome.enable {
      environment.systemPackages = [
        pkgs.gnome-control-center
        pkgs.gnome-session
        pkgs.gnome-shell
        pkgs.nautilus
      ];
      security.polkit.enable = true;
      networking.networkmanager.enable = lib.mkDefault true;
      services.gnome.gnome-keyring.enable = lib.mkDefault true;
    })

    (lib.mkIf gdm.enable {
      systemd.services.display-manager = {
        wantedBy = [ "graphical.target" ];
        restartIfChanged = false;
        serviceConfig.ExecStart = "${pkgs.gdm}/bin/gdm";
      };
      systemd.defaultUnit = lib.mkDefault "graphical.target";
      systemd.targets.graphical = {
        requires = [ "multi-user.target" ];
        after = [ "multi-user.target" ];
      };
      users.groups.gdm = { };
      users.users.gdm = {
        description = "GDM user";
        isSystemUser = true;
        group = "gdm";
      };
    })
  ];
}
