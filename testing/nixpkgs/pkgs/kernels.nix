# Kernels, each with the modules that are built for it.
{
  config,
  lib,
  package,
}:
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

  # Of a version without open modules the licence has to be accepted
  # (pkgs/os-specific/linux/nvidia-x11/generic.nix).
  licence =
    version:
    if lib.versionAtLeast version "515" || config.nvidia.acceptLicense or false then
      "accepted"
    else
      throw ''
        Use of NVIDIA Software requires license acceptance of the license:

          - License For Customer Use of NVIDIA Software [1]
      '';

  # The first kernels that no patch of nixpkgs makes these fit for
  # (pkgs/os-specific/linux/nvidia-x11/default.nix).
  tooNew = {
    legacy_340 = "6.7";
    legacy_390 = "6.18";
  };

  # The parts of a driver are packages of their own, with names that are allowed one by one:
  # settings and the closed modules (since 26.05) are unfree too, the open modules are not
  # (settings.nix, kernel-modules.nix, open.nix there).
  driver =
    kernel: branch: version:
    let
      part =
        pname: license:
        package {
          inherit pname;
          version = "${version}-${kernel}";
          fill = 50000;
          meta = {
            inherit broken license;
          };
        };
      broken = tooNew ? ${branch} && lib.versionAtLeast kernel tooNew.${branch};
    in
    package {
      pname = "nvidia-x11";
      version = "${version}-${kernel}";
      programs = [ "nvidia-smi" ];
      fill = 700000;
      files."share/nvidia-x11/licence".text = licence version;
      meta = {
        inherit broken;
        license = unfree;
      };
      attrs = {
        inherit branch;
        # The version of the driver alone, which modules compare (hardware/video/nvidia.nix).
        nvidiaVersion = version;
        settings = part "nvidia-settings" unfree;
        mod = part "nvidia-kernel-modules" unfree;
        open =
          if lib.versionAtLeast version "515" then
            part "nvidia-open" lib.licenses.mit
          else
            null;
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
        legacy_340 = "340.108";
        legacy_390 = "390.157";
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
