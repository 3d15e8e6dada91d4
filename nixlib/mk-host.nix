# One NixOS system from a host directory of the workspace.
{ inputs, lib }:
let
  soft = import ./lib/soft.nix { inherit lib; };
  types = import ./lib/types.nix { inherit lib; };
  ladder = import ./lib/want.nix { inherit lib; };
in
# DIRECTORY holds host.toml and, where there are any, facts.json, skips.json, local.nix,
# home.nix, home-<user>.nix and imported/.
directory:
let
  workspace = directory + "/../..";
  hostFile = directory + "/host.toml";
  host = builtins.fromTOML (builtins.readFile hostFile);

  catalog = import ./lib/catalog.nix {
    inherit lib;
    own = workspace + "/features";
  };

  optionally = file: lib.optional (builtins.pathExists file) file;
  jsonOr =
    default: file: if builtins.pathExists file then lib.importJSON file else default;

  # Packages that did not build are tried again when nixpkgs is another one.
  packages = import ./lib/packages.nix {
    inherit lib;
    skips = builtins.filter (skip: skip.nixpkgs == inputs.nixpkgs.narHash or "") (
      jsonOr [ ] (directory + "/skips.json")
    );
  };

  users = import ./lib/users.nix { inherit host lib; };

  # Whether host.toml may have NAME below [features.ID].
  isOption =
    id: name:
    catalog.features.${id}.options ? ${name}
    || lib.elem name [
      "enable"
      "expose"
    ];

  nqd = soft // {
    inherit host hostFile users;
    inherit (ladder) priority;
    inherit (packages) lookup;
    inherit (import ./lib/desktop.nix { inherit lib soft; }) hasDesktop;
    facts = jsonOr { } (directory + "/facts.json");

    # What nqd decided for the graphics cards; { } where facts.json is older than that, or missing.
    graphics = nqd.facts.graphics or { };

    # Where a service listens. That only the interfaces of `expose` reach it is the firewall's
    # doing.
    address = cfg: if cfg.expose == [ ] then "127.0.0.1" else "0.0.0.0";

    # The part of the arguments that differs from feature to feature.
    forFeature = id: {
      want = ladder.want id;
      install = packages.install id;

      # What `want` does, or nothing where this release has no such option.
      wantSoft =
        options: priority: path: value:
        lib.optionalAttrs (soft.reaches options path) (ladder.want id priority path value);

      # The priority of option NAME: the user's where host.toml sets it, else the feature's.
      from =
        name:
        if !isOption id name then
          throw "${catalog.nameOf id}: no option \"${name}\", which `from` was asked for"
        else if host ? features.${id}.${name} then
          ladder.priority.host
        else
          ladder.priority.feature;
    };
  };

  # What else was adopted comes by the imports of these, as before: it need not be a module.
  imported = builtins.concatMap (name: optionally (directory + "/imported/${name}")) [
    "configuration.nix"
    "hardware-configuration.nix"
  ];

  systemFiles = imported ++ optionally (directory + "/local.nix");

  # The home of [user] has the file home.nix, that of [users.<name>] home-<name>.nix.
  homeFiles =
    user:
    optionally (
      directory + (if user.name == host.user.name then "/home.nix" else "/home-${user.name}.nix")
    );

  records =
    files:
    import ./modules/records.nix {
      inherit files;
      inherit (catalog) featureFiles;
      inherit (soft) has;
      hostPriority = ladder.priority.host;
    };

  homeOf =
    config: user:
    let
      forHome = nqd // {
        inherit user;
        inherit (config.nqd) enabled features;
      };
    in
    {
      imports = [
        (records (homeFiles user))
        # Below home.nix, which may be older than this machine's system.
        {
          config = ladder.want "base" ladder.priority.feature [
            "home"
            "stateVersion"
          ] host.host.state_version;
        }
      ]
      ++ builtins.concatMap (catalog.modules "home" forHome) config.nqd.enabled
      ++ homeFiles user;
    };

  homes =
    { config, ... }:
    {
      home-manager = {
        useGlobalPkgs = lib.mkOverride ladder.priority.feature true;
        useUserPackages = lib.mkOverride ladder.priority.feature true;
        users = lib.listToAttrs (
          map (user: lib.nameValuePair user.name (homeOf config user)) users
        );
      };
    };

  system = inputs.nixpkgs.lib.nixosSystem {
    modules = [
      (records systemFiles)
      (import ./modules/features.nix {
        inherit
          catalog
          host
          hostFile
          ladder
          types
          ;
      })
      (import ./modules/ports.nix { inherit catalog; })
      (import ./modules/relations.nix {
        inherit catalog host;
        inherit (packages) lookup;
        secrets = workspace + "/secrets/${host.host.name}";
      })
      (import ./modules/packages.nix {
        inherit catalog;
        inherit (packages) install;
      })
      inputs.home-manager.nixosModules.home-manager
      (lib.setDefaultModuleLocation ./mk-host.nix homes)
      (lib.setDefaultModuleLocation hostFile {
        nixpkgs.hostPlatform = lib.mkOverride ladder.priority.host host.host.system;
      })
    ]
    ++ builtins.concatMap (catalog.modules "nixos" nqd) (builtins.attrNames catalog.features)
    ++ systemFiles;
  };
in
{
  inherit system;
  nqd = import ./manifest.nix {
    inherit
      catalog
      host
      lib
      soft
      system
      types
      users
      workspace
      ;
  };
}
