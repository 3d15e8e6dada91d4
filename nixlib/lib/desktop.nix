# Whether people look at this machine's own screen: whichever file switched a desktop on.
{ lib, soft }:
let
  switches = map (lib.splitString ".") [
    "services.xserver.enable"
    "services.displayManager.enable"
    # Every desktop of NixOS switches it on (nixos/modules/services/misc/graphical-desktop.nix).
    "services.graphical-desktop.enable"
    "services.desktopManager.cosmic.enable"
    "services.desktopManager.gnome.enable"
    "services.desktopManager.plasma6.enable"
    "services.greetd.enable"
  ];
in
{
  hasDesktop =
    config: options:
    lib.any (path: soft.has options path && lib.getAttrFromPath path config) switches;
}
