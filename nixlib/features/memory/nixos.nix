nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from priority;
  cfg = config.nqd.features.memory;
  soft = nqd.wantSoft options;

  # By the memory in MB. The bounds lie between the sizes that are sold, as a machine never
  # reports all that it has: one of 16 GB tells of 15 and some.
  table = [
    {
      below = 6000;
      percent = 100;
    }
    {
      below = 12000;
      percent = 75;
    }
    {
      below = 24000;
      percent = 50;
    }
  ];
  most = 25;

  bySize = memory: (lib.findFirst (row: memory < row.below) { percent = most; } table).percent;
  unknown = 50; # what the module itself takes

  percent =
    if cfg.zram_percent != 0 then
      cfg.zram_percent
    else if nqd.facts ? memory_mb then
      bySize nqd.facts.memory_mb
    else
      unknown;

  sysctl = name: soft priority.feature [ "boot" "kernel" "sysctl" name ];

  besideZram = [
    # Compressing again what zram will compress is of no use. The last parameter of a name
    # counts, so this is also said to an adopted `zswap.enabled=1`; where somebody switches on
    # boot.zswap, nixpkgs refuses the two.
    (nqd.set options [ "boot" "kernelParams" ] (lib.mkAfter [ "zswap.enabled=0" ]))

    # Reading back from zram is faster than from a file, so idle memory goes there before the
    # cache of files is given up, and one page at a time (kernel: admin-guide/sysctl/vm.rst).
    (sysctl "vm.swappiness" 180)
    (sysctl "vm.page-cluster" 0)
  ];
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (soft priority.feature [ "zramSwap" "enable" ] true)
      (soft (from "zram_percent") [ "zramSwap" "memoryPercent" ] percent)

      # Not where local.nix has chosen something else to swap to.
      (lib.mkIf (config.zramSwap.enable or false) (lib.mkMerge besideZram))

      # Not systemd-oomd: it ends whole control groups, which can be the session with all that
      # is open in it. It is on in NixOS, and watches nothing unless told to.
      (soft (from "earlyoom") [ "services" "earlyoom" "enable" ] cfg.earlyoom)
    ]
  );
}
