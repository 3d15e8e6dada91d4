# `lib.nixosSystem`: the stand-in's NixOS from a list of modules.
{ lib }:
{
  modules,
  specialArgs ? { },
  system ? null,
}:
let
  evaluated = lib.evalModules {
    class = "nixos";
    specialArgs = {
      modulesPath = toString ./.;
    }
    // specialArgs;
    modules =
      modules
      ++ [
        (lib.table.module ../options.json)
        ./assertions.nix
        ./environment.nix
        ./etc.nix
        ./file-systems.nix
        ./firewall.nix
        ./grub.nix
        ./locale.nix
        ./networking.nix
        ./nix.nix
        ./nixpkgs.nix
        ./ollama.nix
        ./openssh.nix
        ./postgresql.nix
        ./programs.nix
        ./strict.nix
        ./systemd-boot.nix
        ./systemd.nix
        ./toplevel.nix
        ./users.nix
        ./version.nix
      ]
      ++ lib.optional (system != null) {
        _file = "nixosSystem";
        nixpkgs.hostPlatform = lib.mkDefault system;
      };
  };
in
evaluated
// {
  inherit lib;
  inherit (evaluated._module.args) pkgs;
}
