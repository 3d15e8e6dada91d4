# Where `want` writes down what features wanted to set. The manifest compares it with what
# became of it. Both NixOS and Home Manager modules have it.
{ lib, ... }:
{
  options.nqd.wants = lib.mkOption {
    type = lib.types.listOf lib.types.raw;
    default = [ ];
    internal = true;
    description = "What features wanted to set: { feature, path, value }.";
  };
}
