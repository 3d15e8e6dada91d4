nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.nqd.features.safe-graphics;
  keptAway = [
    "nouveau"
    "nvidiafb"
  ];
  modules = [
    "nvidia"
    "nvidia_drm"
    "nvidia_modeset"
    "nvidia_uvm"
  ];
  off = path: nqd.set options path (lib.mkForce false);
in
{
  # The name of a specialisation stands in its entry of the boot menu.
  config.specialisation = lib.mkIf cfg.enable {
    safe-graphics.configuration = lib.mkMerge [
      # mkForce here, against the rule that lists are merged: what an adopted file, local.nix or a
      # feature adds to them is just what this system has to do without.
      {
        services.xserver.videoDrivers = lib.mkForce [
          "modesetting"
          "fbdev"
        ];
        nqd.features = lib.genAttrs [
          "gpu-containers"
          "gpu-nvidia"
        ] (_: { enable = lib.mkForce false; });
        # The driver keeps nouveau away, and an adopted file may do so too.
        boot.blacklistedKernelModules = lib.mkForce (
          lib.subtractLists keptAway config.boot.blacklistedKernelModules ++ modules
        );
        boot.kernelParams = lib.optional (cfg.drivers == "framebuffer") "nomodeset";
      }
      # An adopted file may have set these beside the driver.
      (off [ "hardware" "nvidia-container-toolkit" "enable" ])
      (off [ "hardware" "nvidia" "prime" "offload" "enable" ])
      (off [ "hardware" "nvidia" "prime" "offload" "enableOffloadCmd" ])
      (off [ "hardware" "nvidia" "prime" "reverseSync" "enable" ])
      (off [ "hardware" "nvidia" "prime" "sync" "enable" ])
      (off [ "hardware" "nvidia" "powerManagement" "finegrained" ])
    ];
  };
}
