nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from;
  cfg = config.nqd.features.direnv;

  # Softly, as the tables know these options from memory only.
  direnv =
    priority: path:
    nqd.wantSoft options priority (
      [
        "programs"
        "direnv"
      ]
      ++ path
    );
in
{
  # The module of NixOS, as it reaches every shell. Home Manager's only has an effect in shells
  # that Home Manager itself manages.
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (direnv (from "enable") [ "enable" ] true)
      # Keeps what a project needs from the garbage collector, and remembers its environment.
      (direnv (from "enable") [ "nix-direnv" "enable" ] true)
      (direnv (from "silent") [ "silent" ] cfg.silent)
    ]
  );
}
