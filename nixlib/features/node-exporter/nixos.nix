nqd:
{ config, lib, ... }:
let
  inherit (nqd) from want;
  cfg = config.nqd.features.node-exporter;
  path = [
    "services"
    "prometheus"
    "exporters"
    "node"
  ];
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (want (from "enable") (path ++ [ "enable" ]) true)
      (want (from "port") (path ++ [ "port" ]) cfg.port)
      # By itself it listens on every address.
      (want (from "expose") (path ++ [ "listenAddress" ]) (nqd.address cfg))
      { services.prometheus.exporters.node.enabledCollectors = cfg.collectors; }
    ]
  );
}
