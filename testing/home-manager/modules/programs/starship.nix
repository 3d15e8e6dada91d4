# starship: its settings, and a line in each shell (home-manager:
# modules/programs/starship.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.starship;
  toml = pkgs.formats.toml { };

  # Written only where there is something to say; presets are laid under the settings by a
  # program, which the stand-in does not run.
  isWritten = cfg.settings != { } || (cfg.presets or [ ]) != [ ];

  start = shell: arguments: ''
    if [[ $TERM != "dumb" ]]; then
      eval "$(${lib.getExe cfg.package} init ${shell}${arguments})"
    fi
  '';
in
{
  config = lib.mkIf cfg.enable {
    home = {
      packages = [ cfg.package ];
      sessionVariables.STARSHIP_CONFIG = cfg.configPath;
      file.${cfg.configPath} = lib.mkIf isWritten {
        source = toml.generate "starship-config" cfg.settings;
      };
    };

    programs = {
      bash.initExtra = lib.mkIf cfg.enableBashIntegration (
        lib.mkOrder 1900 (start "bash" " --print-full-init")
      );
      zsh.initContent = lib.mkIf cfg.enableZshIntegration (start "zsh" "");
    };
  };
}
