nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from priority;
  cfg = config.nqd.features.grafana;
  inherit (config.nqd.features) prometheus;

  settings = [
    "services"
    "grafana"
    "settings"
  ];
  datasources = [
    "services"
    "grafana"
    "provision"
    "datasources"
    "settings"
  ];

  # The sections of the settings are no options of their own.
  setting =
    priority: path: value:
    lib.optionalAttrs (nqd.has options settings) (nqd.want priority (settings ++ path) value);

  # systemd reads the secret as root and hands it to Grafana's user; in the store is its name.
  secrets = {
    admin-password = "grafana-admin-password";
    secret-key = "grafana-secret-key";
  };
  readAtStart = name: "$__file{/run/credentials/grafana.service/${name}}";
  units = map (secret: "nqd-secret@${secret}.service") (builtins.attrValues secrets);
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (nqd.wantSoft options (from "enable") [ "services" "grafana" "enable" ] true)
      (setting (from "port") [ "server" "http_port" ] cfg.port)
      (setting (from "expose") [ "server" "http_addr" ] (nqd.address cfg))
      (setting priority.feature [ "security" "admin_password" ] (readAtStart "admin-password"))
      (setting priority.feature [ "security" "secret_key" ] (readAtStart "secret-key"))

      # Nobody else is told that it runs, and versions come from nixpkgs.
      (setting priority.feature [ "analytics" "reporting_enabled" ] false)
      (setting priority.feature [ "analytics" "check_for_updates" ] false)
      (setting priority.feature [ "analytics" "check_for_plugin_updates" ] false)

      {
        # Without its secrets the unit fails, and does not start with a password all know.
        systemd.services.grafana = {
          wants = units;
          after = units;
          serviceConfig.LoadCredential = lib.mapAttrsToList (
            name: secret: "${name}:/run/nqd/secrets/${secret}"
          ) secrets;
        };
      }

      (lib.mkIf prometheus.enable (
        lib.mkMerge [
          (nqd.wantSoft options priority.feature [ "services" "grafana" "provision" "enable" ] true)
          (nqd.set options datasources {
            datasources = [
              {
                name = "Prometheus";
                uid = "prometheus";
                type = "prometheus";
                url = "http://127.0.0.1:${toString prometheus.port}";
                isDefault = true;
              }
            ];
          })
        ]
      ))
    ]
  );
}
