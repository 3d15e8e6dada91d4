# Files of the home: a tree of them, into which activation links (home-manager:
# modules/files.nix, modules/lib/file-type.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  home = config.home.homeDirectory;
  storeName = path: lib.hm.strings.storeFileName (baseNameOf path);

  # More of what the table declares for files below BASE: their place and their source.
  filesBelow =
    base:
    lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule (lib.setDefaultModuleLocation ./files.nix (fileBelow base))
      );
    };

  fileBelow =
    base:
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
          apply =
            target:
            lib.removePrefix "${home}/" (
              if lib.hasPrefix "/" target then target else "${base}/${target}"
            );
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
          lib.mkDefault (pkgs.writeText (storeName name) config.text)
        );
      };
    };

  # A path that no derivation made is copied to the store.
  inStore =
    source:
    if builtins.hasContext (toString source) then
      "${source}"
    else
      builtins.path {
        path = source;
        name = storeName source;
      };

  # Only what is there while evaluating can be copied with another mode: the builder of the
  # stand-in makes links and texts.
  isReadable =
    source:
    !builtins.hasContext (toString source) && builtins.readFileType source == "regular";

  # Text goes into the tree itself; in Home Manager it is a derivation of its own.
  contentOf =
    file:
    let
      mode = if file.executable == true then "0755" else "0644";
    in
    if file.isText then
      {
        inherit (file) text;
        inherit mode;
      }
    else if file.executable == true && isReadable file.source then
      {
        text = builtins.readFile file.source;
        inherit mode;
      }
    else
      { link = inStore file.source; };

  enabled = lib.filter (file: file.enable) (lib.attrValues config.home.file);
  sorted = lib.partition (file: file.recursive && !file.isText) enabled;
  recursive = sorted.right;
  single = sorted.wrong;
  targets = map (file: file.target) enabled;
  twice = lib.filter (target: lib.count (other: other == target) targets > 1) (lib.unique targets);
in
{
  options.xdg = {
    cacheFile = filesBelow config.xdg.cacheHome;
    configFile = filesBelow config.xdg.configHome;
    dataFile = filesBelow config.xdg.dataHome;
    stateFile = filesBelow config.xdg.stateHome;
  };

  options.home.file = filesBelow home;

  options.home-files = lib.mkOption {
    type = lib.types.package;
    internal = true;
    description = "The tree of files: home-files of the generation.";
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

    # A link to where no store is: what is linked may change without a new generation.
    lib.file.mkOutOfStoreSymlink =
      path: "${pkgs.linkFarm (storeName path) { link = toString path; }}/link";

    # Activation knows its links by this name. Folders that are linked recursively are laid
    # over the rest, each of their files a link; a file in both is an error here, while Home
    # Manager keeps that of the folder.
    home-files = pkgs.derive "home-manager-files" {
      files = lib.listToAttrs (map (file: lib.nameValuePair file.target (contentOf file)) single);
      merge = lib.optional (recursive != [ ]) (
        toString (
          pkgs.linkFarm "home-manager-recursive-files" (
            map (file: {
              name = file.target;
              path = inStore file.source;
            }) recursive
          )
        )
      );
    } { };
  };
}
