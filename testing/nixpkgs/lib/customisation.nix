# Choosing programs out of packages.
lib: {
  getExe' = package: program: "${lib.getBin package}/bin/${program}";

  getExe =
    package: lib.getExe' package (package.meta.mainProgram or (lib.getName package));

  callPackageWith =
    scope: file: overrides:
    let
      f = if lib.isFunction file then file else import file;
    in
    f (builtins.intersectAttrs (lib.functionArgs f) scope // overrides);
}
