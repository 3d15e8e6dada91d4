# What a generated hardware-configuration.nix imports.
{ lib, ... }:
{
  hardware.enableRedistributableFirmware = lib.mkDefault true;
}
