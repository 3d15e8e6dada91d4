nqd:
{ lib, options, ... }:
let
  inherit (nqd) from priority want wantSoft;
  cfg = nqd.features.cli-modern;

  program = name: want (from "enable") [ "programs" name "enable" ] true;

  # With the part of a name that stands for each.
  shells = {
    bash = "Bash";
    fish = "Fish";
    zsh = "Zsh";
  };
  inShells = f: lib.mkMerge (map f (builtins.attrNames shells));

  # Not home.shellAliases: those come to the shells without their priority, and would conflict
  # with what home.nix says.
  aliases =
    names: shell:
    lib.mkMerge (
      lib.mapAttrsToList (
        name:
        want priority.feature [
          "programs"
          shell
          "shellAliases"
          name
        ]
      ) names
    );

  integration =
    shell:
    want (from "replace") [
      "programs"
      "eza"
      "enable${shells.${shell}}Integration"
    ] cfg.replace;

  # 26.11 has a set for each widget of fzf, and warns of the name that 26.05 knows.
  fzf =
    name: command:
    let
      fits = nqd.has options [
        "programs"
        "fzf"
        name
        "command"
      ];
      path = if fits then [ name "command" ] else [ "${name}Command" ];
    in
    want priority.feature (
      [
        "programs"
        "fzf"
      ]
      ++ path
    ) command;

  files = "fd --hidden --follow --exclude .git";
in
{
  # What hooks into shells reaches those that Home Manager manages: zsh with the feature
  # shell-zsh, bash where home.nix has programs.bash.enable.
  config = lib.mkMerge [
    (program "bat")
    (program "eza")
    (program "fzf")
    (program "zoxide")

    (want priority.feature [ "programs" "fzf" "defaultCommand" ] "${files} --type f")
    (fzf "fileWidget" "${files} --type f")
    (fzf "changeDirWidget" "${files} --type d")

    (want priority.feature [ "programs" "eza" "git" ] true)
    # Icons are boxes where no font has them.
    (lib.mkIf (lib.elem "fonts" nqd.enabled) (
      want priority.feature [ "programs" "eza" "icons" ] "auto"
    ))

    # Home Manager's integration of eza takes the name ls. These hide nothing; and rg not by its
    # file, which scripts read too.
    (inShells (aliases {
      ll = "eza -l";
      la = "eza -la";
      lt = "eza --tree";
      rg = "rg --smart-case";
    }))
    (inShells integration)
    (lib.mkIf cfg.replace (
      inShells (aliases {
        cat = "bat";
        du = "dust";
        df = "duf";
      })
    ))

    (wantSoft options (from "corrections") [ "programs" "pay-respects" "enable" ] cfg.corrections)
  ];
}
