# Graphics cards (hardware/graphics.nix, hardware/video/nvidia.nix, services/hardware/amdgpu.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.hardware.nvidia;
  inherit (cfg) prime;
  inherit (config.hardware) amdgpu graphics;
  enabled = lib.elem "nvidia" config.services.xserver.videoDrivers;
  version = cfg.package.nvidiaVersion or cfg.package.version;
  usesPrime = prime.sync.enable || prime.reverseSync.enable || prime.offload.enable;
in
{
  options.hardware.nvidia = {
    package = lib.mkOption {
      default = config.boot.kernelPackages.nvidiaPackages.${cfg.branch};
    };
    modesetting.enable = lib.mkOption { default = lib.versionAtLeast version "535"; };
    gsp.enable = lib.mkOption {
      default = cfg.open == true || lib.versionAtLeast version "555";
    };
    powerManagement.kernelSuspendNotifier = lib.mkOption {
      default = cfg.open == true && lib.versionAtLeast version "595";
    };
  };

  config = lib.mkMerge [
    {
      assertions = [
        {
          assertion = config.hardware.graphics.enable32Bit -> pkgs.stdenv.hostPlatform.isx86_64;
          message = "`hardware.graphics.enable32Bit` only makes sense on a 64-bit system.";
        }
        # hardware/all-firmware.nix
        {
          assertion =
            config.hardware.enableAllFirmware -> config.nixpkgs.config.allowUnfree or false;
          message = ''
            the list of hardware.enableAllFirmware contains non-redistributable licensed firmware files.
              This requires nixpkgs.config.allowUnfree to be true.
              An alternative is to use the hardware.enableRedistributableFirmware option.
          '';
        }
      ];
    }

    # What all programs draw with is one tree. Mesa is part of it, always.
    (lib.mkIf (graphics.enable && graphics.extraPackages != [ ]) {
      systemd.tmpfiles.settings.graphics-driver."/run/opengl-driver"."L+".argument = toString (
        pkgs.buildEnv {
          name = "graphics-drivers";
          paths = [ graphics.package ] ++ graphics.extraPackages;
        }
      );
    })

    (lib.mkIf amdgpu.legacySupport.enable {
      boot.kernelParams = [
        "amdgpu.si_support=1"
        "amdgpu.cik_support=1"
        "radeon.si_support=0"
        "radeon.cik_support=0"
      ];
    })
    (lib.mkIf amdgpu.initrd.enable { boot.initrd.kernelModules = [ "amdgpu" ]; })
    (lib.mkIf amdgpu.opencl.enable {
      hardware.graphics = {
        enable = lib.mkDefault true;
        extraPackages = [ pkgs.rocmPackages.clr ];
      };
    })

    (lib.mkIf enabled {
      environment.systemPackages = [
        cfg.package
      ]
      ++ lib.optional cfg.nvidiaSettings cfg.package.settings;
      boot.extraModulePackages = [
        (if cfg.open == true then cfg.package.open else cfg.package.mod)
      ];
      boot.blacklistedKernelModules = [
        "nouveau"
        "nvidiafb"
      ];
      hardware.graphics.extraPackages = [
        cfg.package
      ]
      ++ lib.optional cfg.videoAcceleration pkgs.nvidia-vaapi-driver;
      assertions = [
        {
          # There is no default from 560 on: which module is right, only the card tells.
          assertion = cfg.open != null || lib.versionOlder version "560" || cfg.datacenter.enable;
          message = ''
            You must configure `hardware.nvidia.open` on NVIDIA driver versions >= 560.
            It is suggested to use the open source kernel modules on Turing or later GPUs (RTX series, GTX 16xx), and the closed source modules otherwise.
          '';
        }
        {
          assertion = !cfg.datacenter.enable;
          message = "You cannot configure both X11 and Data Center drivers at the same time.";
        }
        {
          assertion = usesPrime -> prime.intelBusId == "" || prime.amdgpuBusId == "";
          message = "You cannot configure both an Intel iGPU and an AMD APU. Pick the one corresponding to your processor.";
        }
        {
          assertion =
            usesPrime
            -> prime.nvidiaBusId != "" && (prime.intelBusId != "" || prime.amdgpuBusId != "");
          message = "When NVIDIA PRIME is enabled, the GPU bus IDs must be configured.";
        }
        {
          assertion =
            prime.offload.enableOffloadCmd -> prime.offload.enable || prime.reverseSync.enable;
          message = "Offload command requires offloading or reverse prime sync to be enabled.";
        }
        {
          assertion = !(prime.sync.enable && prime.offload.enable);
          message = "PRIME Sync and Offload cannot be both enabled";
        }
        {
          assertion = !(prime.sync.enable && cfg.powerManagement.finegrained);
          message = "Sync precludes powering down the NVIDIA GPU.";
        }
        {
          assertion = cfg.powerManagement.finegrained -> prime.offload.enable;
          message = "Fine-grained power management requires offload to be enabled.";
        }
      ];
    })

    # services/hardware/nvidia-container-toolkit/default.nix
    (lib.mkIf config.hardware.nvidia-container-toolkit.enable {
      assertions = [
        {
          assertion =
            enabled
            || cfg.datacenter.enable
            || config.hardware.nvidia-container-toolkit.suppressNvidiaDriverAssertion;
          message = ''`nvidia-container-toolkit` requires nvidia drivers: set `hardware.nvidia.datacenter.enable`, add "nvidia" to `services.xserver.videoDrivers`, or set `hardware.nvidia-container-toolkit.suppressNvidiaDriverAssertion` if the driver is provided by another NixOS module (e.g. from NixOS-WSL)'';
        }
      ];
    })
  ];
}
