# delta: without enableGitIntegration it is installed, and git does not know of it
# (home-manager: modules/programs/delta.nix).
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.programs.delta;
  command = lib.getExe cfg.package;

  # Set by the old name, integration comes by itself, with a warning.
  automatic = 1490;
  old = lib.attrByPath [ "programs" "git" "delta" "enable" ] null options;
in
{
  config = lib.mkMerge [
    (lib.mkIf cfg.enable {
      home.packages = [ cfg.package ];
      programs.delta.enableGitIntegration = lib.mkIf (old != null && old.isDefined) (
        lib.mkOverride automatic true
      );
      warnings =
        lib.optional
          (
            cfg.enableGitIntegration
            && options.programs.delta.enableGitIntegration.highestPrio == automatic
          )
          "`programs.delta.enableGitIntegration` automatic enablement is deprecated. Please explicitly set `programs.delta.enableGitIntegration = true`.";
    })
    (lib.mkIf (cfg.enable && cfg.enableGitIntegration) {
      programs.git.iniContent = {
        pager = lib.genAttrs [ "blame" "diff" "log" "show" ] (_: command);
        interactive.diffFilter = "${command} --color-only";
        delta = cfg.options;
      };
    })
  ];
}
