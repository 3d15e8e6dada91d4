# A module in a file: two imports of it are one.
{ lib, ... }:
{
  options.list = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    default = [ ];
  };
  config.list = [ "counted" ];
}
