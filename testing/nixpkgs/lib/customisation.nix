# Functions that take their arguments from a scope.
lib: {
  callPackageWith =
    scope: file: overrides:
    let
      f = if lib.isFunction file then file else import file;
    in
    f (builtins.intersectAttrs (lib.functionArgs f) scope // overrides);
}
