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
  check = import ./licence.nix { inherit lib config system; };

  # A package as nixpkgs gives it out: checked, and open to change.
  package =
    args:
    check (builders.package args)
    // {
      overrideAttrs =
        change:
        let
          first = change args;
        in
        package (args // (if lib.isFunction first then change args args else first));
    };

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
    // import ./packages.nix { inherit final lib package; }
    // import ./sets.nix { inherit final lib package; }
    // import ./kernels.nix { inherit config lib package; }
    // import ./aliases.nix { inherit config final lib; };
in
lib.fix (lib.foldl' (set: overlay: lib.extends overlay set) base overlays)
