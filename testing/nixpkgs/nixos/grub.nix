# GRUB: on unless another boot loader is chosen, and then in need of a device.
{ config, lib, ... }:
let
  cfg = config.boot.loader.grub;
in
{
  options.boot.loader.grub.enable = lib.mkOption { default = !config.boot.isContainer; };

  config = lib.mkMerge [
    {
      boot.loader.grub.devices = lib.mkIf (cfg.device != "") [ cfg.device ];
    }
    (lib.mkIf cfg.enable {
      system.build.installBootLoader = "grub";

      assertions = [
        {
          assertion = cfg.devices != [ ] || cfg.mirroredBoots != [ ];
          message = "You must set the option ‘boot.loader.grub.devices’ or 'boot.loader.grub.mirroredBoots' to make the system bootable.";
        }
        {
          assertion = !(cfg.efiInstallAsRemovable && config.boot.loader.efi.canTouchEfiVariables);
          message = "If you wish to to use boot.loader.grub.efiInstallAsRemovable, then turn off boot.loader.efi.canTouchEfiVariables.";
        }
      ];
    })
  ];
}
