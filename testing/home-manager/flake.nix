{
  description = "Stand-in for Home Manager as a NixOS module";

  inputs.nixpkgs.url = "path:../nixpkgs";

  outputs = _: {
    nixosModules = rec {
      home-manager = ./nixos.nix;
      default = home-manager;
    };
  };
}
