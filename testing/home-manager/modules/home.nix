# The home as a whole: its packages, variables and the generation that is activated.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.home;

  export = name: value: ''export ${name}="${toString value}"'';

  variables = lib.filterAttrs (_: value: value != null) cfg.sessionVariables;
in
{
  config = {
    assertions = [
      {
        assertion = cfg.username != "";
        message = "Username could not be determined";
      }
      {
        assertion = cfg.homeDirectory != "";
        message = "Home directory could not be determined";
      }
    ];

    home = {
      profileDirectory = "/etc/profiles/per-user/${cfg.username}";

      # Written only where there is something to say.
      file = lib.mkIf (variables != { }) {
        ".profile".text = lib.mkDefault (lib.concatLines (lib.mapAttrsToList export variables));
      };

      path = pkgs.buildEnv {
        name = "home-manager-path";
        paths = cfg.packages;
      };

      activationPackage = pkgs.derive "home-manager-generation" {
        files = {
          activate = {
            program = true;
          };
          home-files.link = "${cfg.homeFiles}";
          home-path.link = "${cfg.path}";
          gen-version.text = "1\n";
        };
      } { };
    };
  };
}
