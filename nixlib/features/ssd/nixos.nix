nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from priority;
  cfg = config.nqd.features.ssd;
  soft = nqd.wantSoft options;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      # Once a week wears less than the mount option `discard`, which tells of each removal.
      # File systems that cannot are passed over.
      (soft (from "enable") [ "services" "fstrim" "enable" ] true)
      (soft priority.feature [ "services" "fstrim" "interval" ] "weekly")
    ]
  );
}
