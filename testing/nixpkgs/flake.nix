{
  description = "Stand-in for nixpkgs: the part that nqd needs, evaluated and built for real";

  outputs =
    _:
    let
      lib = import ./lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      lib = lib // {
        nixosSystem = import ./nixos { inherit lib; };
      };
      legacyPackages = lib.genAttrs systems (system: import ./pkgs { inherit lib system; });
    };
}
