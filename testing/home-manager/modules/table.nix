# What options.json says about options of the release at hand, for modules that complete it: a
# default that Home Manager computes is not in the table.
lib:
let
  inherit (lib.table.read ../options.json) below find;
  lacksDefault =
    name:
    let
      entry = find name;
    in
    entry != null && !(entry ? default || entry ? defaultPackage);
in
{
  has = name: find name != null;

  # The options `enable…Integration` of all programs.
  integrations = lib.concatLists (
    lib.mapAttrsToList (
      program: names:
      map (name: "programs.${program}.${name}") (
        lib.filter (name: lib.hasPrefix "enable" name && lib.hasSuffix "Integration" name) names
      )
    ) (below "programs")
  );

  # { NAME = DEFAULT; } → declarations of those that lack one.
  complete =
    defaults:
    lib.foldl' lib.recursiveUpdate { } (
      lib.mapAttrsToList (
        name: default:
        lib.setAttrByPath (lib.splitString "." name) (lib.mkOption { inherit default; })
      ) (lib.filterAttrs (name: _: lacksDefault name) defaults)
    );
}
