# systemd-boot.
{ config, lib, ... }:
{
  config = lib.mkIf config.boot.loader.systemd-boot.enable {
    boot.loader.grub.enable = lib.mkDefault false;
    system.build.installBootLoader = "systemd-boot";
  };
}
