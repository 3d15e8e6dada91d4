# Functions about the values of settings.
{ lib }:
rec {
  # VALUE without what nobody set.
  clean =
    value:
    if lib.isAttrs value && !lib.isDerivation value then
      lib.mapAttrs (_: clean) (
        lib.filterAttrs (name: item: name != "_module" && item != null) value
      )
    else if lib.isList value then
      map clean value
    else
      value;
}
