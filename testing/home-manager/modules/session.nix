# Variables and aliases of the session (home-manager: modules/home-environment.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.home;
  inherit (lib.hm) shell;

  search =
    name: values: shell.export name (shell.prependToVar ":" name values);

  language = lib.filterAttrs (_: value: value != null) {
    LANG = cfg.language.base;
    LC_CTYPE = cfg.language.ctype;
    LC_NUMERIC = cfg.language.numeric;
    LC_TIME = cfg.language.time;
    LC_COLLATE = cfg.language.collate;
    LC_MONETARY = cfg.language.monetary;
    LC_MESSAGES = cfg.language.messages;
    LC_PAPER = cfg.language.paper;
    LC_NAME = cfg.language.name;
    LC_ADDRESS = cfg.language.address;
    LC_TELEPHONE = cfg.language.telephone;
    LC_MEASUREMENT = cfg.language.measurement;
  };
in
{
  config = {
    home = {
      sessionVariables = language;
      sessionSearchVariables = lib.mkIf (cfg.sessionPath != [ ]) { PATH = cfg.sessionPath; };

      # Read by the shells that Home Manager configures, not by login itself: without one of
      # them the variables are set nowhere.
      sessionVariablesPackage = pkgs.writeTextFile {
        name = "hm-session-vars.sh";
        destination = "/etc/profile.d/hm-session-vars.sh";
        text = lib.concatLines (
          [
            "# Only source this once."
            ''if [ -n "''${__HM_SESS_VARS_SOURCED-}" ]; then return; fi''
            "export __HM_SESS_VARS_SOURCED=1"
            ""
            (shell.exportAll cfg.sessionVariables)
          ]
          ++ lib.mapAttrsToList search cfg.sessionSearchVariables
          ++ [ cfg.sessionVariablesExtra ]
        );
      };
      packages = [ cfg.sessionVariablesPackage ];
    };

    # At plain priority: an alias that differs between here and a shell's own is a conflict.
    programs =
      lib.genAttrs
        [
          "bash"
          "fish"
          "zsh"
        ]
        (_: {
          inherit (cfg) shellAliases;
        });
  };
}
