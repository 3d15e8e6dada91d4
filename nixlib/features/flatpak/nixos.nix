nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd) from priority;
  cfg = config.nqd.features.flatpak;
  soft = nqd.wantSoft options;
in
# Remotes and applications are no part of the system: nothing is downloaded here.
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (soft (from "enable") [ "services" "flatpak" "enable" ] true)

      # Applications reach files, links and the camera through a portal, which needs one that
      # can show a dialog. Desktops bring a better one, and say so in configPackages.
      (soft priority.feature [ "xdg" "portal" "enable" ] true)
      (nqd.install pkgs [ "xdg" "portal" "extraPortals" ] [ "xdg-desktop-portal-gtk" ])
      (lib.mkIf (config.xdg.portal.configPackages or [ ] == [ ]) (
        nqd.set options [ "xdg" "portal" "config" ] { common.default = [ "gtk" ]; }
      ))
    ]
  );
}
