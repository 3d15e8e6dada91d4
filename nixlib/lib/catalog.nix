# The features and presets of this library, read from their TOML files.
{ lib }:
let
  root = ../features;
  isFeature =
    name: type: type == "directory" && builtins.pathExists (root + "/${name}/feature.toml");
  ids = builtins.attrNames (lib.filterAttrs isFeature (builtins.readDir root));

  read =
    id:
    {
      title = id;
      always = false;
      options = { };
      ports = { };
      checks = [ ];
      units = [ ];
      late_units = [ ];
    }
    // builtins.fromTOML (builtins.readFile (root + "/${id}/feature.toml"));

  features = lib.genAttrs ids read;
in
{
  inherit features;
  presets = builtins.fromTOML (builtins.readFile ../presets.toml);

  # Whether CONFIG has feature ID on.
  isOn = config: id: features.${id}.always || config.nqd.features.${id}.enable;

  # The module of feature ID of KIND ("nixos" or "home"): [ ] where it has none.
  modules =
    kind: nqd: id:
    let
      file = root + "/${id}/${kind}.nix";
    in
    lib.optional (builtins.pathExists file) (
      lib.setDefaultModuleLocation file (import file (nqd // nqd.forFeature id))
    );
}
