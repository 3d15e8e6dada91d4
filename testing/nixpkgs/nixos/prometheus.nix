# Prometheus and the exporter of a machine's own figures
# (nixos/modules/services/monitoring/prometheus/{default,exporters}.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.prometheus;
  node = cfg.exporters.node;
  inherit (import ./values.nix { inherit lib; }) clean;
  stateFolder = "/var/lib/${cfg.stateDir}";

  # JSON is YAML too. nixpkgs checks the file with promtool in the build.
  configFile = pkgs.writeText "prometheus.yml" (
    builtins.toJSON (clean {
      global = cfg.globalConfig;
      scrape_configs = cfg.scrapeConfigs;
      remote_write = cfg.remoteWrite;
      rule_files = cfg.ruleFiles;
      alerting = { inherit (cfg) alertmanagers; };
    })
  );

  arguments =
    cfg.extraFlags
    ++ [
      "--config.file=${configFile}"
      "--web.listen-address=${cfg.listenAddress}:${toString cfg.port}"
      "--storage.tsdb.path=${stateFolder}/data/"
    ]
    ++ lib.optional (cfg.webExternalUrl != null) "--web.external-url=${cfg.webExternalUrl}"
    ++ lib.optional (cfg.retentionTime != null) "--storage.tsdb.retention.time=${cfg.retentionTime}"
    ++ lib.optional (cfg.webConfigFile != null) "--web.config.file=${cfg.webConfigFile}";
in
{
  options.services.prometheus.exporters =
    lib.genAttrs
      [
        "blackbox"
        "node"
        "nvidia-gpu"
        "postgres"
        "process"
        "redis"
        "smartctl"
        "systemd"
      ]
      (name: {
        user = lib.mkOption { default = "${name}-exporter"; };
        group = lib.mkOption { default = "${name}-exporter"; };
      });

  config = lib.mkMerge [
    (lib.mkIf cfg.enable {
      users.groups.prometheus.gid = 255;
      users.users.prometheus = {
        description = "Prometheus daemon user";
        uid = 255;
        group = "prometheus";
        isSystemUser = true;
      };

      systemd.services.prometheus = {
        wantedBy = [ "multi-user.target" ];
        after = [ "network.target" ];
        serviceConfig = {
          ExecStart =
            "${cfg.package}/bin/prometheus"
            + lib.concatMapStrings (argument: " \\\n  ${argument}") arguments;
          User = "prometheus";
          Restart = "always";
          RuntimeDirectory = "prometheus";
          StateDirectory = cfg.stateDir;
          StateDirectoryMode = "0700";
          WorkingDirectory = stateFolder;
        };
      };
    })

    (lib.mkIf node.enable {
      networking.firewall.allowedTCPPorts = lib.mkIf node.openFirewall [ node.port ];

      users.groups.${node.group} = { };
      users.users.${node.user} = {
        description = "Prometheus node exporter service user";
        isSystemUser = true;
        inherit (node) group;
      };

      systemd.services.prometheus-node-exporter = {
        wantedBy = [ "multi-user.target" ];
        after = [ "network.target" ];
        serviceConfig = {
          ExecStart = lib.concatStringsSep " " (
            [ "${pkgs.prometheus-node-exporter}/bin/node_exporter" ]
            ++ map (name: "--collector.${name}") node.enabledCollectors
            ++ map (name: "--no-collector.${name}") node.disabledCollectors
            ++ [ "--web.listen-address ${node.listenAddress}:${toString node.port}" ]
            ++ node.extraFlags
          );
          Restart = "always";
          User = node.user;
          Group = node.group;
        };
      };
    })
  ];
}
