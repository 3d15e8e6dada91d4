nqd:
{ lib, pkgs, ... }:
let
  inherit (nqd) from priority want;
  cfg = nqd.features.tmux;

  tmux =
    priority: name:
    want priority [
      "programs"
      "tmux"
      name
    ];
in
{
  config = lib.mkMerge [
    (tmux (from "enable") "enable" true)
    (tmux priority.feature "clock24" true)
    (tmux priority.feature "keyMode" "vi")
    (tmux priority.feature "terminal" "tmux-256color")
    (tmux (from "mouse") "mouse" cfg.mouse)
    (tmux (from "history") "historyLimit" cfg.history)
    # Home Manager's socket is below /run/user, which goes with the last login: nobody could come
    # back to what still runs.
    (tmux priority.feature "secureSocket" false)

    # The order counts: continuum works on what the others made of the status line.
    (nqd.install pkgs
      [
        "programs"
        "tmux"
        "plugins"
      ]
      [
        "tmuxPlugins.sensible"
        "tmuxPlugins.yank"
        "tmuxPlugins.resurrect"
        "tmuxPlugins.continuum"
      ]
    )
    # Behind Home Manager's settings (500), before the plugins (1000), which read it.
    {
      xdg.configFile."tmux/tmux.conf".text = lib.mkOrder 750 ''
        set -g @continuum-restore '${if cfg.restore then "on" else "off"}'
      '';
    }
  ];
}
