nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd) install priority;
  cfg = config.nqd.features.gpu-intel;
  soft = nqd.wantSoft options;

  # Which card it is decides about all of them. Without facts the driver of most that are in use,
  # from Broadwell on; on an older one nothing finds it, and nothing is worse than without.
  found = nqd.graphics.intel or { media = "intel-media-driver"; };
  named = builtins.filter (name: name != "") (
    [
      (found.media or "")
      (found.vpl or "")
    ]
    ++ lib.optional cfg.compute (found.compute or "")
  );
in
{
  # LIBVA_DRIVER_NAME is not set: libva tries the names of both drivers by itself, and a name that
  # is set counts for the other card of a hybrid machine too. Whether i915 or xe has the card is
  # the kernel's choice.
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (soft priority.feature [ "hardware" "graphics" "enable" ] true)
      (lib.mkIf (nqd.hasDesktop config options && pkgs.stdenv.hostPlatform.isx86_64) (
        soft priority.feature [ "hardware" "graphics" "enable32Bit" ] true
      ))
      (install pkgs [ "hardware" "graphics" "extraPackages" ] named)
    ]
  );
}
