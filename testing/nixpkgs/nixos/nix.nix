# Nix itself: its configuration file, what it finds by name, and when it cleans up
# (nixos/modules/config/{nix,nix-channel,nix-flakes}.nix, services/misc/nix-{gc,optimise}.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.nix;

  show =
    value:
    if lib.isBool value then
      lib.boolToString value
    else if lib.isList value then
      lib.concatMapStringsSep " " toString value
    else
      toString value;

  # What is kept of a flake in the registry.
  known = [
    "lastModified"
    "narHash"
    "rev"
  ];

  # Where a name of the registry leads: to a flake that was given, or by hand.
  registration =
    { config, name, ... }:
    {
      config = {
        from = lib.mkDefault {
          type = "indirect";
          id = name;
        };
        to = lib.mkIf (config.flake != null) (
          lib.mkDefault (
            {
              type = "path";
              path = config.flake.outPath;
            }
            // lib.filterAttrs (name: _: lib.elem name known) config.flake
          )
        );
      };
    };
in
{
  options.nix = {
    nixPath = lib.mkOption {
      default = lib.optionals cfg.channel.enable [
        "nixpkgs=/nix/var/nix/profiles/per-user/root/channels/nixos"
        "nixos-config=/etc/nixos/configuration.nix"
        "/nix/var/nix/profiles/per-user/root/channels"
      ];
    };
    registry = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule (lib.setDefaultModuleLocation ./nix.nix registration)
      );
    };
  };

  config = lib.mkIf cfg.enable {
    warnings = lib.optional (cfg.gc.automatic && config.programs.nh.clean.enable)
      "programs.nh.clean.enable and nix.gc.automatic are both enabled. Please use one or the other to avoid conflict.";

    environment.sessionVariables.NIX_PATH = cfg.nixPath;

    systemd.services.nix-gc = {
      description = "Nix Garbage Collector";
      script = "exec ${cfg.package}/bin/nix-collect-garbage ${cfg.gc.options}";
      serviceConfig.Type = "oneshot";
      startAt = lib.optionals cfg.gc.automatic (lib.toList cfg.gc.dates);
      restartIfChanged = false;
    };
    systemd.timers.nix-gc = lib.mkIf cfg.gc.automatic {
      timerConfig = {
        RandomizedDelaySec = cfg.gc.randomizedDelaySec;
        Persistent = cfg.gc.persistent;
      };
    };

    systemd.services.nix-optimise = {
      description = "Nix Store Optimiser";
      unitConfig.ConditionPathIsReadWrite = "/nix/var/nix/daemon-socket";
      serviceConfig = {
        Type = "oneshot";
        ExecStart = "${cfg.package}/bin/nix-store --optimise";
      };
      startAt = lib.optionals cfg.optimise.automatic (lib.toList cfg.optimise.dates);
      restartIfChanged = false;
    };
    systemd.timers.nix-optimise = lib.mkIf cfg.optimise.automatic {
      timerConfig = {
        RandomizedDelaySec = cfg.optimise.randomizedDelaySec;
        Persistent = cfg.optimise.persistent;
      };
    };

    nix.settings = {
      substituters = lib.mkAfter [ "https://cache.nixos.org/" ];
      trusted-public-keys = [ "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=" ];
      trusted-users = [ "root" ];
      system-features = lib.mkDefault [
        "nixos-test"
        "benchmark"
        "big-parallel"
        "kvm"
      ];
    };

    environment = {
      systemPackages = [
        cfg.package
        pkgs.nixos-rebuild-ng
      ];
      etc."nix/registry.json".text = builtins.toJSON {
        version = 2;
        flakes = lib.mapAttrsToList (_: entry: { inherit (entry) from to exact; }) cfg.registry;
      };
      etc."nix/nix.conf".text = ''
        # WARNING: this file is generated from the nix.* options in
        # your NixOS configuration, typically
        # /etc/nixos/configuration.nix.  Do not edit it!
        ${lib.concatMapAttrsStringSep "\n" (name: value: "${name} = ${show value}") (
          lib.filterAttrs (_: value: value != null) cfg.settings
        )}
        ${cfg.extraOptions}
      '';
    };
  };
}
