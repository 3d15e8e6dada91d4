# Fixed points, and layers over them: how overlays see each other.
_lib: rec {
  fix =
    f:
    let
      x = f x;
    in
    x;
  converge =
    f: x:
    let
      next = f x;
    in
    if next == x then x else converge f next;

  extends =
    overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;
  composeExtensions =
    first: second: final: prev:
    let
      once = first final prev;
    in
    once // second final (prev // once);
  composeManyExtensions = builtins.foldl' composeExtensions (_: _: { });
  toExtension =
    overlay:
    if !builtins.isFunction overlay then
      _: _: overlay
    else
      final: prev:
      let
        made = overlay final;
      in
      if builtins.isFunction made then made prev else overlay prev;

  makeExtensible = makeExtensibleWithCustomName "extend";
  makeExtensibleWithCustomName =
    name: f:
    fix (
      self:
      f self
      // {
        ${name} = overlay: makeExtensibleWithCustomName name (extends overlay f);
      }
    );
}
