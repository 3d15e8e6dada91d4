# direnv, and nix-direnv as its library (home-manager: modules/programs/direnv.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.direnv;
  toml = pkgs.formats.toml { };
  hook = shell: ''
    eval "$(${lib.getExe cfg.package} hook ${shell})"
  '';
in
{
  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];

    programs = {
      direnv.config = lib.mkIf cfg.silent {
        global = {
          log_format = "-";
          log_filter = "^$";
        };
      };
      # After what else changes the prompt.
      bash.initExtra = lib.mkIf cfg.enableBashIntegration (lib.mkAfter (hook "bash"));
      zsh.initContent = lib.mkIf cfg.enableZshIntegration (hook "zsh");
    };

    xdg.configFile = {
      "direnv/direnv.toml" = lib.mkIf (cfg.config != { }) {
        source = toml.generate "direnv-config" cfg.config;
      };
      "direnv/lib/hm-nix-direnv.sh" = lib.mkIf cfg.nix-direnv.enable {
        source = "${cfg.nix-direnv.package}/share/nix-direnv/direnvrc";
      };
      "direnv/direnvrc" = lib.mkIf (cfg.stdlib != "") { text = cfg.stdlib; };
      "direnv/lib/hm-mise.sh" = lib.mkIf cfg.mise.enable {
        text = ''
          eval "$(${lib.getExe cfg.mise.package} direnv activate)"
        '';
      };
    };
  };
}
