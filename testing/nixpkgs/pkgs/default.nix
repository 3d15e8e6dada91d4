# The package set: real derivations, built by the stand-in's own program in Nix's sandbox,
# but tiny ones. `nix build` of them proves paths, closures and profiles, not software.
{
  lib,
  system,
  config ? { },
  overlays ? [ ],
}:
let
  builders = import ./builders.nix { inherit lib system; };
  check = import ./licence.nix { inherit lib config; };

  base =
    final:
    builders
    // {
      _type = "pkgs";
      inherit config lib system;
      stdenv.hostPlatform = lib.systems.elaborate system;
      pkgs = final;
      formats = import ./formats.nix {
        inherit lib;
        pkgs = final;
      };
      callPackage = lib.callPackageWith final;
    }
    // import ./packages.nix {
      inherit lib;
      package = attrs: check (builders.package attrs);
    }
    // import ./aliases.nix { inherit config final; };
in
lib.fix (lib.foldl' (set: overlay: lib.extends overlay set) base overlays)
