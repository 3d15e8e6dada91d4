nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from;
  cfg = config.nqd.features.locale;
  soft = nqd.wantSoft options;

  # All but the language of messages, the letters and their order.
  formats = [
    "LC_ADDRESS"
    "LC_IDENTIFICATION"
    "LC_MEASUREMENT"
    "LC_MONETARY"
    "LC_NAME"
    "LC_NUMERIC"
    "LC_PAPER"
    "LC_TELEPHONE"
    "LC_TIME"
  ];
  format =
    name: soft (from "format_locale") [ "i18n" "extraLocaleSettings" name ] cfg.format_locale;

  # Layout and variant by the console's keymap: the rows of systemd's table
  # (src/locale/kbd-model-map) that are one layout alone.
  layouts = import ./layouts.nix;
  known = layouts ? ${nqd.host.host.keymap};
  byKeymap = layouts.${nqd.host.host.keymap};

  keyboard =
    priority:
    {
      layout,
      variant ? "",
    }:
    [
      (soft priority [ "services" "xserver" "xkb" "layout" ] layout)
      (soft priority [ "services" "xserver" "xkb" "variant" ] variant)
    ];
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (lib.mkIf (cfg.format_locale != "") (lib.mkMerge (map format formats)))

      # nixpkgs makes the locales that are named above by itself. An adopted "all" is no list,
      # and an empty one beside it would not be either.
      (lib.mkIf (cfg.more_locales != [ ]) (
        nqd.set options [ "i18n" "extraLocales" ] (map (locale: "${locale}/UTF-8") cfg.more_locales)
      ))

      (lib.mkIf (cfg.console_font != "") (
        soft (from "console_font") [ "console" "font" ] cfg.console_font
      ))

      (lib.mkIf (cfg.xkb_layout != "") (
        lib.mkMerge (
          keyboard (from "xkb_layout") {
            layout = cfg.xkb_layout;
            variant = cfg.xkb_variant;
          }
        )
      ))
      (lib.mkIf (cfg.xkb_layout == "") (
        lib.mkMerge (lib.optionals known (keyboard nqd.priority.feature byKeymap))
      ))
    ]
  );
}
