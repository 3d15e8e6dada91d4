# Podman, what containers share, and containers as services
# (nixos/modules/virtualisation/{podman/default,containers,oci-containers}.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.virtualisation;
  inherit (cfg) podman;

  network = {
    dns_enabled = false;
    driver = "bridge";
    internal = false;
    name = "podman";
    network_interface = "podman0";
  }
  // podman.defaultNetwork.settings;

  dockerCompat = pkgs.derive "${podman.package.name}-docker-compat" {
    files."bin/docker".link = "${podman.package}/bin/podman";
  } { };

  toml = pkgs.formats.toml { };

  backend = cfg.oci-containers.backend;

  unitNameOf = name: "${backend}-${name}";

  flags = option: map (value: "${option}=${value}");

  # The command of one container.
  commandOf =
    name: container:
    [
      "${cfg.${backend}.package}/bin/${backend}"
      "run"
      "--name=${name}"
      "--log-driver=${container.log-driver}"
    ]
    ++ lib.optional container.autoRemoveOnStop "--rm"
    ++ lib.optional (container.entrypoint != null) "--entrypoint=${container.entrypoint}"
    ++ lib.optional (container.hostname != null) "--hostname=${container.hostname}"
    ++ flags "--env" (lib.mapAttrsToList (key: value: "${key}=${value}") container.environment)
    ++ flags "--env-file" container.environmentFiles
    ++ flags "--publish" container.ports
    ++ lib.optional (container.user != null) "--user=${container.user}"
    ++ flags "--volume" container.volumes
    ++ lib.optional (container.workdir != null) "--workdir=${container.workdir}"
    ++ flags "--device" container.devices
    ++ flags "--network" container.networks
    ++ [ "--pull=${container.pull}" ]
    ++ container.extraOptions
    ++ [ container.image ]
    ++ container.cmd;

  serviceOf =
    name: container:
    lib.nameValuePair container.serviceName {
      wantedBy = lib.optional container.autoStart "multi-user.target";
      wants = [ "network-online.target" ];
      after =
        lib.optional (backend == "docker") "docker.service"
        ++ lib.optional (backend == "podman") "network-online.target"
        ++ map (other: "${unitNameOf other}.service") container.dependsOn;
      requires = map (other: "${unitNameOf other}.service") container.dependsOn;
      serviceConfig = {
        ExecStart = lib.escapeShellArgs (commandOf name container);
        TimeoutStartSec = 0;
        TimeoutStopSec = 120;
        Restart = "always";
      };
    };
in
{
  options.virtualisation.oci-containers = {
    backend = lib.mkOption {
      default =
        if lib.versionAtLeast config.system.stateVersion "22.05" then "podman" else "docker";
    };
    containers = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule (
          { name, ... }:
          {
            options.serviceName = lib.mkOption { default = unitNameOf name; };
          }
        )
      );
    };
  };

  config = lib.mkMerge [
    (lib.mkIf podman.enable {
      environment.systemPackages = [
        podman.package
      ]
      ++ lib.optional podman.dockerCompat dockerCompat;

      environment.etc."containers/networks/podman.json" =
        lib.mkIf (podman.defaultNetwork.settings != { }) { text = builtins.toJSON network; };

      # Containers cannot reach the name server otherwise.
      networking.firewall.interfaces.${network.network_interface}.allowedUDPPorts =
        lib.mkIf network.dns_enabled [ 53 ];

      virtualisation.containers = {
        enable = true;
        containersConf.settings.network.network_backend = "netavark";
      };

      # The package brings these units with it.
      systemd.services.podman = {
        description = "Podman API Service";
        requires = [ "podman.socket" ];
        after = [ "podman.socket" ];
        serviceConfig = {
          ExecStart = "${podman.package}/bin/podman --log-level=info system service";
          Type = "exec";
          KillMode = "process";
          Delegate = true;
        };
      };
      systemd.sockets.podman = {
        description = "Podman API Socket";
        wantedBy = [ "sockets.target" ];
        listenStreams = [ "%t/podman/podman.sock" ];
        socketConfig = {
          SocketMode = "0660";
          SocketGroup = "podman";
        }
        // lib.optionalAttrs podman.dockerSocket.enable { Symlinks = [ "/run/docker.sock" ]; };
      };
      systemd.user.sockets.podman = {
        wantedBy = [ "sockets.target" ];
        listenStreams = [ "%t/podman/podman.sock" ];
      };

      systemd.services.podman-prune = {
        description = "Prune podman resources";
        restartIfChanged = false;
        unitConfig.X-StopOnRemoval = false;
        serviceConfig.Type = "oneshot";
        script = "${podman.package}/bin/podman system prune -f ${toString podman.autoPrune.flags}";
        startAt = lib.optional podman.autoPrune.enable podman.autoPrune.dates;
        after = [ "podman.service" ];
        requires = [ "podman.service" ];
      };
      systemd.timers.podman-prune = lib.mkIf podman.autoPrune.enable {
        timerConfig = {
          Persistent = true;
          RandomizedDelaySec = 1800;
        };
      };

      users.groups.podman = { };

      assertions = [
        {
          assertion = podman.dockerCompat -> !cfg.docker.enable;
          message = "Option dockerCompat conflicts with docker";
        }
        {
          assertion = podman.dockerSocket.enable -> !cfg.docker.enable;
          message = ''
            The options virtualisation.podman.dockerSocket.enable and virtualisation.docker.enable conflict, because only one can serve the socket.
          '';
        }
      ];
    })

    (lib.mkIf cfg.containers.enable {
      environment.etc = {
        "containers/containers.conf".source =
          toml.generate "containers.conf" cfg.containers.containersConf.settings;
        "containers/policy.json".text = builtins.toJSON cfg.containers.policy;
        "containers/storage.conf".source = toml.generate "storage.conf" cfg.containers.storage.settings;
        "containers/registries.conf".source = toml.generate "registries.conf" (
          if cfg.containers.registries.settings or { } != { } then
            cfg.containers.registries.settings
          else
            { registries.search.registries = cfg.containers.registries.search; }
        );
      };
    })

    (lib.mkIf (cfg.oci-containers.containers != { }) {
      virtualisation.podman.enable = lib.mkIf (backend == "podman") true;
      virtualisation.docker.enable = lib.mkIf (backend == "docker") true;
      systemd.services = lib.mapAttrs' serviceOf cfg.oci-containers.containers;

      assertions = lib.concatLists (
        lib.mapAttrsToList (name: container: [
          {
            assertion = container.imageFile == null || container.imageStream == null;
            message = "virtualisation.oci-containers.containers.${name}: You can only define one of imageFile and imageStream";
          }
        ]) cfg.oci-containers.containers
      );
    })
  ];
}
