nqd:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (nqd) from want;
  cfg = config.nqd.features.ollama;

  # The module chooses by package; plain `ollama` is its default.
  build = nqd.lookup pkgs "ollama-${cfg.acceleration}";

  # Ollama itself is free. What ollama-cuda is linked with is not, and nixpkgs refuses those
  # parts one by one (pkgs/by-name/ol/ollama/package.nix).
  cure = lib.optionalString (cfg.acceleration == "cuda") ''
    It is made of unfree libraries of NVIDIA. To allow them, write in host.toml:
      [packages]
      allow_unfree = ["cuda_cccl", "cuda_cudart", "cuda_nvcc", "libcublas"]
    Or choose "vulkan", which most cards can do, or "cpu".
  '';

  # When the module has a unit that downloads. Older releases have no syncModels.
  service = config.services.ollama;
  downloads = service.enable && (service.loadModels != [ ] || (service.syncModels or false));
in
{
  config = lib.mkMerge [
    (lib.mkIf cfg.enable (
      lib.mkMerge [
        (want (from "enable") [ "services" "ollama" "enable" ] true)
        (want (from "port") [ "services" "ollama" "port" ] cfg.port)
        (want (from "expose") [ "services" "ollama" "host" ] (nqd.address cfg))
        { services.ollama.loadModels = cfg.models; }
      ]
    ))

    (lib.mkIf (cfg.enable && cfg.acceleration != "auto") (
      lib.mkMerge [
        (lib.mkIf (build ? package) (
          want (from "acceleration") [ "services" "ollama" "package" ] build.package
        ))
        {
          assertions = [
            {
              assertion = build ? package;
              message = ''
                nqd.features.ollama.acceleration is "${cfg.acceleration}", but the package
                ${build.name} cannot be had: ${build.why}.
                ${cure}'';
            }
          ];
        }
      ]
    ))

    # The module hangs the download on multi-user.target: it would run inside TRY. That is so
    # whoever named the models, and whoever switched the service on. Nor may a download that
    # still runs be started anew inside TRY because its models are others now.
    (lib.mkIf downloads {
      systemd.services.ollama-model-loader = {
        wantedBy = lib.mkForce [ "nqd-late.target" ];
        restartIfChanged = false;
      };
    })
  ];
}
