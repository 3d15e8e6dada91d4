nqd:
{ config, lib, ... }:
let
  inherit (nqd) host want;
  user = host.user.name;
  fullName = host.user.full_name or "";
  allowed = host.packages.allow_unfree or [ ];

  # Values of host.toml: they win over adopted files. Soft, as these options are known to
  # the tables from memory only.
  fromHost =
    { lib, options, ... }:
    let
      wantHost =
        path: value: lib.optionalAttrs (nqd.has options path) (want nqd.priority.host path value);
    in
    {
      config = lib.mkMerge [
        (wantHost [ "networking" "hostName" ] host.host.name)
        (wantHost [ "time" "timeZone" ] host.host.timezone)
        (wantHost [ "i18n" "defaultLocale" ] host.host.locale)
        (wantHost [ "console" "keyMap" ] host.host.keymap)
        (wantHost [ "system" "stateVersion" ] host.host.state_version)
        # A name that host.toml leaves out stays that of an adopted file.
        (lib.optionalAttrs (fullName != "") (
          want nqd.priority.host [ "users" "users" user "description" ] fullName
        ))
      ];
    };
in
{
  imports = [ (lib.setDefaultModuleLocation nqd.hostFile fromHost) ];

  config = lib.mkMerge [
    (want nqd.priority.feature [ "users" "users" user "isNormalUser" ] true)
    {
      users.users.${user}.extraGroups = [ "wheel" ];

      nix.settings.experimental-features = [
        "nix-command"
        "flakes"
      ];

      # Names, not a blanket yes. An adopted `allowUnfree = true` is wider and wins.
      nixpkgs.config.allowUnfreePredicate = package: builtins.elem (lib.getName package) allowed;

      # What downloads models or images hangs on this target. nqd starts it after a
      # deployment was committed; a switch would start it again as soon as it is active, and
      # with it all that it wants, so the next system's downloads would run while it is tried.
      systemd.targets.nqd-late = {
        description = "Downloads that must not hold up a deployment";
        unitConfig.X-OnlyManualStart = true;
      };

      # At boot nobody else does. Switching starts what multi-user.target wants as well, so
      # while nqd tries a system it has a folder that says so.
      systemd.services.nqd-late = {
        description = "Start of downloads at boot";
        wantedBy = [ "multi-user.target" ];
        unitConfig.ConditionPathExists = "!/run/nqd/trying";
        serviceConfig = {
          Type = "oneshot";
          RemainAfterExit = true;
          ExecStart = "${config.systemd.package}/bin/systemctl start --no-block nqd-late.target";
        };
      };
    }
  ];
}
