nqd:
{ config, lib, ... }:
let
  inherit (nqd) from want;
  cfg = config.nqd.features.ollama;
  exposed = cfg.expose != [ ];
  address = if exposed then "0.0.0.0" else "127.0.0.1";

  # When the module has a unit that downloads. Older releases have no syncModels.
  service = config.services.ollama;
  downloads = service.enable && (service.loadModels != [ ] || (service.syncModels or false));
in
{
  config = lib.mkMerge [
    (lib.mkIf cfg.enable (
      lib.mkMerge [
        (want (from "enable") [ "services" "ollama" "enable" ] true)
        (want (from "port") [ "services" "ollama" "port" ] cfg.port)
        (want (from "expose") [ "services" "ollama" "host" ] address)
        {
          services.ollama.loadModels = cfg.models;

          networking.firewall.interfaces = lib.genAttrs cfg.expose (_: {
            allowedTCPPorts = [ cfg.port ];
          });
        }
      ]
    ))
    # The module hangs the download on multi-user.target: it would run inside TRY. That is so
    # whoever named the models, and whoever switched the service on.
    (lib.mkIf downloads {
      systemd.services.ollama-model-loader.wantedBy = lib.mkForce [ "nqd-late.target" ];
    })
  ];
}
