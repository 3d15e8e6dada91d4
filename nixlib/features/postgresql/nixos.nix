nqd:
{ config, lib, ... }:
let
  inherit (nqd) from want;
  cfg = config.nqd.features.postgresql;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (want (from "enable") [ "services" "postgresql" "enable" ] true)
      (want (from "port") [ "services" "postgresql" "settings" "port" ] cfg.port)
      (want (from "expose") [ "services" "postgresql" "enableTCPIP" ] (cfg.expose != [ ]))
      {
        networking.firewall.interfaces = lib.genAttrs cfg.expose (_: {
          allowedTCPPorts = [ cfg.port ];
        });
      }
    ]
  );
}
