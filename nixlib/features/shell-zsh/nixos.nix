nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd) from want wantSoft;
  cfg = config.nqd.features.shell-zsh;

  # The module of an account has a shell of its own at mkDefault.
  loginShell =
    user:
    want (from "enable") [
      "users"
      "users"
      user.name
      "shell"
    ] pkgs.zsh;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge (
      [
        # Without it a login shell has no PATH, and NixOS refuses it.
        (wantSoft options (from "enable") [ "programs" "zsh" "enable" ] true)
        # Home Manager's .zshrc does it: twice only makes each shell start later.
        (wantSoft options (from "enable") [ "programs" "zsh" "enableGlobalCompInit" ] false)
      ]
      ++ map loginShell nqd.users
    )
  );
}
