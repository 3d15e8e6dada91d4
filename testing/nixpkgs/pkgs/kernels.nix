# Kernels, each with the modules that are built for it.
{ lib, package }:
let
  inherit (lib.licenses) unfree;

  # Versions are plausible, not facts; which is the default is (rl-2605: 6.18).
  kernels = {
    linuxPackages = "6.18.9";
    linuxPackages_latest = "7.0.4";
    linuxPackages_zen = "7.0.4-zen1";
    linuxPackages_6_12 = "6.12.71";
    linuxPackages_6_18 = "6.18.9";
  }
  // lib.optionalAttrs (lib.versionOlder lib.release "26.11") {
    linuxPackages_hardened = "6.12.71-hardened1";
  };

  driver =
    kernel: branch: version:
    package {
      pname = "nvidia-x11";
      version = "${version}-${kernel}";
      programs = [ "nvidia-smi" ];
      fill = 700000;
      meta.license = unfree;
      attrs = {
        inherit branch;
        # The version of the driver alone, which modules compare (hardware/video/nvidia.nix).
        nvidiaVersion = version;
      };
    };

  setFor =
    version:
    let
      module = name: size: package {
        pname = name;
        inherit version;
        fill = 1024 * size;
      };
    in
    {
      kernel = package {
        pname = "linux";
        inherit version;
        fill = 3000000;
        files = {
          bzImage.text = "Linux ${version}\n";
          "lib/modules/${version}/modules.builtin".text = "";
        };
        attrs.modDirVersion = version;
      };

      nvidiaPackages = lib.mapAttrs (driver version) {
        beta = "590.44.01";
        latest = "590.48.01";
        legacy_470 = "470.256.02";
        legacy_535 = "535.274.02";
        legacy_580 = "580.126.09";
        production = "590.48.01";
        stable = "590.48.01";
        vulkan_beta = "580.94.13";
      };
    }
    // lib.mapAttrs module {
      acpi_call = 2;
      v4l2loopback = 3;
      zenpower = 2;
    };
in
lib.mapAttrs (_: setFor) kernels
