# gh: its settings, and git's credentials from it (home-manager: modules/programs/gh.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.gh;
  yaml = pkgs.formats.yaml { };
in
{
  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];

    xdg.configFile = {
      "gh/config.yml".source = yaml.generate "gh-config.yml" ({ version = "1"; } // cfg.settings);
      "gh/hosts.yml" = lib.mkIf (cfg.hosts != { }) {
        source = yaml.generate "gh-hosts.yml" cfg.hosts;
      };
    };

    home.activation.migrateGhAccounts =
      lib.hm.dag.entryBetween [ "linkGeneration" ] [ "writeBoundary" ]
        "";

    programs.git.settings.credential = lib.mkIf cfg.gitCredentialHelper.enable (
      lib.genAttrs cfg.gitCredentialHelper.hosts (_: {
        helper = [
          ""
          "${cfg.package}/bin/gh auth git-credential"
        ];
      })
    );
  };
}
