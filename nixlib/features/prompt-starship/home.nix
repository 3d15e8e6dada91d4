nqd:
{ lib, ... }:
let
  inherit (nqd) from priority want;
  cfg = nqd.features.prompt-starship;

  setting =
    priority: path:
    want priority (
      [
        "programs"
        "starship"
        "settings"
      ]
      ++ path
    );
in
{
  # Reaches the shells that Home Manager manages: zsh with the feature shell-zsh, bash where
  # home.nix has programs.bash.enable.
  config = lib.mkMerge [
    (want (from "enable") [ "programs" "starship" "enable" ] true)
    (setting (from "newline") [ "add_newline" ] cfg.newline)
    (setting priority.feature [ "character" "success_symbol" ] "[❯](bold green)")
    (setting priority.feature [ "character" "error_symbol" ] "[❯](bold red)")
  ];
}
