nqd:
{ lib, options, ... }:
let
  inherit (nqd) from priority want wantSoft user;
  cfg = nqd.features.git;

  setting =
    priority: path:
    want priority (
      [
        "programs"
        "git"
        "settings"
      ]
      ++ path
    );

  # What host.toml leaves out stays for home.nix, or for git to ask.
  ofUser =
    path: value: lib.optionalAttrs (value != "") (setting priority.host path value);

  # The command of an editor by its name. A window has to be waited for: git takes what the file
  # holds when the command ends.
  commands = {
    code = "code --wait";
    codium = "codium --wait";
    cursor = "cursor --wait";
    helix = "hx";
    kate = "kate --block";
    neovim = "nvim";
    vscode = "code --wait";
    vscodium = "codium --wait";
    zed = "zeditor --wait";
    zeditor = "zeditor --wait";
  };

  # The old `visual` is not here: gitk, which it starts, is not in the package git.
  aliases = {
    st = "status";
    co = "checkout";
    br = "branch";
    ci = "commit";
    unstage = "reset HEAD --";
    last = "log -1 HEAD";
  };
in
{
  config = lib.mkMerge [
    (want (from "enable") [ "programs" "git" "enable" ] true)
    (ofUser [ "user" "name" ] user.git_name)
    (ofUser [ "user" "email" ] user.git_email)
    (ofUser [ "core" "editor" ] (commands.${user.editor} or user.editor))
    (setting (from "default_branch") [ "init" "defaultBranch" ] cfg.default_branch)
    (setting (from "pull_rebase") [ "pull" "rebase" ] cfg.pull_rebase)
    (want (from "lfs") [ "programs" "git" "lfs" "enable" ] cfg.lfs)

    (lib.mkIf cfg.aliases (
      lib.mkMerge (
        lib.mapAttrsToList (name: setting priority.feature [ "alias" name ]) aliases
      )
    ))

    (lib.mkIf cfg.delta (
      lib.mkMerge [
        (wantSoft options (from "delta") [ "programs" "delta" "enable" ] true)
        # Since it left programs.git, delta alone changes nothing of git.
        (wantSoft options (from "delta") [ "programs" "delta" "enableGitIntegration" ] true)
        (wantSoft options priority.feature [ "programs" "delta" "options" "line-numbers" ] true)
      ]
    ))

    {
      # `git config --global` writes to ~/.gitconfig, but where there is none to the file in
      # ~/.config/git, which is a link to the store: it would fail. Git reads both, and what it
      # is told there wins.
      home.activation.nqdGitconfig = lib.hm.dag.entryAfter [ "linkGeneration" ] ''
        if [[ ! -e "$HOME/.gitconfig" && ! -L "$HOME/.gitconfig" ]]; then
          run touch "$HOME/.gitconfig"
        fi
      '';
    }
  ];
}
