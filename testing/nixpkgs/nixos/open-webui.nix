# Open WebUI (nixos/modules/services/misc/open-webui.nix).
{ config, lib, ... }:
let
  cfg = config.services.open-webui;
in
{
  config = lib.mkIf cfg.enable {
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ cfg.port ];

    systemd.services.open-webui = {
      description = "User-friendly WebUI for LLMs";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      environment = {
        DATA_DIR = "${cfg.stateDir}/data";
        HF_HOME = "${cfg.stateDir}/hf_home";
        SENTENCE_TRANSFORMERS_HOME = "${cfg.stateDir}/transformers_home";
        STATIC_DIR = "${cfg.stateDir}/static";
        WEBUI_URL = "http://localhost:${toString cfg.port}";
      }
      // cfg.environment;
      serviceConfig = {
        DynamicUser = true;
        EnvironmentFile = lib.optional (cfg.environmentFile != null) cfg.environmentFile;
        ExecStart = "${lib.getExe cfg.package} serve --host \"${cfg.host}\" --port ${toString cfg.port}";
        RuntimeDirectory = "open-webui";
        RuntimeDirectoryMode = "0755";
        StateDirectory = "open-webui";
        UMask = "0077";
        WorkingDirectory = cfg.stateDir;
      };
    };
  };
}
