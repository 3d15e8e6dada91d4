# zoxide: last in bash, behind the completions in zsh (home-manager:
# modules/programs/zoxide.nix).
{
  config,
  lib,
  ...
}:
let
  cfg = config.programs.zoxide;
  start = shell: ''
    eval "$(${lib.getExe cfg.package} init ${shell} ${lib.concatStringsSep " " cfg.options})"
  '';
in
{
  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];
    programs.bash.initExtra = lib.mkIf cfg.enableBashIntegration (lib.mkOrder 2000 (start "bash"));
    programs.zsh.initContent = lib.mkIf cfg.enableZshIntegration (lib.mkOrder 851 (start "zsh"));
  };
}
