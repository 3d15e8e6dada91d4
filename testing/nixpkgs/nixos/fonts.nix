# Fonts (nixos/modules/config/fonts/{packages,fontconfig,fontdir}.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.fonts;
  inherit (cfg) fontconfig;

  prefer =
    family: names:
    lib.optionalString (names != [ ]) ''
      <alias binding="same">
        <family>${family}</family>
        <prefer>
          ${lib.concatMapStringsSep "\n    " (name: "<family>${name}</family>") names}
        </prefer>
      </alias>
    '';

  document = text: ''
    <?xml version='1.0'?>
    <!DOCTYPE fontconfig SYSTEM 'urn:fontconfig:fonts.dtd'>
    <fontconfig>
    ${text}</fontconfig>
  '';
in
{
  config = lib.mkMerge [
    {
      fonts.packages = lib.mkIf cfg.enableDefaultPackages [
        pkgs.dejavu_fonts
        pkgs.freefont_ttf
        pkgs.gyre-fonts
        pkgs.liberation_ttf
        pkgs.unifont
        pkgs.noto-fonts-color-emoji
      ];
    }

    (lib.mkIf fontconfig.enable {
      environment.systemPackages = [ pkgs.fontconfig ];
      environment.etc = {
        "fonts/conf.d/00-nixos-cache.conf".text = document (
          lib.concatMapStrings (font: "<dir>${font}</dir>\n") cfg.packages
        );
        "fonts/conf.d/52-nixos-default-fonts.conf".text = document (
          prefer "sans-serif" fontconfig.defaultFonts.sansSerif
          + prefer "serif" fontconfig.defaultFonts.serif
          + prefer "monospace" fontconfig.defaultFonts.monospace
          + prefer "emoji" fontconfig.defaultFonts.emoji
        );
      };
    })

    (lib.mkIf cfg.fontDir.enable {
      environment.systemPackages = [
        (pkgs.derive "X11-fonts" {
          files = lib.listToAttrs (
            map (
              font:
              lib.nameValuePair "share/X11/fonts/${font.name or (baseNameOf font)}" {
                link = "${font}";
              }
            ) cfg.packages
          );
        } { })
      ];
    })
  ];
}
