# The library: our own writing of those functions of nixpkgs' lib that nixlib, the stand-in
# itself and a user's own files call. Each file knows one noun and gets the whole library,
# which ties the knot.
let
  parts = builtins.mapAttrs (_: file: import file lib) {
    attrsets = ./attrsets.nix;
    customisation = ./customisation.nix;
    dag = ./dag.nix;
    generators = ./generators.nix;
    lists = ./lists.nix;
    modules = ./modules.nix;
    options = ./options.nix;
    renames = ./renames.nix;
    strings = ./strings.nix;
    systems = ./systems.nix;
    table = ./table.nix;
    trivial = ./trivial.nix;
    versions = ./versions.nix;
  };

  # What may also be called without naming its part, as `lib.mkIf`.
  flat = [
    "trivial"
    "lists"
    "attrsets"
    "strings"
    "versions"
    "options"
    "modules"
    "renames"
    "customisation"
  ];

  lib =
    parts
    // builtins.foldl' (all: part: all // parts.${part}) { } flat
    // {
      types = import ./types lib;
      licenses = import ./licenses.nix;
    };
in
lib
