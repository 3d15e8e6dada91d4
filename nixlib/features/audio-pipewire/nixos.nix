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
  cfg = config.nqd.features.audio-pipewire;
  soft = nqd.wantSoft options;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (soft (from "enable") [ "services" "pipewire" "enable" ] true)
      (soft priority.feature [ "services" "pipewire" "alsa" "enable" ] true)
      (soft priority.feature [
        "services"
        "pipewire"
        "alsa"
        "support32Bit"
      ] pkgs.stdenv.hostPlatform.isx86_64)
      (soft priority.feature [ "services" "pipewire" "pulse" "enable" ] true)
      (soft (from "jack") [ "services" "pipewire" "jack" "enable" ] cfg.jack)

      # One of the two can have the sound cards; nixpkgs refuses both.
      (want (from "enable") [ "services" "pulseaudio" "enable" ] false)

      {
        assertions = [
          {
            assertion = !config.services.pulseaudio.enable;
            message = ''
              nqd.features.audio-pipewire.enable is true, but a file says that
              services.pulseaudio.enable is true too. Take that line out, or switch audio-pipewire
              off.
            '';
          }
        ];
      }

      # Without it, sound stutters while the machine builds.
      (want priority.feature [ "security" "rtkit" "enable" ] true)
    ]
  );
}
