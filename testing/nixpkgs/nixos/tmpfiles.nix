# Files that systemd-tmpfiles makes (nixos/modules/system/boot/systemd/tmpfiles.nix).
{ config, lib, ... }:
let
  cfg = config.systemd.tmpfiles;

  linesOf =
    paths:
    lib.concatLines (
      lib.concatLists (
        lib.mapAttrsToList (
          path:
          lib.mapAttrsToList (
            kind: rule:
            "'${kind}' '${path}' '${rule.mode}' '${rule.user}' '${rule.group}' '${rule.age}' "
            + rule.argument
          )
        ) paths
      )
    );
in
{
  config.environment.etc = {
    "tmpfiles.d/00-nixos.conf".text = ''
      # This file is created automatically and should not be modified.
      # Please change the option ‘systemd.tmpfiles.rules’ instead.

      ${lib.concatStringsSep "\n" cfg.rules}
    '';
  }
  // lib.mapAttrs' (
    name: paths: lib.nameValuePair "tmpfiles.d/${name}.conf" { text = linesOf paths; }
  ) cfg.settings
  // lib.optionalAttrs (config.systemd.user.tmpfiles.rules != [ ]) {
    "user-tmpfiles.d/00-nixos.conf".text = lib.concatLines config.systemd.user.tmpfiles.rules;
  };
}
