# The system of an adopted-to-be /etc/nixos, without a flake: what nixos-install builds
# from a channel, with NIXPKGS (a flake URL) in its place.
{ nixpkgs, configuration }:
let
  inherit (builtins.getFlake nixpkgs) lib;
  machine = lib.nixosSystem { modules = [ configuration ]; };
in
machine.config.system.build.toplevel
