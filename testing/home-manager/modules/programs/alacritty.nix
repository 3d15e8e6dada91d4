# Alacritty: settings as TOML; a theme is one more file that they import (home-manager:
# modules/programs/alacritty.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.alacritty;
  toml = pkgs.formats.toml { };
  theme = "${cfg.themePackage}/share/alacritty-theme/${cfg.theme}.toml";
in
{
  config = lib.mkIf cfg.enable {
    home.packages = lib.optional (cfg.package != null) cfg.package;

    programs.alacritty.settings = lib.mkIf (cfg.theme != null) {
      general.import = [ theme ];
    };

    xdg.configFile."alacritty/alacritty.toml" = lib.mkIf (cfg.settings != { }) {
      source = toml.generate "alacritty.toml" cfg.settings;
    };
  };
}
