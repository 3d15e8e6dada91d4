# The features and presets of this library, and the features that the user has written, read
# from their TOML files.
{
  lib,
  # The folder of the user's own features, which need not exist.
  own,
}:
let
  library = ../features;

  # The folders with a feature.toml in ROOT: { <id> = ROOT; }.
  rootsIn =
    root:
    let
      isFeature =
        id: type: type == "directory" && builtins.pathExists (root + "/${id}/feature.toml");
    in
    lib.optionalAttrs (builtins.pathExists root) (
      lib.mapAttrs (_: _: root) (lib.filterAttrs isFeature (builtins.readDir root))
    );

  ours = rootsIn library;
  theirs = rootsIn own;
  twice = builtins.attrNames (builtins.intersectAttrs ours theirs);
  roots =
    if twice == [ ] then
      ours // theirs
    else
      throw "features/${lib.head twice}: nqd has a feature of that name; rename folder and id";

  # The file of feature ID as messages name it: by its place in the workspace.
  nameOf = id: "${lib.optionalString (ours ? ${id}) "nixlib/"}features/${id}/feature.toml";

  # As Go has them (internal/catalog): what it accepts is read here.
  withDefaults =
    feature:
    {
      always = false;
      options = { };
      ports = { };
      units = [ ];
      late_units = [ ];
      requires = [ ];
      conflicts = [ ];
      packages = [ ];
      secrets = [ ];
      unfree = [ ];
    }
    // feature
    // {
      checks = map (check: { critical = false; } // check) (feature.checks or [ ]);
      state = map (state: { migrates = false; } // state) (feature.state or [ ]);
    };

  fileOf = id: roots.${id} + "/${id}/feature.toml";
  moduleOf = kind: id: roots.${id} + "/${id}/${kind}.nix";
  features = lib.mapAttrs (
    id: _: withDefaults (builtins.fromTOML (builtins.readFile (fileOf id)))
  ) roots;
in
{
  inherit features nameOf;
  presets = builtins.fromTOML (builtins.readFile ../presets.toml);

  # The files of the modules of features: { <file> = id; }.
  featureFiles = lib.listToAttrs (
    builtins.concatMap (
      id:
      map (kind: lib.nameValuePair (toString (moduleOf kind id)) id) [
        "nixos"
        "home"
      ]
    ) (builtins.attrNames roots)
  );

  # Whether CONFIG has feature ID on. One that does not exist is off.
  isOn =
    config: id:
    features ? ${id} && (features.${id}.always || config.nqd.features.${id}.enable);

  # The module of feature ID of KIND ("nixos" or "home"): [ ] where it has none.
  modules =
    kind: nqd: id:
    let
      file = moduleOf kind id;
    in
    lib.optional (builtins.pathExists file) (
      lib.setDefaultModuleLocation file (import file (nqd // nqd.forFeature id))
    );
}
