# Packages that a feature can go without: one that is missing, broken or not allowed is left
# out with a reason, and the rest goes on.
#
# `pkgs ? name` is true for an alias that throws, and `tryEval` sees neither a missing
# attribute nor, before `.drvPath`, an unfree or broken package.
{
  lib,
  # What failed to build here before: the entries of skips.json that the locked nixpkgs still
  # is about.
  skips,
}:
let
  # Why the derivation PACKAGE does not evaluate.
  complaint =
    package:
    let
      meta = package.meta or { };
    in
    if meta.unsupported or false then
      "it is not made for this kind of machine"
    else if meta.broken or false then
      "nixpkgs marks it as broken"
    else if meta.insecure or false then
      "nixpkgs marks it as insecure"
    else if meta.unfree or false then
      "it is unfree; packages.allow_unfree = [\"${lib.getName package}\"] in host.toml allows it"
    else
      "it does not evaluate";

  works = value: (builtins.tryEval (builtins.seq value true)).success;

  # { name, package } or { name, why } of NAME, an attribute path of PKGS with dots.
  lookup =
    pkgs: name:
    let
      path = lib.splitString "." name;
      known = builtins.tryEval (lib.hasAttrByPath path pkgs);
      package = lib.getAttrFromPath path pkgs;
      skipped = lib.findFirst (skip: skip.package == name) null skips;
    in
    if skipped != null then
      {
        inherit name;
        why = "it did not build: ${skipped.why}";
      }
    else if !(known.success && known.value) then
      {
        inherit name;
        why = "this nixpkgs has no such package";
      }
    else if !works package then
      {
        inherit name;
        why = "it was removed from nixpkgs";
      }
    else if !lib.isDerivation package then
      {
        inherit name;
        why = "it is no package";
      }
    else if !works package.drvPath then
      {
        inherit name;
        why = complaint package;
      }
    else
      { inherit name package; };
in
{
  inherit lookup;

  # A definition of PATH, a list option, with those of the packages NAMES that can be had. It
  # records for FEATURE those and the others.
  install =
    feature: pkgs: path: names:
    let
      found = map (lookup pkgs) names;
      packages = lib.catAttrs "package" found;
    in
    lib.mkMerge [
      (lib.setAttrByPath path packages)
      {
        # What is to be left out is not there for it.
        nqd.installed = lib.optionals (lib.last path != "excludePackages") (
          map (package: { inherit feature package; }) packages
        );
        nqd.skips = map (skip: {
          inherit feature;
          package = skip.name;
          inherit (skip) why;
        }) (builtins.filter (result: result ? why) found);
      }
    ];
}
