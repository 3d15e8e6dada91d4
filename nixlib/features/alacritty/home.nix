nqd:
{ lib, ... }:
let
  inherit (nqd) from priority want;
  cfg = nqd.features.alacritty;

  setting =
    priority: path:
    want priority (
      [
        "programs"
        "alacritty"
        "settings"
      ]
      ++ path
    );
in
{
  config = lib.mkMerge [
    (want (from "enable") [ "programs" "alacritty" "enable" ] true)
    (setting (from "font_size") [ "font" "size" ] cfg.font_size)
    (setting (from "opacity") [ "window" "opacity" ] (cfg.opacity / 100.0))
    (setting priority.feature [ "window" "padding" "x" ] 10)
    (setting priority.feature [ "window" "padding" "y" ] 10)
    (setting priority.feature [ "colors" "primary" "background" ] "#1e1e2e")
    (setting priority.feature [ "colors" "primary" "foreground" ] "#cdd6f4")
    # Without that feature nobody knows which fonts are there; alacritty finds one by itself.
    (lib.mkIf (lib.elem "fonts" nqd.enabled) (
      setting priority.feature [ "font" "normal" "family" ] nqd.features.fonts.monospace
    ))
  ];
}
