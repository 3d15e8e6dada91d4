# Files of the home: a tree of them, into which activation links.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  home = config.home.homeDirectory;

  file =
    {
      config,
      name,
      options,
      ...
    }:
    {
      options = {
        target = lib.mkOption {
          # Modules write paths of the home in full.
          apply = lib.removePrefix "${home}/";
        };
        isText = lib.mkOption {
          type = lib.types.bool;
          default =
            config.text != null && options.source.highestPrio == (lib.mkDefault null).priority;
          internal = true;
          description = "Whether it is the text that counts: a source that is given wins.";
        };
      };
      config = {
        target = lib.mkDefault name;
        source = lib.mkIf (config.text != null) (
          lib.mkDefault (pkgs.writeText "hm_${baseNameOf name}" config.text)
        );
      };
    };

  # Text goes into the tree itself; in Home Manager it is a derivation of its own.
  contentOf =
    file:
    if file.isText then
      {
        inherit (file) text;
        mode = if file.executable == true then "0755" else "0644";
      }
    else
      { link = "${file.source}"; };

  # More of what the table declares: home.file and its likes below the XDG folders.
  files = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule (lib.setDefaultModuleLocation ./files.nix file)
    );
  };

  enabled = lib.filter (file: file.enable) (lib.attrValues config.home.file);
  targets = map (file: file.target) enabled;
  twice = lib.filter (target: lib.count (other: other == target) targets > 1) (lib.unique targets);
in
{
  options.xdg = {
    cacheFile = files;
    configFile = files;
    dataFile = files;
    stateFile = files;
  };

  options.home = {
    file = files;
    homeFiles = lib.mkOption {
      type = lib.types.package;
      internal = true;
      readOnly = true;
      description = "The tree of files: home-files of the generation.";
    };
  };

  config = {
    assertions = [
      {
        assertion = twice == [ ];
        message = ''
          Conflicting managed target files: ${lib.concatStringsSep ", " twice}

          This may happen, for example, if you have a configuration similar to

              home.file = {
                conflict1 = { source = ./foo.nix; target = "baz"; };
                conflict2 = { source = ./bar.nix; target = "baz"; };
              }'';
      }
    ];

    # Activation knows its links by this name.
    home.homeFiles = pkgs.derive "home-manager-files" {
      files = lib.listToAttrs (map (file: lib.nameValuePair file.target (contentOf file)) enabled);
    } { };
  };
}
