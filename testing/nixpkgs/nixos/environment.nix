# Packages and variables for all users.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.environment;

  assignment =
    name: value:
    ''export ${name}="${
      if lib.isList value then lib.concatMapStringsSep ":" toString value else toString value
    }"'';

  variables = lib.filterAttrs (_: value: value != null) (cfg.sessionVariables // cfg.variables);
in
{
  options.environment = {
    corePackages = lib.mkOption {
      default = [
        pkgs.bashInteractive
        pkgs.coreutils
        pkgs.shadow
        pkgs.systemd
      ];
    };
    defaultPackages = lib.mkOption { default = [ ]; };
  };

  config = {
    environment = {
      systemPackages = cfg.corePackages ++ cfg.defaultPackages;

      shells = [ pkgs.bashInteractive ];
      shellAliases = lib.mapAttrs (_: lib.mkDefault) {
        ls = "ls --color=tty";
        ll = "ls -l";
        l = "ls -alh";
      };

      etc = {
        "set-environment".text = lib.concatLines (lib.mapAttrsToList assignment variables);
        shells.text = lib.concatLines (
          map (
            shell: if shell ? shellPath then "${shell}${shell.shellPath}" else toString shell
          ) cfg.shells
        );
      };
    };

    system.build.path = pkgs.buildEnv {
      name = "system-path";
      paths = cfg.systemPackages;
      ignoreCollisions = true;
    };
  };
}
