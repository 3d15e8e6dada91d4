# Grafana: its settings are an INI file, what it is given to begin with one YAML file for each
# kind (nixos/modules/services/monitoring/grafana.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.grafana;
  inherit (cfg) provision settings;
  inherit (import ./values.nix { inherit lib; }) clean;

  provisioned =
    kind: value:
    lib.optionalAttrs (value != null) {
      "${kind}/provision.yaml".text = builtins.toJSON (clean value);
    };

  folder = pkgs.derive "grafana-provisioning" {
    files =
      provisioned "datasources" provision.datasources.settings
      // provisioned "dashboards" provision.dashboards.settings;
  } { };

  # Nobody has to have set it, and a string without a value is no null.
  key = builtins.tryEval settings.security.secret_key;

  configFile = pkgs.writeText "config.ini" (lib.generators.toINI { } (clean settings));

  # A secret is a file, a variable or the default that everybody knows.
  isOpen =
    default: value:
    value != default && builtins.match "^\\$__(file|env)\\{.*}$|^\\$[^_\\$][^ ]+$" value == null;

  secretsOf =
    source:
    lib.attrValues (if source.secureJsonData or null == null then { } else source.secureJsonData);

  sources =
    if provision.datasources.settings == null then
      [ ]
    else
      provision.datasources.settings.datasources;
in
{
  config = lib.mkIf cfg.enable {
    services.grafana.settings = {
      paths = {
        data = lib.mkDefault cfg.dataDir;
        plugins = lib.mkDefault "${cfg.dataDir}/plugins";
      }
      // lib.optionalAttrs provision.enable {
        provisioning = lib.mkDefault "${folder}";
      };
    };

    assertions = [
      {
        assertion = provision.datasources.settings == null || provision.datasources.path == null;
        message = "Cannot set both datasources settings and datasources path";
      }
      {
        assertion = provision.dashboards.settings == null || provision.dashboards.path == null;
        message = "Cannot set both dashboards settings and dashboards path";
      }
      {
        assertion = lib.all (
          source: source.type == "prometheus" -> source.access != "direct"
        ) sources;
        message = "For datasources of type `prometheus`, the `direct` access mode is not supported anymore (since Grafana 9.2.0)";
      }
      {
        assertion = key.success && key.value != null;
        message = ''
          Grafana's secret key (services.grafana.settings.security.secret_key) doesn't have a default
          value anymore. Please generate your own and use a file-provider on this option! See also
          https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#secret_key
          for more information.
        '';
      }
    ];

    warnings =
      lib.optional
        (
          isOpen "" settings.database.password or ""
          || isOpen "admin" settings.security.admin_password
        )
        ''
          Grafana passwords will be stored as plaintext in the Nix store!
          Use file provider or an env-var instead.
        ''
      ++ lib.optional (lib.any (lib.any (isOpen null)) (map secretsOf sources)) ''
        Declarations in the `secureJsonData`-block of a datasource will be leaked to the
        Nix store unless a file-provider or an env-var is used!
      '';

    environment.systemPackages = [ cfg.package ];
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ settings.server.http_port ];

    users.groups.grafana = { };
    users.users.grafana = {
      uid = 196;
      description = "Grafana user";
      home = cfg.dataDir;
      createHome = true;
      group = "grafana";
    };

    systemd.services.grafana = {
      description = "Grafana Service Daemon";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      serviceConfig = {
        # What nixpkgs' script ends with.
        ExecStart = "${lib.getExe cfg.package} server -homepath ${cfg.dataDir} -config ${configFile}";
        WorkingDirectory = cfg.dataDir;
        User = "grafana";
        Restart = "on-failure";
        RuntimeDirectory = "grafana";
        RuntimeDirectoryMode = "0755";
        UMask = "0027";
      };
    };
  };
}
