# The rest of the system: rights, languages, the console, networks, Nix, containers.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (config) console networking services;
  inherit (config.virtualisation) containers;
  inherit (config.programs) nh;

  isSet = option: option.highestPrio < (lib.mkOptionDefault null).priority;

  # What the other language options need (config/i18n.nix).
  wanted =
    map (locale: "${locale}/UTF-8") (
      [ config.i18n.defaultLocale ]
      ++ lib.attrValues (removeAttrs config.i18n.extraLocaleSettings [ "LANGUAGE" ])
    )
    ++ lib.toList config.i18n.extraLocales;
in
{
  # Not among the facts; read in the module.
  options.networking.wireless.networks = lib.mkOption {
    type = lib.types.attrsOf lib.types.attrs;
    default = { };
    description = "Networks that wpa_supplicant knows.";
  };

  config = lib.mkMerge [
    {
      assertions = [
        # security/sudo-rs.nix
        {
          assertion = !(config.security.sudo.enable && config.security.sudo-rs.enable);
          message = "`security.sudo` and `security.sudo-rs` cannot both be enabled";
        }
        # services/misc/nix-gc.nix
        {
          assertion = config.nix.gc.automatic -> config.nix.enable;
          message = "nix.gc.automatic requires nix.enable";
        }
        # programs/nh.nix
        {
          assertion = nh.flake != null -> !lib.hasSuffix ".nix" nh.flake;
          message = "nh.flake must be a directory, not a nix file";
        }
        # services/networking/networkmanager.nix
        {
          assertion =
            networking.networkmanager.enable && networking.wireless.networks != { }
            -> networking.networkmanager.unmanaged != [ ];
          message = ''
            You can not use networking.networkmanager with networking.wireless.networks.
            Except if you mark some interfaces as <literal>unmanaged</literal> by NetworkManager.
          '';
        }
      ];

      # config/console.nix: a second definition, which conflicts with the first.
      console.keyMap = lib.mkIf console.useXkbConfig (
        pkgs.writeText "xkb-console-keymap" services.xserver.xkb.layout
      );

      # config/i18n.nix
      warnings =
        lib.optional
          (
            isSet options.i18n.supportedLocales
            && !lib.elem "all" config.i18n.supportedLocales
            && lib.subtractLists config.i18n.supportedLocales wanted != [ ]
          )
          ''
            `i18n.supportedLocales` is deprecated in favor of `i18n.extraLocales`,
            and it seems you are using `i18n.supportedLocales` and forgot to
            include some locales specified in `i18n.defaultLocale`,
            `i18n.extraLocales` or `i18n.extraLocaleSettings`.
          '';
    }

    # virtualisation/containers.nix
    (lib.mkIf containers.enable {
      virtualisation.containers.storage.settings.storage = {
        driver = lib.mkDefault "overlay";
        graphroot = lib.mkDefault "/var/lib/containers/storage";
        runroot = lib.mkDefault "/run/containers/storage";
      };
    })

    # system/boot/resolved.nix
    (lib.mkIf services.resolved.enable {
      networking.networkmanager.dns = "systemd-resolved";
    })

    # services/web-servers/nginx/default.nix, security/acme/default.nix
    (lib.mkIf
      (
        services.nginx.enable
        && lib.any (host: host.enableACME) (lib.attrValues services.nginx.virtualHosts)
      )
      {
        assertions = [
          {
            assertion = config.security.acme.acceptTerms;
            message = ''
              You must accept the CA's terms of service before using
              the ACME module by setting `security.acme.acceptTerms`
              to `true`. For Let's Encrypt's ToS see https://letsencrypt.org/repository/
            '';
          }
        ];
      }
    )
  ];
}
