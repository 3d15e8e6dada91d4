nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd) from priority want;
  cfg = config.nqd.features.prometheus;
  wantSoft = nqd.wantSoft options;

  global = [
    "services"
    "prometheus"
    "globalConfig"
  ];

  sources = builtins.filter (port: port.metrics != "") config.nqd.ports;
  perFeature = lib.groupBy (source: source.feature) sources;

  # One job for each; the port is named where a feature has more than one with figures.
  jobOf = source: {
    job_name =
      source.feature
      + lib.optionalString (lib.length perFeature.${source.feature} > 1) "-${source.name}";
    metrics_path = source.metrics;
    static_configs = [ { targets = [ "127.0.0.1:${toString source.number}" ]; } ];
  };

  alert = name: expr: summary: {
    alert = name;
    inherit expr;
    for = "5m";
    annotations = {
      inherit summary;
    };
  };

  # Images are always full.
  free = ''node_filesystem_avail_bytes{fstype!~"iso9660|squashfs|ramfs|tmpfs"}'';

  # Seen on the page "Alerts"; nobody is called.
  alerts = (pkgs.formats.json { }).generate "nqd-alerts.json" {
    groups = [
      {
        name = "nqd";
        rules = [
          (alert "ServiceDown" "up == 0" "{{ $labels.job }} does not answer")
          (alert "DiskNearlyFull" "${free} / node_filesystem_size_bytes < 0.1"
            "Less than a tenth of {{ $labels.mountpoint }} is free"
          )
        ];
      }
    ];
  };
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (wantSoft (from "enable") [ "services" "prometheus" "enable" ] true)
      (wantSoft (from "port") [ "services" "prometheus" "port" ] cfg.port)
      # By itself it listens on every address.
      (wantSoft (from "expose") [ "services" "prometheus" "listenAddress" ] (nqd.address cfg))
      (wantSoft (from "retention_days") [
        "services"
        "prometheus"
        "retentionTime"
      ] "${toString cfg.retention_days}d")

      # What Grafana takes for granted; with Prometheus' own minute its rates show nothing.
      (lib.optionalAttrs (nqd.has options global) (
        want priority.feature (global ++ [ "scrape_interval" ]) "15s"
      ))

      (nqd.set options [ "services" "prometheus" "scrapeConfigs" ] (map jobOf sources))
      (nqd.set options [ "services" "prometheus" "ruleFiles" ] [ alerts ])
    ]
  );
}
