nqd:
{ config, lib, ... }:
let
  inherit (nqd) from priority want;
  cfg = nqd.features.shell-zsh;

  zsh =
    priority: path:
    want priority (
      [
        "programs"
        "zsh"
      ]
      ++ path
    );

  # No name here is that of a program: gs would hide Ghostscript, gc one of Graphviz, gp that of
  # PARI. None rebuilds the system either: without a flake that is another configuration.
  nixAliases = {
    nfu = "nix flake update";
    nfc = "nix flake check";
    nfb = "nix build";
    nfd = "nix develop";
  };
  gitAliases = {
    gst = "git status";
    ga = "git add";
    gci = "git commit";
    gco = "git checkout";
    gb = "git branch";
    gd = "git diff";
    gpl = "git pull";
    gps = "git push";
  };
  aliases =
    lib.optionalAttrs cfg.aliases nixAliases
    // lib.optionalAttrs (cfg.aliases && lib.elem "git" nqd.enabled) gitAliases;

  # Not home.shellAliases: those come to zsh without their priority, and would conflict with
  # what home.nix says.
  alias = name: zsh priority.feature [ "shellAliases" name ];
in
{
  # All by options, nothing by initContent: what a feature puts there by hand may end the reading
  # of .zshrc for those after it.
  config = lib.mkMerge (
    [
      (zsh (from "enable") [ "enable" ] true)
      (zsh (from "enable") [ "enableCompletion" ] true)
      (zsh (from "enable") [ "autosuggestion" "enable" ] true)
      (zsh (from "enable") [ "syntaxHighlighting" "enable" ] true)
      (zsh (from "history") [ "history" "size" ] cfg.history)
      # In full, as Home Manager warns of a relative path.
      (zsh priority.feature [ "history" "path" ] "${config.xdg.dataHome}/zsh/history")
    ]
    ++ lib.mapAttrsToList alias aliases
  );
}
