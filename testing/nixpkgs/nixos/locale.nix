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
    default = map (locale: "${locale}/UTF-8") (
      lib.unique ([ "C.UTF-8" ] ++ lib.attrValues settings)
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
