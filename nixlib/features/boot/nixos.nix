nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from priority want;
  cfg = config.nqd.features.boot;
  soft = nqd.wantSoft options;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (lib.mkIf (cfg.loader == "systemd-boot") (
        lib.mkMerge [
          (want (from "loader") [ "boot" "loader" "systemd-boot" "enable" ] true)
          (soft (from "loader") [ "boot" "loader" "grub" "enable" ] false)
          (soft (from "loader") [ "boot" "loader" "efi" "canTouchEfiVariables" ] true)
        ]
      ))

      (soft (from "timeout") [ "boot" "loader" "timeout" ] cfg.timeout)

      # By itself systemd-boot offers every system there is and GRUB a hundred, until the boot
      # partition is full and no deployment can be committed. Whichever is on takes its own.
      (want (from "generations") [
        "boot"
        "loader"
        "systemd-boot"
        "configurationLimit"
      ] cfg.generations)
      (soft (from "generations") [ "boot" "loader" "grub" "configurationLimit" ] cfg.generations)

      (soft (from "generations") [
        "boot"
        "loader"
        "generic-extlinux-compatible"
        "configurationLimit"
      ] cfg.generations)

      # Who sits at the keyboard could edit init=/bin/sh into the menu, and be root.
      (want priority.feature [ "boot" "loader" "systemd-boot" "editor" ] false)

      (soft (from "tmp") [ "boot" "tmp" "cleanOnBoot" ] (cfg.tmp == "clean"))
      (soft (from "tmp") [ "boot" "tmp" "useTmpfs" ] (cfg.tmp == "tmpfs"))
    ]
  );
}
