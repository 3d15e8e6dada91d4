nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from;
  cfg = config.nqd.features.gpu-containers;
  isOn = id: config.nqd.features.${id}.enable;
  nvidia = isOn "gpu-nvidia";
  others = isOn "gpu-amd" || isOn "gpu-intel";
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      # Podman and Docker both read what the toolkit writes: --device nvidia.com/gpu=all.
      (lib.mkIf nvidia (
        nqd.wantSoft options (from "enable") [
          "hardware"
          "nvidia-container-toolkit"
          "enable"
        ] true
      ))
      # --device /dev/dri, and for ROCm --device /dev/kfd besides. A container without root has
      # the groups of the account that starts it (--group-add keep-groups).
      (lib.mkIf others {
        users.users = lib.genAttrs (map (user: user.name) nqd.users) (_: {
          extraGroups = [
            "render"
            "video"
          ];
        });
      })
      {
        assertions = [
          {
            assertion = nvidia || nqd.graphics.nvidia or null == null;
            message = ''
              nqd.features.gpu-containers.enable is true, and this machine has a card of NVIDIA, but
              gpu-nvidia is off, which has its driver. Switch that on too ([features.gpu-nvidia]
              enable = true in host.toml), or gpu-containers off.
            '';
          }
          {
            assertion = nvidia || others;
            message = ''
              nqd.features.gpu-containers.enable is true, but none of gpu-nvidia, gpu-amd and
              gpu-intel is on. Switch on what this machine has (nqd gpu tells), or gpu-containers
              off.
            '';
          }
        ];
      }
    ]
  );
}
