# Packages and paths.
lib:
{ mkOptionType, types, ... }:
let
  isAbsolute = x: lib.isStringLike x && lib.hasPrefix "/" (toString x);
in
{
  package = mkOptionType {
    name = "package";
    descriptionClass = "noun";
    check = x: lib.isDerivation x || lib.isStorePath x;
    merge = lib.mergeOneOption;
  };

  shellPackage = types.package // {
    check = x: lib.isDerivation x && x ? shellPath;
  };

  path = mkOptionType {
    name = "path";
    description = "absolute path";
    descriptionClass = "noun";
    check = isAbsolute;
    merge = lib.mergeEqualOption;
  };

  pathInStore = mkOptionType {
    name = "pathInStore";
    description = "path in the Nix store";
    descriptionClass = "noun";
    check = x: isAbsolute x && lib.hasPrefix "${builtins.storeDir}/" (toString x);
    merge = lib.mergeEqualOption;
  };

  pkgs = mkOptionType {
    name = "pkgs";
    description = "Nixpkgs package set";
    descriptionClass = "noun";
    check = x: x._type or null == "pkgs";
    merge = lib.mergeOneOption;
  };
}
