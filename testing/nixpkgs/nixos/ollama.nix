# Ollama: the server, and a unit that downloads models.
{ config, lib, ... }:
let
  cfg = config.services.ollama;
  user = if cfg.user == null then "ollama" else cfg.user;
in
{
  options.services.ollama = {
    group = lib.mkOption { default = cfg.user; };
    models = lib.mkOption { default = "${cfg.home}/models"; };
  };

  config = lib.mkIf cfg.enable {
    users.users = lib.mkIf (cfg.user != null) {
      ${user} = {
        inherit (cfg) home;
        isSystemUser = true;
        group = if cfg.group == null then user else cfg.group;
      };
    };
    users.groups = lib.mkIf (cfg.group != null) { ${cfg.group} = { }; };

    environment.systemPackages = [ cfg.package ];
    networking.firewall.allowedTCPPorts = lib.mkIf cfg.openFirewall [ cfg.port ];

    systemd.services.ollama = {
      description = "Server for local large language models";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      environment =
        cfg.environmentVariables
        // {
          HOME = cfg.home;
          OLLAMA_MODELS = cfg.models;
          OLLAMA_HOST = "${cfg.host}:${toString cfg.port}";
        }
        // lib.optionalAttrs (cfg.rocmOverrideGfx != null) {
          HSA_OVERRIDE_GFX_VERSION = cfg.rocmOverrideGfx;
        };
      serviceConfig = {
        Type = "exec";
        User = user;
        DynamicUser = cfg.user == null;
        ExecStart = "${lib.getExe cfg.package} serve";
        WorkingDirectory = cfg.home;
        StateDirectory = [ "ollama" ];
      };
    };

    systemd.services.ollama-model-loader = lib.mkIf (cfg.loadModels != [ ] || cfg.syncModels) {
      description = "Download ollama models in the background";
      wantedBy = [
        "multi-user.target"
        "ollama.service"
      ];
      wants = [ "network-online.target" ];
      after = [
        "ollama.service"
        "network-online.target"
      ];
      bindsTo = [ "ollama.service" ];
      environment = config.systemd.services.ollama.environment;
      serviceConfig = {
        Type = "exec";
        DynamicUser = true;
        Restart = "on-failure";
        RestartSec = "1s";
        # A script in nixpkgs, which pulls models side by side and, with syncModels, removes others.
        ExecStart = "${lib.getExe cfg.package} pull ${lib.escapeShellArgs cfg.loadModels}";
      };
    };
  };
}
