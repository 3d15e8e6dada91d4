nqd:
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (nqd) host priority want;
  allowed = host.packages.allow_unfree or [ ];

  # Values of host.toml: they win over adopted files. Soft, as these options are known to
  # the tables from memory only.
  fromHost =
    { lib, options, ... }:
    let
      wantHost = nqd.wantSoft options priority.host;

      # A name that host.toml leaves out stays that of an adopted file.
      describe =
        user:
        lib.optionalAttrs (user.full_name != "") (
          want priority.host [ "users" "users" user.name "description" ] user.full_name
        );
    in
    {
      config = lib.mkMerge (
        [
          (wantHost [ "networking" "hostName" ] host.host.name)
          (wantHost [ "time" "timeZone" ] host.host.timezone)
          (wantHost [ "i18n" "defaultLocale" ] host.host.locale)
          (wantHost [ "console" "keyMap" ] host.host.keymap)
          (wantHost [ "system" "stateVersion" ] host.host.state_version)
        ]
        ++ map describe nqd.users
      );
    };

  account =
    user:
    lib.mkMerge [
      (want priority.feature [ "users" "users" user.name "isNormalUser" ] true)
      { users.users.${user.name}.extraGroups = lib.optional user.admin "wheel"; }
    ];

  # What a `nixos-rebuild switch` without --flake would build is the configuration that was
  # here before nqd, which undoes everything. It finds this instead.
  workspace = "~/.config/nixos#${host.host.name}";
  stub = pkgs.writeText "nixos-config" ''
    throw ${lib.strings.escapeNixString ''
      this machine is built from a flake, and nothing was changed. Run `nqd apply`, or as
      ${host.user.name}, in place of ~/.config/nixos wherever the workspace was put:
        nixos-rebuild switch --sudo --flake ${workspace}''}
  '';
in
{
  imports = [ (lib.setDefaultModuleLocation nqd.hostFile fromHost) ];

  config = lib.mkMerge (
    map account nqd.users
    ++ [
      # The stub is found before anything else of that name. A definition takes the place of
      # nixpkgs' own default (modules/misc/nixpkgs-flake.nix), so that is said again.
      (nqd.set options [ "nix" "nixPath" ] (
        lib.mkMerge [
          (lib.mkBefore [ "nixos-config=${stub}" ])
          (lib.mkAfter (
            [ "nixpkgs=flake:nixpkgs" ]
            ++ lib.optional (
              config.nix.channel.enable or false
            ) "/nix/var/nix/profiles/per-user/root/channels"
          ))
        ]
      ))

      # Names, not a blanket yes. An adopted `allowUnfree = true` is wider and wins. An adopted
      # predicate takes the place of this one, as `nixpkgs.config` is not merged; releases that
      # know the list add it to the predicate (pkgs/top-level/config.nix). Where nothing is
      # allowed nothing is said: a machine that sets `nixpkgs.pkgs` may have no such config.
      (lib.mkIf (allowed != [ ]) {
        nixpkgs.config = {
          allowUnfreePackages = allowed;
          allowUnfreePredicate = package: builtins.elem (lib.getName package) allowed;
        };
      })
      # Not `experimental-features`: where an adopted file has that as a text, a list beside it
      # is refused.
      (nqd.set options [ "nix" "settings" ] {
        extra-experimental-features = [
          "nix-command"
          "flakes"
        ];
      })
      {
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
    ]
  );
}
