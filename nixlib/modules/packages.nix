# The programs that features name in their feature.toml, for all users of the machine.
{ catalog, install }:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  withPackages = lib.filterAttrs (_: feature: feature.packages != [ ]) catalog.features;

  programsOf =
    id: feature:
    lib.mkIf (catalog.isOn config id) (
      install id pkgs [
        "environment"
        "systemPackages"
      ] feature.packages
    );
in
{
  config = lib.mkMerge (lib.mapAttrsToList programsOf withPackages);
}
