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
  set = priority: name: soft priority [ "i18n" "extraLocaleSettings" name ];

  # Of "LC_TIME=en_DK.UTF-8" the name and the locale; null for what is none.
  parse = builtins.match "(LC_[A-Z]+)=([A-Za-z0-9_.@-]+)";
  isKnown =
    text:
    let
      parts = parse text;
    in
    parts != null && lib.elem (lib.head parts) allFormats;
  singles = lib.listToAttrs (
    map (text: lib.nameValuePair (lib.head (parse text)) (lib.last (parse text))) (
      builtins.filter isKnown cfg.formats
    )
  );
  allFormats = formats ++ [
    "LC_COLLATE"
    "LC_CTYPE"
    "LC_MESSAGES"
  ];

  # Whether a name is set at all must not decide what this module consists of.
  ofCountry =
    name:
    lib.mkIf (cfg.format_locale != "" && !(singles ? ${name})) (
      set (from "format_locale") name cfg.format_locale
    );
  single = name: lib.mkIf (singles ? ${name}) (set (from "formats") name singles.${name});

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
      (lib.mkMerge (map ofCountry formats))
      (lib.mkMerge (map single allFormats))
      {
        assertions = [
          {
            assertion = lib.all isKnown cfg.formats;
            message = ''
              nqd.features.locale.formats has what is no format:
              ${lib.concatStringsSep ", " (builtins.filter (text: !isKnown text) cfg.formats)}.
              Each is a name and a locale, as "LC_TIME=en_DK.UTF-8".
            '';
          }
        ];
      }

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
      (lib.mkIf (cfg.xkb_options != "") (
        soft (from "xkb_options") [ "services" "xserver" "xkb" "options" ] cfg.xkb_options
      ))
      (lib.mkIf (cfg.xkb_layout == "") (
        lib.mkMerge (lib.optionals known (keyboard nqd.priority.feature byKeymap))
      ))
    ]
  );
}
