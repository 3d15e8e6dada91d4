# nixpkgs.* in a home whose packages are the system's (home-manager:
# modules/misc/nixpkgs-disabled.nix): set, they do nothing but warn; both are refused.
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.nixpkgs;
  set = lib.filter (name: cfg.${name} != null) [
    "config"
    "overlays"
  ];
  files = lib.showFiles (lib.unique (lib.concatMap (name: options.nixpkgs.${name}.files) set));
in
{
  config = {
    assertions = [
      {
        assertion = lib.length set < 2;
        message = ''
          `nixpkgs` options are disabled when `home-manager.useGlobalPkgs` is enabled.
          Definitions found in ${files}.
        '';
      }
    ];
    warnings = lib.optional (set != [ ]) ''
      You have set either `nixpkgs.config` or `nixpkgs.overlays` while using `home-manager.useGlobalPkgs`.
      This will soon not be possible. Please remove all `nixpkgs` options when using `home-manager.useGlobalPkgs`.
      Definitions found in ${files}.
    '';
  };
}
