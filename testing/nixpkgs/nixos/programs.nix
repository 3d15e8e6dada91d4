# Programs that are a package and a file or two.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs;
in
{
  config = lib.mkMerge [
    (lib.mkIf cfg.git.enable { environment.systemPackages = [ cfg.git.package ]; })
    (lib.mkIf cfg.zsh.enable {
      environment.systemPackages = [ pkgs.zsh ];
      environment.shells = [ pkgs.zsh ];
    })
    (lib.mkIf cfg.fish.enable {
      environment.systemPackages = [ pkgs.fish ];
      environment.shells = [ pkgs.fish ];
    })
    {
      security.sudo.enable = lib.mkIf config.security.sudo-rs.enable (lib.mkDefault false);
    }
    (lib.mkIf config.security.sudo.enable { environment.systemPackages = [ pkgs.sudo ]; })
  ];
}
