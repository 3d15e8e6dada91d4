# Bash: the files that a login shell and an interactive one read.
{ config, lib, ... }:
let
  cfg = config.programs.bash;

  alias = name: value: "alias -- ${name}=${lib.escapeShellArg value}";
in
{
  config = lib.mkIf cfg.enable {
    programs.bash.shellAliases = lib.mapAttrs (_: lib.mkDefault) config.home.shellAliases;

    home.file = {
      ".bashrc".text = lib.concatLines (
        lib.filter (part: part != "") [
          cfg.bashrcExtra
          (lib.concatLines (lib.mapAttrsToList alias cfg.shellAliases))
          cfg.initExtra
        ]
      );
      ".bash_profile".text = ''
        [[ -f ~/.profile ]] && . ~/.profile
        [[ -f ~/.bashrc ]] && . ~/.bashrc
      '';
    };
  };
}
