# Option types. A type is
#
#   name, description, descriptionClass
#   check VALUE          whether one definition may be merged
#   merge LOC DEFS       the value of { file, value } definitions that all passed
#   emptyValue           { value } that an option has without any definition, or { }
#   getSubOptions LOC    the options below, for documentation and `soft.has`
#   typeMerge OTHER      the type of an option that is declared with both, or null
#
# The words of the descriptions are those of nixpkgs, as error messages quote them.
lib:
let
  mkOptionType =
    {
      name,
      description ? name,
      descriptionClass ? null,
      check ? _: true,
      merge ? lib.mergeDefaultOption,
      emptyValue ? { },
      getSubOptions ? _: { },
      getSubModules ? null,
      typeMerge ? null,
      nestedTypes ? { },
      ...
    }@args:
    let
      self =
        args
        // {
          _type = "option-type";
          inherit
            name
            description
            descriptionClass
            check
            merge
            emptyValue
            getSubOptions
            getSubModules
            nestedTypes
            ;
          typeMerge =
            if typeMerge == null then other: if other.name == name then self else null else typeMerge;
        };
    in
    self;

  # The description of TYPE inside another one, in parentheses where it would be ambiguous.
  phrase =
    classes: type:
    if lib.elem type.descriptionClass classes then type.description else "(${type.description})";

  types =
    lib.mergeAttrsList (
      map (file: import file lib { inherit mkOptionType phrase types; }) [
        ./scalars.nix
        ./strings.nix
        ./packages.nix
        ./containers.nix
        ./choices.nix
        ./submodules.nix
      ]
    )
    // {
      inherit mkOptionType;
      isType = name: x: x._type or null == name;
      isOptionType = x: x._type or null == "option-type";
    };
in
types
