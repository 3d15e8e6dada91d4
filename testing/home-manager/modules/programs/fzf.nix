# fzf: variables, and key bindings that come early, so that a history manager wins
# (home-manager: modules/programs/fzf.nix).
{
  config,
  lib,
  ...
}:
let
  cfg = config.programs.fzf;
  isNew = lib.versionAtLeast lib.release "26.11";

  widget =
    name: part:
    if isNew then
      cfg."${name}Widget".${part}
    else
      cfg."${name}Widget${if part == "command" then "Command" else "Options"}";

  colors = lib.concatStringsSep "," (
    lib.mapAttrsToList (name: value: "${name}:${value}") cfg.colors
  );

  variables = {
    FZF_ALT_C_COMMAND = widget "changeDir" "command";
    FZF_ALT_C_OPTS = widget "changeDir" "options";
    FZF_CTRL_R_OPTS = widget "history" "options";
    FZF_CTRL_T_COMMAND = widget "file" "command";
    FZF_CTRL_T_OPTS = widget "file" "options";
    FZF_DEFAULT_COMMAND = cfg.defaultCommand;
    FZF_DEFAULT_OPTS =
      cfg.defaultOptions ++ lib.optional (cfg.colors != { }) "--color ${colors}";
    FZF_TMUX = if cfg.tmux.enableShellIntegration then "1" else null;
    FZF_TMUX_OPTS = cfg.tmux.shellIntegrationOptions;
  };
in
{
  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];
    home.sessionVariables = lib.mapAttrs (_: toString) (
      lib.filterAttrs (_: value: value != [ ] && value != null) variables
    );

    programs.bash.initExtra = lib.mkIf cfg.enableBashIntegration (
      lib.mkOrder 200 ''
        if [[ :$SHELLOPTS: =~ :(vi|emacs): ]]; then
          eval "$(${lib.getExe cfg.package} --bash)"
        fi
      ''
    );
    programs.zsh.initContent = lib.mkIf cfg.enableZshIntegration (
      lib.mkOrder 910 ''
        if [[ $options[zle] = on ]]; then
          source <(${lib.getExe cfg.package} --zsh)
        fi
      ''
    );
  };
}
