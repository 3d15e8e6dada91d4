# `lib.nixosSystem`: the stand-in's NixOS from a list of modules.
{ lib }:
{
  modules,
  specialArgs ? { },
  system ? null,
}:
let
  # OWN modules with all of the stand-in's.
  evaluate =
    own:
    lib.evalModules {
      class = "nixos";
      specialArgs = {
        modulesPath = toString ./.;
      }
      // specialArgs;
      modules =
        own
        ++ [
          (lib.table.module ../options.json)
          ./containers.nix
          ./dbus.nix
          ./desktop.nix
          ./environment.nix
          ./etc.nix
          ./file-systems.nix
          ./firewall.nix
          ./flatpak.nix
          ./fonts.nix
          ./gnome.nix
          ./grafana.nix
          ./grub.nix
          ./kernel.nix
          ./locale.nix
          ./maintenance.nix
          ./networking.nix
          ./nginx.nix
          ./nix.nix
          ./nixpkgs.nix
          ./ollama.nix
          ./open-webui.nix
          ./openssh.nix
          ./pipewire.nix
          ./postgresql.nix
          ./programs.nix
          ./prometheus.nix
          ./qdrant.nix
          ./redis.nix
          ./security.nix
          ./specialisation.nix
          ./strict.nix
          ./systemd-boot.nix
          ./systemd.nix
          ./tmpfiles.nix
          ./toplevel.nix
          ./traps
          ./users.nix
          ./version.nix
          { _module.args.noUserModules = evaluate [ ]; }
        ]
        ++ lib.optional (system != null) {
          _file = "nixosSystem";
          nixpkgs.hostPlatform = lib.mkDefault system;
        };
    };
  evaluated = evaluate modules;
in
evaluated
// {
  inherit lib;
  inherit (evaluated._module.args) pkgs;
}
