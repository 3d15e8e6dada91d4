nqd:
{ config, lib, ... }:
let
  inherit (nqd) from want;
  cfg = config.nqd.features.firewall;
in
# No port is opened here, and no interface trusted: nqd opens what `expose` of a feature names.
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (want (from "enable") [ "networking" "firewall" "enable" ] true)
      # nixpkgs' own default is another one in different releases.
      (want (from "log_refused") [
        "networking"
        "firewall"
        "logRefusedConnections"
      ] cfg.log_refused)
    ]
  );
}
