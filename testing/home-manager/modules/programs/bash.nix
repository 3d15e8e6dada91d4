# Bash: the files that a login shell and an interactive one read (home-manager:
# modules/programs/bash.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.bash;
  inherit (lib.hm) shell;

  assignments =
    lib.optionalAttrs (cfg.historyFileSize != null) { HISTFILESIZE = toString cfg.historyFileSize; }
    // lib.optionalAttrs (cfg.historySize != null) { HISTSIZE = toString cfg.historySize; }
    // lib.optionalAttrs (cfg.historyFile != null) { HISTFILE = ''"${cfg.historyFile}"''; }
    // lib.optionalAttrs (cfg.historyControl != [ ]) {
      HISTCONTROL = lib.concatStringsSep ":" cfg.historyControl;
    }
    // lib.optionalAttrs (cfg.historyIgnore != [ ]) {
      HISTIGNORE = lib.escapeShellArg (lib.concatStringsSep ":" cfg.historyIgnore);
    };

  shopt =
    name: "shopt ${if lib.hasPrefix "-" name then "-u" else "-s"} ${lib.removePrefix "-" name}";
in
{
  config = lib.mkIf cfg.enable {
    home.packages = lib.optional (cfg.package != null) cfg.package;

    # Very early, so that what comes later may set up completions.
    programs.bash.initExtra = lib.mkIf cfg.enableCompletion (
      lib.mkOrder 100 ''
        if [[ ! -v BASH_COMPLETION_VERSINFO ]]; then
          . "${pkgs.bash-completion}/etc/profile.d/bash_completion.sh"
        fi
      ''
    );

    home.file = {
      ".bash_profile".text = ''
        # include .profile if it exists
        [[ -f ~/.profile ]] && . ~/.profile

        # include .bashrc if it exists
        [[ -f ~/.bashrc ]] && . ~/.bashrc
      '';
      ".profile".text = ''
        . "${config.home.sessionVariablesPackage}/etc/profile.d/hm-session-vars.sh"

        ${shell.exportAll cfg.sessionVariables}

        ${cfg.profileExtra}
      '';
      ".bashrc".text = ''
        ${cfg.bashrcExtra}

        # Commands that should be applied only for interactive shells.
        [[ $- == *i* ]] || return

        ${lib.concatLines (lib.mapAttrsToList (name: value: "${name}=${value}") assignments)}
        ${lib.concatStringsSep "\n" (map shopt cfg.shellOptions)}

        ${lib.concatStringsSep "\n" (shell.aliases cfg.shellAliases)}

        ${cfg.initExtra}
      '';
      ".bash_logout" = lib.mkIf (cfg.logoutExtra != "") { text = cfg.logoutExtra; };
    };
  };
}
