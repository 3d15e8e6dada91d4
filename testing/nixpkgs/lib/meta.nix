# What a package says about itself, and choosing programs out of packages.
lib: rec {
  getExe =
    package:
    getExe' package (
      package.meta.mainProgram or (lib.warn
        "getExe: Package ${
          lib.strings.escapeNixIdentifier package.meta.name or package.pname or package.name
        } does not have the meta.mainProgram attribute. We'll assume that the main program has the same name for now, but this behavior is deprecated, because it leads to surprising errors when the assumption does not hold."
        lib.getName
        package
      )
    );

  getExe' =
    package: program:
    assert lib.assertMsg (lib.isDerivation package)
      "lib.meta.getExe': The first argument is of type ${builtins.typeOf package}, but it should be a derivation instead.";
    assert lib.assertMsg (lib.isString program)
      "lib.meta.getExe': The second argument is of type ${builtins.typeOf program}, but it should be a string instead.";
    assert lib.assertMsg (!lib.hasInfix "/" program)
      "lib.meta.getExe': The second argument \"${program}\" is a nested path with a \"/\" character, but it should just be the name of the executable instead.";
    "${lib.getBin package}/bin/${program}";

  addMetaAttrs = attrs: package: package // { meta = package.meta or { } // attrs; };
  setName = name: package: package // { inherit name; };
  defaultPriority = 5;
  setPrio = priority: addMetaAttrs { inherit priority; };
  lowPrio = setPrio 10;
  hiPrio = setPrio (-10);

  # Whether PLATFORM is meant by a string or by a pattern.
  platformMatch =
    platform: pattern:
    if lib.isString pattern then
      platform ? system && pattern == platform.system
    else
      lib.matchAttrs (if pattern ? parsed then pattern else { parsed = pattern; }) platform;
  availableOn =
    platform: package:
    let
      matches = lib.any (platformMatch platform);
    in
    (!(package ? meta.platforms) || matches package.meta.platforms)
    && !(package ? meta.badPlatforms && matches package.meta.badPlatforms);
}
