# nixpkgs' own defaults, assertions and conflicts that a configuration runs into: what the
# behaviour modules beside this folder do not have already. Each names the module that it was
# read in (nixos/modules/…), or the page of facts that tells of it.
{
  imports = [
    ./agents.nix
    ./boot.nix
    ./defaults.nix
    ./graphics.nix
    ./memory.nix
    ./sessions.nix
    ./system.nix
  ];
}
