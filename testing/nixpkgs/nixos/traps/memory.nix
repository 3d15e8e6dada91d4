# Compressed swap: in memory, or before the disk (system/boot/zswap.nix).
{ config, lib, ... }:
let
  cfg = config.boot.zswap;
in
{
  options.boot.zswap.zpool = lib.mkOption { default = "zsmalloc"; };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = !config.zramSwap.enable;
        message = ''
          Conflicting options enabled: 'boot.zswap.enable' and 'zramSwap.enable'.

          You cannot enable Zswap and Zram simultaneously as it leads to double compression
          and inefficient memory management.
        '';
      }
      {
        assertion = config.swapDevices != [ ];
        message = "Zswap requires at least one physical swap device to function as a backing store.";
      }
    ];

    boot.kernelParams = [
      "zswap.enabled=1"
      "zswap.compressor=${cfg.compressor}"
      "zswap.max_pool_percent=${toString cfg.maxPoolPercent}"
    ];
  };
}
