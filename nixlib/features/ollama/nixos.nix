nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd) from want;
  cfg = config.nqd.features.ollama;

  # The module chooses by package; plain `ollama` is its default.
  buildFor = acceleration: nqd.lookup pkgs "ollama-${acceleration}";

  # By the card, once its driver is there: a build for a card that nobody drives would be a long
  # download for nothing. Vulkan is what all three have in common.
  isOn = id: config.nqd.features.${id}.enable;
  drivers = {
    cuda = [ "gpu-nvidia" ];
    rocm = [ "gpu-amd" ];
    vulkan = [
      "gpu-amd"
      "gpu-intel"
      "gpu-nvidia"
    ];
  };
  byCard = nqd.graphics.compute or "cpu";
  best =
    if byCard == "rocm" && config.nqd.features.gpu-amd.rocm == "off" then "vulkan" else byCard;
  isDriven = lib.any isOn (drivers.${best} or [ ]);
  isAuto = cfg.acceleration == "auto";

  # Best first; what cannot be had is told, and the next one taken.
  candidates = map buildFor (lib.optionals isDriven (lib.unique [ best "vulkan" ]));
  chosen =
    if isAuto then
      lib.findFirst (build: build ? package) { } candidates
    else
      buildFor cfg.acceleration;
  hinder = lib.findFirst (build: build ? why) { } candidates;
  isMissing = isAuto && candidates != [ ] && !(lib.head candidates ? package);
  why =
    if hinder.name == "ollama-cuda" then
      "${hinder.why}; CUDA is made of unfree libraries of NVIDIA, which packages.allow_unfree = "
      + "[${quoted}] in host.toml allows"
    else
      hinder.why;

  # Ollama itself is free. What ollama-cuda is linked with is not, and nixpkgs refuses those
  # parts one by one (pkgs/by-name/ol/ollama/package.nix).
  libraries = [
    "cuda_cccl"
    "cuda_cudart"
    "cuda_nvcc"
    "libcublas"
  ];
  quoted = lib.concatMapStringsSep ", " (name: "\"${name}\"") libraries;
  cure = lib.optionalString (cfg.acceleration == "cuda") ''
    It is made of unfree libraries of NVIDIA. To allow them, write in host.toml:
      [packages]
      allow_unfree = [${quoted}]
    Or choose "vulkan", which most cards can do, or "cpu".
  '';

  # A card that ROCm serves under another one's name.
  override = nqd.graphics.amd.override or "";
  isRocm = chosen.name or "" == "ollama-rocm" && chosen ? package;

  # Whether it computes on a card is asked where it was made for one.
  isForCard = chosen ? package && chosen.name != "ollama-cpu";

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

    (lib.mkIf cfg.enable (
      lib.mkMerge [
        (lib.mkIf (chosen ? package) (
          want (from "acceleration") [ "services" "ollama" "package" ] chosen.package
        ))
        (lib.mkIf (isRocm && override != "") (
          nqd.wantSoft options nqd.priority.feature [
            "services"
            "ollama"
            "rocmOverrideGfx"
          ] override
        ))
        (lib.mkIf (!isForCard) {
          nqd.unasked = [
            {
              feature = "ollama";
              check = "gpu";
            }
          ];
        })
        (lib.mkIf isMissing {
          nqd.skips = [
            {
              feature = "ollama";
              package = hinder.name;
              inherit why;
            }
          ];
        })
        {
          assertions = [
            {
              assertion = isAuto || chosen ? package;
              message = ''
                nqd.features.ollama.acceleration is "${cfg.acceleration}", but the package
                ${chosen.name} cannot be had: ${chosen.why}.
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
