nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd) from priority want;
  cfg = config.nqd.features.gpu-nvidia;
  soft = nqd.wantSoft options;
  found = nqd.graphics.nvidia or null;
  bus = nqd.graphics.prime or null;

  option = name: [ "hardware" "nvidia" ] ++ name;
  refresh = "Let nqd look at the card (nqd facts --refresh)";

  isLegacy = lib.hasPrefix "legacy_";
  chosen = cfg.driver;
  isKind = chosen == "open" || chosen == "closed";

  # `stable` is what nixpkgs takes by itself: the newest that it calls so.
  branch =
    if chosen != "auto" && !isKind then
      chosen
    else if found == null || (isKind && isLegacy found.branch) then
      "stable"
    else
      found.branch;

  # Null where only the card could tell: the wrong modules leave the screen black.
  open =
    if isKind then
      chosen == "open"
    else if isLegacy branch then
      false
    else if found == null then
      null
    else
      found.open;

  # NixOS has a name for the branch since 26.05. A package that an adopted file chose wins over
  # that name, as it is another option; so what host.toml says is said as a package.
  packages = config.boot.kernelPackages.nvidiaPackages or { };
  # Inside of a definition only, and only where `problem` is none.
  chosenPackage = packages.${branch};
  driver =
    if from "driver" == priority.feature && nqd.has options (option [ "branch" ]) then
      want priority.feature (option [ "branch" ]) branch
    else
      want (from "driver") (option [ "package" ]) chosenPackage;

  # What is loaded and drawn with in the end, whoever chose it.
  inherit (config.hardware.nvidia) package;
  desktop = nqd.hasDesktop config options;
  modules =
    if config.hardware.nvidia.open == true then package.open or null else package.mod or null;
  parts = [
    package
    modules
  ]
  ++ lib.optional config.hardware.nvidia.nvidiaSettings (package.settings or null);
  works = value: (builtins.tryEval (builtins.seq value.drvPath true)).success;
  isBroken = part: part.meta.broken or false;
  isRefused = part: part.meta.unfree or false && !(isBroken part || part.meta.available or true);
  # Those of feature.toml are told of as all unfree packages are (nixlib/modules/relations.nix).
  isToldOf =
    part:
    isRefused part
    && lib.elem (lib.getName part) [
      "nvidia-settings"
      "nvidia-x11"
    ];
  broken = builtins.filter (
    part: lib.isDerivation part && !(isToldOf part || works part)
  ) parts;
  whyNot =
    part:
    let
      name = lib.getName part;
      kernel = config.boot.kernelPackages.kernel.version;
    in
    if isBroken part then
      "nixpkgs marks it as broken with the kernel ${kernel}; an older one may have it "
      + "(boot.kernelPackages in local.nix)"
    else if isRefused part then
      "it is unfree; packages.allow_unfree = [\"${name}\"] in host.toml allows it"
    else
      "it does not evaluate; branches without open modules want NVIDIA's licence accepted "
      + "(nixpkgs.config.nvidia.acceptLicense = true in local.nix)";

  has = packages ? ${branch};

  # Sync of an adopted file and offload exclude each other in NixOS.
  inherit (config.hardware.nvidia) prime;
  isSynced = prime.sync.enable || prime.reverseSync.enable;
  wantsOffload = cfg.prime == "offload" || (cfg.prime == "auto" && bus != null && !isSynced);
  # Switches the card off while nothing runs on it, which NVIDIA does on notebooks from Turing on
  # (its README, chapter "PCI-Express Runtime D3 (RTD3) Power Management").
  canSleep = open == true && nqd.facts.battery or false;
  usesPrime = cfg.prime == "offload" || cfg.prime == "sync";

  busId =
    name: card:
    soft priority.feature (option [
      "prime"
      name
    ]) bus.${card};
  busIds = lib.mapAttrsToList busId (
    lib.filterAttrs (_: card: bus.${card} or "" != "") {
      nvidiaBusId = "nvidia";
      intelBusId = "intel";
      amdgpuBusId = "amd";
    }
  );

  primeTo =
    name: value:
    soft (from "prime") (option ([ "prime" ] ++ lib.splitString "." name)) value;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      # Without a desktop too: NixOS goes by this list whether it has the driver at all.
      { services.xserver.videoDrivers = [ "nvidia" ]; }
      (soft priority.feature [ "hardware" "graphics" "enable" ] true)
      # Games and Wine.
      (lib.mkIf (desktop && pkgs.stdenv.hostPlatform.isx86_64) (
        soft priority.feature [ "hardware" "graphics" "enable32Bit" ] true
      ))

      (lib.mkIf has driver)
      (lib.mkIf (open != null) (soft (from "driver") (option [ "open" ]) open))
      (soft priority.feature (option [ "modesetting" "enable" ]) true)
      (soft priority.feature (option [ "nvidiaSettings" ]) desktop)
      # What is in the card's memory outlives a suspend; servers do not suspend.
      (lib.mkIf desktop (
        soft priority.feature (option [ "powerManagement" "enable" ]) true
      ))

      (lib.mkIf (cfg.prime != "off" && bus != null) (lib.mkMerge busIds))
      (lib.mkIf wantsOffload (
        lib.mkMerge [
          (primeTo "offload.enable" true)
          (primeTo "offload.enableOffloadCmd" true)
          (lib.mkIf canSleep (
            soft priority.feature (option [ "powerManagement" "finegrained" ]) true
          ))
        ]
      ))
      (lib.mkIf (cfg.prime == "offload" || cfg.prime == "off") (
        primeTo "sync.enable" false
      ))
      (lib.mkIf (cfg.prime == "sync") (primeTo "sync.enable" true))
      (lib.mkIf (cfg.prime == "sync" || cfg.prime == "off") (
        lib.mkMerge [
          (primeTo "offload.enable" false)
          (primeTo "offload.enableOffloadCmd" false)
        ]
      ))

      {
        assertions = [
          {
            assertion =
              config.hardware.nvidia.open != null || lib.versionOlder package.version "560";
            message = ''
              nqd.features.gpu-nvidia.enable is true, but nobody knows which kernel modules the card
              takes: hosts/${nqd.host.host.name}/facts.json has no card of NVIDIA.
              ${refresh}, or set driver = "open" (GTX 16, RTX 20
              and later), "closed" or a branch such as "legacy_580" in [features.gpu-nvidia] of
              host.toml.
            '';
          }
          {
            assertion = has;
            message = ''
              nqd.features.gpu-nvidia needs NVIDIA's driver ${branch}, and this nixpkgs has none of
              that name for the kernel ${config.boot.kernelPackages.kernel.version}. Set driver in
              [features.gpu-nvidia] of host.toml to one of
              ${lib.concatStringsSep ", " (builtins.attrNames packages)}.
            '';
          }
          {
            assertion =
              usesPrime
              -> prime.nvidiaBusId != "" && (prime.intelBusId != "" || prime.amdgpuBusId != "");
            message = ''
              nqd.features.gpu-nvidia.prime is "${cfg.prime}", but where the two cards are is not
              known. ${refresh}, or set hardware.nvidia.prime.nvidiaBusId and
              intelBusId or amdgpuBusId in local.nix.
            '';
          }
        ]
        ++ map (part: {
          assertion = false;
          message = ''
            nqd.features.gpu-nvidia.enable is true, but
            ${lib.getName part} of NVIDIA's driver ${branch} cannot be had:
            ${whyNot part}. Or switch gpu-nvidia off.
          '';
        }) (lib.optionals has broken);
      }
    ]
  );
}
