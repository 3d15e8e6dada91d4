# atuin: settings and a line in each shell; it replaces the history of fzf, which comes
# before it (home-manager: modules/programs/atuin.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.atuin;
  toml = pkgs.formats.toml { };
  flags = lib.escapeShellArgs cfg.flags;
  start = shell: ''eval "$(${lib.getExe cfg.package} init ${shell} ${flags})"'';
in
{
  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];
    xdg.configFile."atuin/config.toml" = lib.mkIf (cfg.settings != { }) {
      source = toml.generate "atuin-config" cfg.settings;
    };
    programs.bash.initExtra = lib.mkIf cfg.enableBashIntegration ''
      if [[ :$SHELLOPTS: =~ :(vi|emacs): ]]; then
        source "${pkgs.bash-preexec}/share/bash/bash-preexec.sh"
        ${start "bash"}
      fi
    '';
    programs.zsh.initContent = lib.mkIf cfg.enableZshIntegration ''
      if [[ $options[zle] = on ]]; then
        ${start "zsh"}
      fi
    '';
  };
}
