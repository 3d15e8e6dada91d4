nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd) from priority;
  cfg = config.nqd.features.kernel;
  soft = nqd.wantSoft options;
  vendor = nqd.facts.cpu_vendor or "other";

  sysctl = name: soft priority.feature [ "boot" "kernel" "sysctl" name ];

  # Not here, although many lists have them:
  # - kernel.unprivileged_userns_clone: only patched kernels have it, and there 0 breaks rootless
  #   Podman, Flatpak and the sandboxes of browsers.
  # - net.ipv4.conf.*.rp_filter: the firewall does that (checkReversePath), and can be told to be
  #   loose where a VPN needs it; this could not.
  # - net.ipv4.tcp_syncookies: on by itself.
  # - net.core.somaxconn, net.core.netdev_max_backlog, net.ipv4.tcp_fastopen: for busy servers.
  # - vm.swappiness: depends on what is swapped to, so the feature memory says it.
  parameters = {
    # What a shell without rights loads into the kernel is a way to attack it. This cannot be
    # taken back until the next start; root goes on loading.
    "kernel.unprivileged_bpf_disabled" = 1;
    "net.core.bpf_jit_harden" = 2;

    # Git and Nix look at very many small files: names and inodes stay longer.
    "vm.vfs_cache_pressure" = 50;

    # Writing back begins earlier, so that a build on much memory does not end in a long halt.
    "vm.dirty_background_ratio" = 5;
    "vm.dirty_ratio" = 10;

    # Editors, language servers and bundlers watch whole trees. The first is what the kernel
    # itself gives at most, on much memory; the second what nixpkgs gives to desktops
    # (nixos/modules/services/misc/graphical-desktop.nix).
    "fs.inotify.max_user_watches" = 1048576;
    "fs.inotify.max_user_instances" = 524288;
  };
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      # No `want`: a set of packages can neither be compared nor printed.
      (lib.mkIf (cfg.package == "latest") (
        nqd.set options [ "boot" "kernelPackages" ] (
          lib.mkOverride (from "package") pkgs.linuxPackages_latest
        )
      ))

      (lib.mkMerge (lib.mapAttrsToList sysctl parameters))

      (nqd.set options [ "boot" "kernelModules" ] (
        lib.optional (vendor != "other") "kvm-${vendor}"
      ))
      (lib.optionalAttrs (vendor != "other") (
        soft priority.feature [ "hardware" "cpu" vendor "updateMicrocode" ] true
      ))

      # Wi-Fi, Bluetooth and graphics of most machines need it. What may not be redistributed
      # (enableAllFirmware) takes a blanket yes to unfree packages, and is left out.
      (soft priority.feature [ "hardware" "enableRedistributableFirmware" ] true)
    ]
  );
}
