# Git for the user (home-manager: modules/programs/git.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.git;
  ini = import ../../git-ini.nix { inherit lib; };

  # A list of settings is written one after the other, so that a section may come twice.
  fragments = lib.filter (fragment: fragment != { }) (
    if lib.isList cfg.settings then cfg.settings else [ ]
  );
  texts = lib.filter (text: text != "") (map ini.toText ([ cfg.iniContent ] ++ fragments));

  include =
    file:
    if file.condition == null then
      { include.path = "${file.path}"; }
    else
      { includeIf.${file.condition}.path = "${file.path}"; };

  # What shows differences can be one program only.
  pagers = {
    "programs.delta.enableGitIntegration" = config.programs.delta.enableGitIntegration or false;
    "programs.difftastic.git.enable" = config.programs.difftastic.git.enable or false;
    "programs.diff-so-fancy.enableGitIntegration" =
      config.programs.diff-so-fancy.enableGitIntegration or false;
    "programs.diff-highlight.enableGitIntegration" =
      config.programs.diff-highlight.enableGitIntegration or false;
  };
  enabled = lib.attrNames (
    lib.filterAttrs (
      name: on: on && config.programs.${lib.elemAt (lib.splitString "." name) 1}.enable
    ) pagers
  );

  lfs = if cfg.lfs.package == null then "git-lfs" else lib.getExe cfg.lfs.package;
  skip = lib.optionalString cfg.lfs.skipSmudge "--skip ";

  signers = {
    openpgp = lib.getExe pkgs.gnupg;
    ssh = lib.getExe' pkgs.openssh "ssh-keygen";
    x509 = lib.getExe' pkgs.gnupg "gpgsm";
  };
in
{
  config = lib.mkMerge [
    {
      # Systems of before 25.05 go on signing as they did.
      programs.git.signing = {
        format = lib.mkOptionDefault (
          if lib.versionAtLeast config.home.stateVersion "25.05" then null else "openpgp"
        );
        signer = lib.mkOptionDefault (
          if cfg.signing.format == null then null else signers.${cfg.signing.format}
        );
      };
      # What others write for git counts only with git.
      programs.git.iniContent = { };
    }

    (lib.mkIf cfg.enable {
      home.packages = lib.optional (cfg.package != null) cfg.package;

      assertions = [
        {
          assertion = lib.length enabled <= 1;
          message = ''
            Only one of the following options can be enabled at a time.
              - ${lib.concatMapStringsSep "\n  - " (name: "`${name}'") enabled}
          '';
        }
      ];

      programs.git.iniContent = lib.mkMerge [
        (lib.mkIf (!lib.isList cfg.settings) cfg.settings)
        (lib.mkIf (cfg.signing.key != null) { user.signingKey = lib.mkDefault cfg.signing.key; })
        (lib.mkIf (cfg.signing.signByDefault != null) {
          commit.gpgSign = lib.mkDefault cfg.signing.signByDefault;
          tag.gpgSign = lib.mkDefault cfg.signing.signByDefault;
        })
        (lib.mkIf (cfg.signing.format != null) {
          gpg = {
            format = lib.mkDefault cfg.signing.format;
            ${toString cfg.signing.format}.program = lib.mkDefault cfg.signing.signer;
          };
        })
        (lib.mkIf (cfg.hooks != { }) {
          core.hooksPath = toString (pkgs.linkFarm "git-hooks" cfg.hooks);
        })
        (lib.mkIf cfg.maintenance.enable {
          maintenance.repo = cfg.maintenance.repositories;
        })
        (lib.mkIf cfg.lfs.enable {
          filter.lfs = {
            clean = "${lfs} clean -- %f";
            process = "${lfs} filter-process${lib.optionalString cfg.lfs.skipSmudge " --skip"}";
            required = true;
            smudge = "${lfs} smudge ${skip}-- %f";
          };
        })
      ];

      # Written even where there is nothing to say, as git then does not read ~/.gitconfig alone.
      xdg.configFile = {
        "git/config".text = lib.mkMerge [
          (lib.concatStringsSep "\n" texts)
          (lib.mkIf (cfg.includes != [ ]) (
            lib.mkAfter (
              lib.concatMapStringsSep "\n" (file: ini.toText (include file)) cfg.includes
            )
          ))
        ];
        "git/ignore" = lib.mkIf (cfg.ignores != [ ]) { text = lib.concatLines cfg.ignores; };
        "git/attributes" = lib.mkIf (cfg.attributes != [ ]) {
          text = lib.concatLines cfg.attributes;
        };
      };
    })

    (lib.mkIf (cfg.enable && cfg.lfs.enable) {
      home.packages = lib.optional (cfg.lfs.package != null) cfg.lfs.package;
    })
  ];
}
