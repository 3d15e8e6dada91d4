# Git for the user.
{ config, lib, ... }:
let
  cfg = config.programs.git;
  ini = import ../git-ini.nix { inherit lib; };

  # A list of settings is laid over each other as files would be.
  settings = if lib.isList cfg.settings then cfg.settings else [ cfg.settings ];
in
{
  config = lib.mkMerge [
    {
      # Systems of before 25.05 go on signing as they did.
      programs.git.signing = {
        format = lib.mkOptionDefault (
          if lib.versionAtLeast config.home.stateVersion "25.05" then null else "openpgp"
        );
        signer = lib.mkOptionDefault null;
      };
    }
    (lib.mkIf cfg.enable {
      home.packages = lib.optional (cfg.package != null) cfg.package;

      programs.git.iniContent = lib.mkMerge (
        settings
        ++ [
          (lib.mkIf (cfg.signing.key != null) { user.signingKey = lib.mkDefault cfg.signing.key; })
          (lib.mkIf (cfg.signing.signByDefault != null) {
            commit.gpgSign = lib.mkDefault cfg.signing.signByDefault;
            tag.gpgSign = lib.mkDefault cfg.signing.signByDefault;
          })
          (lib.mkIf (cfg.signing.format != null) { gpg.format = cfg.signing.format; })
        ]
      );

      xdg.configFile = {
        "git/config" = lib.mkIf (cfg.iniContent != { }) { text = ini.toText cfg.iniContent; };
        "git/ignore" = lib.mkIf (cfg.ignores != [ ]) { text = lib.concatLines cfg.ignores; };
        "git/attributes" = lib.mkIf (cfg.attributes != [ ]) { text = lib.concatLines cfg.attributes; };
      };
    })
    (lib.mkIf (cfg.enable && cfg.lfs.enable) {
      home.packages = lib.optional (cfg.lfs.package != null) cfg.lfs.package;
      programs.git.iniContent.filter.lfs = {
        clean = "git-lfs clean -- %f";
        process = "git-lfs filter-process";
        required = true;
        smudge = "git-lfs smudge -- %f";
      };
    })
  ];
}
