# One NixOS system from a host directory of the workspace.
{ inputs, lib }:
let
  catalog = import ./lib/catalog.nix { inherit lib; };
  soft = import ./lib/soft.nix { inherit lib; };
  types = import ./lib/types.nix { inherit lib; };
  ladder = import ./lib/want.nix { inherit lib; };
in
# DIRECTORY holds host.toml and, where the user has them, local.nix, home.nix and imported/.
directory:
let
  hostFile = directory + "/host.toml";
  host = builtins.fromTOML (builtins.readFile hostFile);

  nqd = soft // {
    inherit host hostFile;
    inherit (ladder) priority;

    # The part of the arguments that differs from feature to feature.
    forFeature = id: {
      want = ladder.want id;

      # The priority of option NAME: the user's where host.toml sets it, else the feature's.
      from =
        name:
        if host ? features.${id}.${name} then ladder.priority.host else ladder.priority.feature;
    };
  };

  optionally = file: lib.optional (builtins.pathExists file) file;

  imported =
    let
      folder = directory + "/imported";
      isModule = name: _: lib.hasSuffix ".nix" name;
    in
    map (name: folder + "/${name}") (
      lib.optionals (builtins.pathExists folder) (
        builtins.attrNames (lib.filterAttrs isModule (builtins.readDir folder))
      )
    );

  features = import ./modules/features.nix {
    inherit
      catalog
      host
      hostFile
      types
      ;
    inherit (ladder) priority;
  };

  home =
    { config, ... }:
    {
      home-manager = {
        useGlobalPkgs = true;
        useUserPackages = true;
        users.${host.user.name}.imports = [
          ./modules/wants.nix
          { home.stateVersion = lib.mkOverride ladder.priority.host host.host.state_version; }
        ]
        ++ builtins.concatMap (catalog.modules "home" nqd) (
          builtins.filter (catalog.isOn config) (builtins.attrNames catalog.features)
        )
        ++ optionally (directory + "/home.nix");
      };
    };

  system = inputs.nixpkgs.lib.nixosSystem {
    modules = [
      ./modules/wants.nix
      features
      inputs.home-manager.nixosModules.home-manager
      home
      (lib.setDefaultModuleLocation hostFile {
        nixpkgs.hostPlatform = lib.mkOverride ladder.priority.host host.host.system;
      })
    ]
    ++ builtins.concatMap (catalog.modules "nixos" nqd) (builtins.attrNames catalog.features)
    ++ imported
    ++ optionally (directory + "/local.nix");
  };
in
{
  inherit system;
  nqd = import ./manifest.nix {
    inherit
      catalog
      directory
      host
      lib
      system
      types
      ;
  };
}
