# Who may do what: sudo, polkit, RealtimeKit (nixos/modules/security/{sudo,polkit,rtkit}.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.security) polkit rtkit sudo;

  wheel = if sudo.wheelNeedsPassword then "SETENV: ALL" else "NOPASSWD:SETENV: ALL";

  # A service that the bus starts once somebody asks it.
  daemon = description: package: program: {
    inherit description;
    serviceConfig = {
      Type = "dbus";
      ExecStart = "${package}/bin/${program}";
    };
  };
in
{
  config = lib.mkMerge [
    (lib.mkIf sudo.enable {
      environment.systemPackages = [ pkgs.sudo ];
      environment.etc.sudoers = {
        mode = "0440";
        text = ''
          # Don't edit this file. Set the NixOS options ‘security.sudo.configFile’
          # or ‘security.sudo.extraRules’ instead.
          root ALL=(ALL:ALL) SETENV: ALL
          %wheel ALL=(ALL:ALL) ${wheel}
          ${sudo.extraConfig}
        '';
      };
    })
    {
      security.sudo.enable = lib.mkIf config.security.sudo-rs.enable (lib.mkDefault false);
    }

    (lib.mkIf polkit.enable {
      environment.systemPackages = [ polkit.package ];
      systemd.services.polkit = daemon "Authorization Manager" polkit.package "polkitd";
      users.groups.polkituser.gid = 28;
      users.users.polkituser = {
        description = "PolKit daemon";
        uid = 28;
        group = "polkituser";
      };
      environment.etc."polkit-1/rules.d/10-nixos.rules".text = ''
        polkit.addAdminRule(function(action, subject) {
          return [${lib.concatMapStringsSep ", " (id: "\"${id}\"") polkit.adminIdentities}];
        });

        ${polkit.extraConfig}
      '';
    })

    (lib.mkIf rtkit.enable {
      security.polkit.enable = true;
      systemd.services.rtkit-daemon =
        daemon "RealtimeKit Scheduling Policy Service" pkgs.rtkit
          "rtkit-daemon";
      users.groups.rtkit = { };
      users.users.rtkit = {
        isSystemUser = true;
        group = "rtkit";
        description = "RealtimeKit daemon";
      };
    })
  ];
}
