# Time zone, language and console.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config) console i18n time;

  settings = {
    LANG = i18n.defaultLocale;
  }
  // i18n.extraLocaleSettings;
in
{
  options.i18n.supportedLocales = lib.mkOption {
    default = lib.unique (
      map (locale: "${locale}/UTF-8") (
        [
          "C.UTF-8"
          "en_US.UTF-8"
        ]
        ++ [ i18n.defaultLocale ]
        ++ lib.attrValues (removeAttrs i18n.extraLocaleSettings [ "LANGUAGE" ])
      )
      ++ lib.toList i18n.extraLocales
    );
  };

  config.environment.etc = {
    "locale.conf".text = lib.generators.toKeyValue { } settings;
    "vconsole.conf".text = lib.generators.toKeyValue { } (
      { KEYMAP = console.keyMap; }
      // lib.optionalAttrs (console.font != null) { FONT = console.font; }
    );
    zoneinfo.source = "${pkgs.tzdata}/share/zoneinfo";
  }
  // lib.optionalAttrs (time.timeZone != null) {
    localtime = {
      source = "/etc/zoneinfo/${time.timeZone}";
      mode = "direct-symlink";
    };
  };
}
