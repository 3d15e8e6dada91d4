# Setting an option only where this release has it.
#
# `options ? a.b` is true for options that were removed or renamed, and
# `mkIf (options ? a.b)` fails where they are absent; so the path is looked up
# by hand and invisible options count as absent.
{ lib }:
let
  # What is at PATH, or null. Nothing is below an option: its own attributes are no options.
  at =
    options: path:
    if path == [ ] then
      options
    else if lib.isOption options || !(options ? ${lib.head path}) then
      null
    else
      at options.${lib.head path} (lib.tail path);
in
rec {
  # Whether PATH (a list of names) is an option, or holds options, that may be set.
  has =
    options: path:
    let
      found = at options path;
    in
    found != null && (!lib.isOption found || (found.visible or true) != false);

  # Whether PATH may be set: like `has`, and also true inside of an option that takes keys of
  # its own, as settings do. What it takes there, only its type knows.
  reaches =
    options: path:
    if lib.isOption options then
      (options.visible or true) != false
    else if path == [ ] then
      true
    else
      options ? ${lib.head path} && reaches options.${lib.head path} (lib.tail path);

  # A definition of PATH, or nothing where the option is absent.
  set =
    options: path: value:
    lib.optionalAttrs (has options path) (lib.setAttrByPath path value);

  # The first of CANDIDATES ({ path, value }, newest name first) that exists, or nothing.
  first =
    options: candidates:
    let
      found = lib.findFirst (candidate: has options candidate.path) null candidates;
    in
    lib.optionalAttrs (found != null) (lib.setAttrByPath found.path found.value);
}
