nqd:
{ config, lib, ... }:
let
  inherit (nqd) from priority want;
  cfg = config.nqd.features.qdrant;

  # The module has no options for address and ports.
  settings = [
    "services"
    "qdrant"
    "settings"
  ];
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (want (from "enable") [ "services" "qdrant" "enable" ] true)
      (want (from "port") (settings ++ [ "service" "http_port" ]) cfg.port)
      (want (from "grpc_port") (settings ++ [ "service" "grpc_port" ]) cfg.grpc_port)
      (want (from "expose") (settings ++ [ "service" "host" ]) (nqd.address cfg))
      (want priority.feature (settings ++ [ "telemetry_disabled" ]) true)
      # By itself it lets the script of any web page read and change what is in it.
      (want priority.feature (settings ++ [ "service" "enable_cors" ]) false)
    ]
  );
}
