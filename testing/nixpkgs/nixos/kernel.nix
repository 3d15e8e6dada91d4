# The kernel, its parameters and its settings at run time
# (nixos/modules/system/boot/kernel.nix, nixos/modules/config/{sysctl,zram}.nix).
{ config, lib, ... }:
let
  cfg = config.boot;
  zram = config.zramSwap;

  sysctl = lib.filterAttrs (_: value: value != null) cfg.kernel.sysctl;
  show = value: if lib.isBool value then (if value then "1" else "0") else toString value;

  # Of the memory, but no more than memoryMax bytes.
  zramSize =
    let
      share = "${toString zram.memoryPercent} / 100 * ram";
    in
    if zram.memoryMax == null then
      share
    else
      "min(${share}, ${toString (zram.memoryMax / 1024 / 1024)})";

  zramDevice = number: {
    name = "zram${toString number}";
    value = {
      compression-algorithm = zram.algorithm;
      fs-type = "swap";
      options = "discard";
      swap-priority = zram.priority;
      zram-size = zramSize;
    };
  };
  zramDevices = map zramDevice (lib.range 0 (zram.swapDevices - 1));
in
{
  config = lib.mkMerge [
    {
      boot = {
        kernelParams = [ "loglevel=${toString cfg.consoleLogLevel}" ];
        kernelModules = [
          "loop"
          "atkbd"
        ];
        kernel.sysctl = {
          "fs.inotify.max_user_instances" = lib.mkDefault 524288;
          "fs.inotify.max_user_watches" = lib.mkDefault 524288;
          "kernel.kptr_restrict" = lib.mkDefault 1;
          "kernel.printk" = cfg.consoleLogLevel;
          "vm.max_map_count" = lib.mkDefault 1048576;
        };
      };

      environment.etc = {
        "sysctl.d/60-nixos.conf".text = lib.concatLines (
          lib.mapAttrsToList (name: value: "${name}=${show value}") sysctl
        );
        "modules-load.d/nixos.conf".text = lib.concatLines cfg.kernelModules;
        "modprobe.d/nixos.conf".text =
          lib.concatMapStrings (module: "blacklist ${module}\n") cfg.blacklistedKernelModules
          + cfg.extraModprobeConfig;
      };
    }

    (lib.mkIf zram.enable {
      assertions = [
        {
          assertion = zram.writebackDevice == null || zram.swapDevices <= 1;
          message = "A single writeback device cannot be shared among multiple zram devices";
        }
      ];

      environment.etc."systemd/zram-generator.conf".text =
        lib.generators.toINI { } (lib.listToAttrs zramDevices);
    })
  ];
}
