# PipeWire and its session manager
# (nixos/modules/services/desktops/pipewire/{pipewire,wireplumber}.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.pipewire;
  with32Bit = cfg.alsa.support32Bit && pkgs.stdenv.hostPlatform.isx86_64;

  drops =
    folder: files:
    lib.mapAttrs' (
      name: value:
      lib.nameValuePair "pipewire/${folder}.conf.d/${name}.conf" { text = builtins.toJSON value; }
    ) files;

  # The packages bring these units with them; NixOS switches them on.
  server = description: program: wanted: {
    enable = wanted;
    inherit description;
    wantedBy = [ "default.target" ];
    serviceConfig = {
      ExecStart = "${cfg.package}/bin/${program}";
      Restart = "on-failure";
    };
  };
  socket = name: wanted: {
    enable = wanted;
    wantedBy = lib.optional cfg.socketActivation "sockets.target";
    listenStreams = [ "%t/${name}" ];
  };
in
{
  options.services.pipewire = {
    audio.enable = lib.mkOption {
      default = cfg.alsa.enable || cfg.jack.enable || cfg.pulse.enable;
    };
    wireplumber.enable = lib.mkOption { default = cfg.enable; };
  };

  config = lib.mkMerge [
    (lib.mkIf cfg.enable {
      assertions = [
        {
          assertion = cfg.audio.enable -> !config.services.pulseaudio.enable;
          message = "Using PipeWire as the sound server conflicts with PulseAudio. This option requires `services.pulseaudio.enable` to be set to false";
        }
        {
          assertion = (cfg.alsa.enable || cfg.pulse.enable) -> cfg.audio.enable;
          message = "Using PipeWire's ALSA/PulseAudio compatibility layers requires running PipeWire as the sound server. Either set `services.pipewire.audio.enable` to true to enable audio support, or set both `services.pipewire.pulse.enable` and `services.pipewire.alsa.enable` to false to use pipewire exclusively for the compositor.";
        }
      ];

      environment.systemPackages = [ cfg.package ];
      systemd.packages = [ cfg.package ];

      systemd.user.services = {
        pipewire = server "PipeWire Multimedia Service" "pipewire" (!cfg.systemWide) // {
          bindsTo = [ "dbus.service" ];
        };
        pipewire-pulse = server "PipeWire PulseAudio" "pipewire-pulse" (
          cfg.pulse.enable && !cfg.systemWide
        );
      };
      systemd.user.sockets = {
        pipewire = socket "pipewire-0" (!cfg.systemWide);
        pipewire-pulse = socket "pulse/native" (cfg.pulse.enable && !cfg.systemWide);
      };

      environment.etc =
        drops "pipewire" cfg.extraConfig.pipewire
        // drops "client" cfg.extraConfig.client
        // drops "pipewire-pulse" cfg.extraConfig.pipewire-pulse
        // lib.optionalAttrs cfg.alsa.enable {
          "alsa/conf.d/49-pipewire-modules.conf".text =
            "pcm_type.pipewire {\n"
            + "  libs.native = ${cfg.package}/lib/alsa-lib/libasound_module_pcm_pipewire.so ;\n"
            + lib.optionalString with32Bit "  libs.32Bit = ${pkgs.pkgsi686Linux.pipewire}/lib/alsa-lib/libasound_module_pcm_pipewire.so ;\n"
            + "}\n";
        };

      networking.firewall.allowedUDPPorts = lib.mkIf cfg.raopOpenFirewall [
        6001
        6002
      ];
    })

    (lib.mkIf (cfg.enable && cfg.wireplumber.enable) {
      environment.systemPackages = [ pkgs.wireplumber ];
      systemd.user.services.wireplumber = {
        description = "Multimedia Service Session Manager";
        wantedBy = [ "pipewire.service" ];
        after = [ "dbus.service" ];
        bindsTo = [ "pipewire.service" ];
        serviceConfig.ExecStart = "${pkgs.wireplumber}/bin/wireplumber";
      };
      environment.etc = lib.mapAttrs' (
        name: value:
        lib.nameValuePair "wireplumber/wireplumber.conf.d/${name}.conf" {
          text = builtins.toJSON value;
        }
      ) cfg.wireplumber.extraConfig;
    })
  ];
}
