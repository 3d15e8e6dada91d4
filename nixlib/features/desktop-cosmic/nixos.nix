nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd)
    from
    has
    priority
    want
    ;
  cfg = config.nqd.features.desktop-cosmic;

  isOn = path: has options path && lib.getAttrFromPath path config;

  # Other desktops and logins that local.nix or an adopted file switches on. Releases differ in
  # which of them are still below services.xserver.
  rivals = {
    desktopManager = [
      "budgie"
      "cinnamon"
      "enlightenment"
      "gnome"
      "lxqt"
      "mate"
      "pantheon"
      "plasma6"
      "xfce"
    ];
    displayManager = [
      "gdm"
      "lightdm"
      "ly"
      "sddm"
    ];
  };
  pathsOf =
    kind:
    lib.concatMap (name: [
      [ "services" kind name "enable" ]
      [ "services" "xserver" kind name "enable" ]
    ]) rivals.${kind};

  refuse =
    path:
    let
      option = lib.concatStringsSep "." path;
      inherit (lib.getAttrFromPath path options) files;
    in
    {
      assertion = false;
      message = ''
        nqd.features.desktop-cosmic.enable is true, and so is ${option}
        (${lib.concatMapStringsSep ", " baseNameOf (map toString files)}): one desktop and one login
        can have the screen. Take the other one out of that file, or switch desktop-cosmic off.
      '';
    };
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (want (from "enable") [ "services" "desktopManager" "cosmic" "enable" ] true)
      (want (from "enable") [ "services" "displayManager" "cosmic-greeter" "enable" ] true)
      (want (from "xwayland") [
        "services"
        "desktopManager"
        "cosmic"
        "xwayland"
        "enable"
      ] cfg.xwayland)
      (nqd.install pkgs [ "environment" "cosmic" "excludePackages" ] cfg.exclude)

      # Qt, SDL and Firefox find Wayland by themselves, and being told so breaks those programs
      # that have no part for it. What nixpkgs wraps of Electron and Chromium goes by this.
      (want priority.feature [ "environment" "sessionVariables" "NIXOS_OZONE_WL" ] "1")
      (lib.mkIf cfg.clipboard_managers (
        want (from "clipboard_managers") [
          "environment"
          "sessionVariables"
          "COSMIC_DATA_CONTROL_ENABLED"
        ] "1"
      ))

      # The desktop's own default would be refused beside TLP.
      (lib.mkIf (isOn [ "services" "tlp" "enable" ]) (
        nqd.wantSoft options priority.feature [
          "services"
          "power-profiles-daemon"
          "enable"
        ] false
      ))

      {
        assertions = map refuse (
          lib.filter isOn (pathsOf "desktopManager" ++ pathsOf "displayManager")
        );
      }
    ]
  );
}
