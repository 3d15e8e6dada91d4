{
  description = "NixOS machines of this workspace, deployed by nqd";

  # Yours: nqd writes this file once. `nixlib` is nqd's module library, and the hosts are the
  # folders below ./hosts. Without nqd:
  #
  #   nixos-rebuild switch --sudo --flake .#NAME
  inputs = {
    nixpkgs.url = "https://channels.nixos.org/nixos-26.05/nixexprs.tar.xz";
    home-manager.url = "git+https://github.com/nix-community/home-manager?ref=release-26.05&shallow=1";
    home-manager.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = inputs: (import ./nixlib { inherit inputs; }).mkFlake ./hosts;
}
