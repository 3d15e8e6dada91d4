nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) priority users want;
  cfg = config.nqd.features.users;

  isOn = path: nqd.has options path && lib.getAttrFromPath path config;

  # Not here, as each is more than it looks like:
  #   podman, docker  their socket starts containers that are root on this machine
  #   input           reads every key that anybody presses
  #   audio           hears the microphone from outside of the session; who sits at the machine
  #                   may use it without
  groupsOf =
    user:
    lib.optional (user.admin && isOn [ "networking" "networkmanager" "enable" ]) "networkmanager"
    # Backlight and cameras, also for what runs outside of the session at the screen.
    ++ lib.optional (isOn [ "hardware" "graphics" "enable" ]) "video";
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      {
        users.users = lib.listToAttrs (
          map (user: lib.nameValuePair user.name { extraGroups = groupsOf user; }) users
        );
      }
      # Which shell an account has is up to the features of shells.
      (want priority.feature [ "security" "sudo" "wheelNeedsPassword" ] true)
    ]
  );
}
