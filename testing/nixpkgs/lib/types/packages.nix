# Packages and paths.
lib:
{
  defaultFunctor,
  mkOptionType,
  types,
  ...
}:
let
  # Below the store, but not in one of its own folders, such as .links.
  inStoreDir =
    let
      store = lib.escapeRegex builtins.storeDir;
    in
    x: builtins.match "${store}/[^./][^/]*(/.*)?" (toString x) != null;
in
rec {
  package = mkOptionType {
    name = "package";
    descriptionClass = "noun";
    check = x: lib.isDerivation x || lib.isStorePath x;
    merge =
      loc: defs:
      let
        value = lib.mergeOneOption loc defs;
      in
      # A path that is written out becomes something that is like a derivation.
      if lib.isPath value || (lib.isString value && !builtins.hasContext value) then
        lib.toDerivation value
      else
        value;
  };

  shellPackage = package // {
    check = x: lib.isDerivation x && x ? shellPath;
  };

  path = pathWith { absolute = true; };
  pathInStore = pathWith { inStore = true; };
  externalPath = pathWith {
    absolute = true;
    inStore = false;
  };

  # INSTORE, ABSOLUTE: what the path must be; null is either.
  pathWith =
    {
      inStore ? null,
      absolute ? null,
    }:
    let
      whether =
        flag: yes: no:
        if flag == null then
          ""
        else if flag then
          yes
        else
          no;
    in
    lib.throwIf (inStore == true && absolute == false)
      "In pathWith, inStore means the path must be absolute"
      mkOptionType
      {
        name = "path";
        description =
          whether absolute "absolute " "relative "
          + "path"
          + whether inStore " in the Nix store" " not in the Nix store";
        descriptionClass = "noun";
        # What must stay outside may not be a true path, as that would be copied into the store.
        check =
          x:
          (if inStore == false then lib.isString x else lib.isStringLike x)
          && (inStore == null || inStore == inStoreDir x)
          && (absolute == null || absolute == lib.hasPrefix "/" (toString x));
        merge = lib.mergeEqualOption;
        functor = defaultFunctor "path" // {
          type = pathWith;
          payload = { inherit inStore absolute; };
          binOp = a: b: if a == b then a else null;
        };
      };

  pkgs =
    types.addCheck (
      types.unique { message = "A Nixpkgs pkgs set can not be merged with another pkgs set."; } types.attrs
      // {
        name = "pkgs";
        description = "Nixpkgs package set";
        descriptionClass = "noun";
      }
    ) (x: x._type or null == "pkgs");
}
