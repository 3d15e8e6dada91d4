# The release of Home Manager: that of the nixpkgs it is used with, as a stand-in has no other.
{ lib, ... }:
{
  home.version = {
    inherit (lib.trivial) release;
    full = lib.trivial.release;
    isReleaseBranch = true;
    revision = null;
  };
}
