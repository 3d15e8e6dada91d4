# Fonts of the home (home-manager: modules/misc/fontconfig.nix).
{ config, lib, ... }:
let
  cfg = config.fonts.fontconfig;

  document = description: body: ''
    <?xml version='1.0'?>
    <!DOCTYPE fontconfig SYSTEM 'fonts.dtd'>
    <fontconfig>
      <description>${description}</description>
    ${body}</fontconfig>
  '';

  alias = name: fonts: ''
    <alias binding="same">
      <family>${if name == "sansSerif" then "sans-serif" else name}</family>
      <prefer>
    ${lib.concatMapStrings (font: "    <family>${font}</family>\n") fonts}  </prefer>
    </alias>
  '';
in
{
  config = lib.mkIf cfg.enable {
    xdg.configFile = {
      "fontconfig/conf.d/10-hm-fonts.conf".text = document "Add fonts in the Nix user profile" (
        lib.concatMapStrings (folder: "  <dir>${folder}</dir>\n") [
          "${config.home.path}/lib/X11/fonts"
          "${config.home.path}/share/fonts"
          "${config.home.profileDirectory}/lib/X11/fonts"
          "${config.home.profileDirectory}/share/fonts"
        ]
      );
      "fontconfig/conf.d/52-hm-default-fonts.conf".text = document "Set default fonts" (
        lib.concatStrings (
          lib.mapAttrsToList alias (lib.filterAttrs (_: fonts: fonts != [ ]) cfg.defaultFonts)
        )
      );
    };
  };
}
