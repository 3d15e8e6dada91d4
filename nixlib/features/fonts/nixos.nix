nqd:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (nqd) install priority want;
  cfg = config.nqd.features.fonts;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      # The symbols of powerline-fonts are part of each Nerd Font.
      (install pkgs [ "fonts" "packages" ] (
        map (name: "nerd-fonts.${name}") cfg.nerd_fonts ++ [ "font-awesome" ]
      ))

      # Letters of most scripts, and emoji: what is asked for and missing is found there.
      (want priority.feature [ "fonts" "enableDefaultPackages" ] true)
      {
        fonts.fontconfig.defaultFonts.monospace = lib.mkAfter [
          cfg.monospace
          "DejaVu Sans Mono"
        ];
      }
    ]
  );
}
