# The package set of a system.
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.nixpkgs;

  # Definitions of several files are laid over each other; that two of them contradict is
  # no error in nixpkgs either.
  configType = lib.types.mkOptionType {
    name = "nixpkgs-config";
    description = "nixpkgs config";
    check = value: lib.isAttrs value || lib.isFunction value;
    merge = _loc: defs: lib.foldl' (all: def: lib.recursiveUpdate all def.value) { } defs;
  };
in
{
  options.nixpkgs = {
    config = lib.mkOption {
      type = configType;
      default = { };
      description = "The configuration of the package set.";
    };
    hostPlatform = lib.mkOption { apply = lib.systems.elaborate; };
  };

  config._module.args.pkgs =
    if options.nixpkgs.pkgs.isDefined then
      cfg.pkgs
    else
      import ../pkgs {
        inherit lib;
        inherit (cfg) config overlays;
        inherit (cfg.hostPlatform) system;
      };
}
