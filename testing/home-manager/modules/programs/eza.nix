# eza: aliases for ls and the like, which give way to a user's own (home-manager:
# modules/programs/eza.nix).
{
  config,
  lib,
  ...
}:
let
  cfg = config.programs.eza;

  icons = if lib.isBool cfg.icons then (if cfg.icons then "auto" else null) else cfg.icons;
  arguments = lib.escapeShellArgs (
    lib.optionals (icons != null) [
      "--icons"
      icons
    ]
    ++ lib.optionals (cfg.colors != null) [
      "--color"
      cfg.colors
    ]
    ++ lib.optional cfg.git "--git"
    ++ cfg.extraOptions
  );

  always = lib.optionalAttrs (arguments != "") { eza = "eza ${arguments}"; };
  integration = lib.mapAttrs (_: lib.mkDefault) {
    ls = "eza";
    ll = "eza -l";
    la = "eza -a";
    lt = "eza --tree";
    lla = "eza -la";
  };
in
{
  config = lib.mkIf cfg.enable {
    warnings = lib.optional (lib.isBool cfg.icons) ''
      Setting programs.eza.icons to a Boolean is deprecated.
      Please update your configuration so that

        programs.eza.icons = ${if cfg.icons == true then ''"auto"'' else "null"}'';

    home.packages = lib.optional (cfg.package != null) cfg.package;

    programs = {
      bash.shellAliases = always // lib.optionalAttrs cfg.enableBashIntegration integration;
      fish.shellAliases = always // lib.optionalAttrs cfg.enableFishIntegration integration;
      zsh.shellAliases = always // lib.optionalAttrs cfg.enableZshIntegration integration;
    };
  };
}
