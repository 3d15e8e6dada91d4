# `pkgs.formats`: a type for settings, and a file of them. The types are those of nixpkgs
# (pkgs/pkgs-lib/formats.nix); the files hold the same values, but not always the same bytes,
# as nixpkgs has programs that lay them out.
{ lib, pkgs }:
let
  inherit (lib) types;
  toTOML = import ./toml.nix lib;

  described = type: description: type // { inherit description; };

  # A value that FORMAT can hold, made of others.
  valueOf =
    format: nullable:
    let
      plain = types.oneOf [
        types.bool
        types.int
        types.float
        types.str
        types.path
        (types.attrsOf value)
        (types.listOf value)
      ];
      value = described (if nullable then types.nullOr plain else plain) "${format} value";
    in
    value;

  structured =
    name: nullable: toText:
    { }:
    {
      type = valueOf name nullable;
      generate = file: value: pkgs.writeText file (toText value);
    };

  scalar =
    description:
    described (types.nullOr (
      types.oneOf [
        types.bool
        types.int
        types.float
        types.str
      ]
    )) description;

  # What may stand for a key: one value, or a list where LISTS says how it is written.
  atomOf =
    one: combine: options:
    if options.listsAsDuplicateKeys or false then
      described (combine one (types.listOf one))
        "${one.description} or a list of them for duplicate keys"
    else if options.listToValue or null != null then
      described (combine one (types.nonEmptyListOf one))
        "${one.description} or a non-empty list of them"
    else
      one;
  coerced = one: types.coercedTo one lib.singleton;

  iniAtom =
    options:
    atomOf (scalar "INI atom (null, bool, int, float or string)") (
      if options.atomsCoercedToLists or null == true then coerced else types.either
    ) options;
  iniSection =
    atom: described (types.attrsOf atom) "section of an INI file (attrs of ${atom.description})";

  # The options of a format that its generator knows.
  generatorOptions =
    options:
    removeAttrs options [
      "listToValue"
      "atomsCoercedToLists"
    ];
  withoutLists =
    options: section:
    if options.listToValue or null == null then
      section
    else
      lib.mapAttrs (
        _: value: if lib.isList value then options.listToValue value else value
      ) section;
in
rec {
  json = structured "JSON" true builtins.toJSON;
  yaml = yaml_1_1;
  yaml_1_1 = structured "YAML 1.1" true (lib.generators.toYAML { });
  yaml_1_2 = structured "YAML 1.2" true (lib.generators.toYAML { });
  toml = structured "TOML" false toTOML;

  ini =
    options:
    let
      atom = iniAtom options;
    in
    {
      type = types.attrsOf (iniSection atom);
      lib.types = { inherit atom; };
      generate =
        name: sections:
        pkgs.writeText name (
          lib.generators.toINI (generatorOptions options) (
            lib.mapAttrs (_: withoutLists options) sections
          )
        );
    };

  iniWithGlobalSection =
    options:
    let
      atom = iniAtom options;
      section =
        prefix: type:
        lib.mkOption {
          inherit type;
          default = { };
          description = "${prefix}${type.description}";
        };
    in
    {
      type = types.submodule {
        options = {
          sections = section "" (types.attrsOf (iniSection atom));
          globalSection = section "global " (iniSection atom);
        };
      };
      lib.types = { inherit atom; };
      generate =
        name:
        {
          sections ? { },
          globalSection ? { },
          ...
        }:
        pkgs.writeText name (
          lib.generators.toINIWithGlobalSection (generatorOptions options) {
            globalSection = withoutLists options globalSection;
            sections = lib.mapAttrs (_: withoutLists options) sections;
          }
        );
    };

  gitIni =
    options:
    let
      atom = iniAtom (removeAttrs options [ "listToValue" ]);
    in
    {
      type = types.attrsOf (types.attrsOf (types.either atom (types.attrsOf atom)));
      lib.types = { inherit atom; };
      generate = name: value: pkgs.writeText name (lib.generators.toGitINI value);
    };

  keyValue =
    options:
    let
      atom = atomOf (scalar "atom (null, bool, int, float or string)") coerced options;
    in
    {
      type = types.attrsOf atom;
      generate =
        name: value:
        pkgs.writeText name (
          lib.generators.toKeyValue (generatorOptions options) (withoutLists options value)
        );
    };
}
