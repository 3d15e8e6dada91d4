# Qdrant: an address only in its settings (nixos/modules/services/search/qdrant.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.qdrant;
  default = lib.mapAttrsRecursive (_: lib.mkDefault);
in
{
  config = lib.mkIf cfg.enable {
    services.qdrant.settings = default {
      cluster.enabled = false;
      service = {
        enable_cors = true;
        grpc_port = 6334;
        host = "127.0.0.1";
        http_port = 6333;
        max_request_size_mb = 32;
        max_workers = 0;
        static_content_dir = "${cfg.webUIPackage}";
      };
      storage = {
        on_disk_payload = true;
        snapshots_path = "/var/lib/qdrant/snapshots";
        storage_path = "/var/lib/qdrant/storage";
      };
      telemetry_disabled = true;
    };

    systemd.services.qdrant = {
      description = "Vector Search Engine for the next generation of AI applications";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      serviceConfig = {
        LimitNOFILE = 65536;
        # JSON is YAML too.
        ExecStart = "${lib.getExe cfg.package} --config-path ${
          pkgs.writeText "config.yaml" (builtins.toJSON cfg.settings)
        }";
        DynamicUser = true;
        Restart = "on-failure";
        StateDirectory = "qdrant";
      };
    };
  };
}
