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
  cfg = config.nqd.features.gpu-amd;
  soft = nqd.wantSoft options;
  found = nqd.graphics.amd or { };

  inherit (pkgs.stdenv.hostPlatform) isx86_64;
  rocm = if cfg.rocm == "auto" then found.rocm or false else cfg.rocm == "on";
in
{
  # Mesa has Vulkan and OpenGL by itself; amdvlk is gone from nixpkgs. nixpkgs.config.rocmSupport
  # would build half of nixpkgs here.
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (soft priority.feature [ "hardware" "graphics" "enable" ] true)
      (lib.mkIf (nqd.hasDesktop config options && isx86_64) (
        soft priority.feature [ "hardware" "graphics" "enable32Bit" ] true
      ))
      # The right resolution from the start, and a card that is there when the desktop asks for it.
      (soft priority.feature [ "hardware" "amdgpu" "initrd" "enable" ] true)
      # GCN 1 and 2: the kernel gives them to `radeon` unless told otherwise, which has no Vulkan.
      (lib.mkIf (found.legacy or false) (
        soft priority.feature [ "hardware" "amdgpu" "legacySupport" "enable" ] true
      ))
      (lib.mkIf isx86_64 (soft (from "rocm") [ "hardware" "amdgpu" "opencl" "enable" ] rocm))
      {
        assertions = [
          {
            assertion = cfg.rocm == "on" -> isx86_64;
            message = ''
              nqd.features.gpu-amd.rocm is "on", but nixpkgs has ROCm for x86_64-linux only. Set it
              to "off" or "auto" in host.toml.
            '';
          }
        ];
      }
    ]
  );
}
