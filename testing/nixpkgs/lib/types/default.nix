# Option types. A type is
#
#   name, description, descriptionClass
#   check VALUE          whether one definition may be merged
#   merge LOC DEFS       the value of { file, value } definitions that all passed; where it is
#                        made by `checking`, it has a form that checks and merges at once
#   emptyValue           { value } that an option has without any definition, or { }
#   getSubOptions LOC    the options below, for documentation and `soft.has`
#   getSubModules        the modules of a submodule, substSubModules MODULES the type with others
#   functor              { name, type, payload, binOp }: how the type was made, and how two of a
#                        kind are made one
#   typeMerge FUNCTOR    the type of an option that is declared with both, or null
#
# The words of the descriptions are those of nixpkgs, as error messages quote them.
lib:
let
  inherit (import ./checking.nix lib) checkAndMerge checking headError;

  defaultFunctor = name: {
    inherit name;
    type = lib.types.${name} or null;
    payload = null;
    binOp = _: _: null;
  };

  # The functor of a type that is made of one other type.
  elementFunctor = name: type: elemType: {
    inherit name;
    type = payload: type payload.elemType;
    payload = { inherit elemType; };
    binOp =
      a: b:
      let
        merged = a.elemType.typeMerge b.elemType.functor;
      in
      if merged == null then null else { elemType = merged; };
  };

  defaultTypeMerge =
    ours: theirs:
    let
      payload = ours.binOp ours.payload theirs.payload;
    in
    if ours.name != theirs.name then
      null
    else if ours.payload == null then
      ours.type
    else if payload == null then
      null
    else
      ours.type payload;

  mkOptionType =
    {
      name,
      description ? null,
      descriptionClass ? null,
      check ? _: true,
      merge ? lib.mergeDefaultOption,
      emptyValue ? { },
      getSubOptions ? _: { },
      getSubModules ? null,
      substSubModules ? _: null,
      functor ? defaultFunctor name,
      typeMerge ? defaultTypeMerge functor,
      deprecationMessage ? null,
      nestedTypes ? { },
    }:
    {
      _type = "option-type";
      description = if description == null then name else description;
      inherit
        check
        deprecationMessage
        descriptionClass
        emptyValue
        functor
        getSubModules
        getSubOptions
        merge
        name
        nestedTypes
        substSubModules
        typeMerge
        ;
    };

  # The description of TYPE inside another one, in parentheses where it would be ambiguous.
  optionDescriptionPhrase =
    isPlain: type:
    if isPlain (type.descriptionClass or null) then type.description else "(${type.description})";
  phrase = classes: optionDescriptionPhrase (class: lib.elem class classes);

  helpers = {
    inherit
      checkAndMerge
      checking
      defaultFunctor
      elementFunctor
      headError
      mkOptionType
      phrase
      types
      ;
  };

  types =
    lib.mergeAttrsList (
      map (file: import file lib helpers) [
        ./scalars.nix
        ./strings.nix
        ./packages.nix
        ./containers.nix
        ./choices.nix
        ./narrowed.nix
        ./submodules.nix
        ./formats.nix
      ]
    )
    // {
      inherit
        defaultFunctor
        defaultTypeMerge
        mkOptionType
        optionDescriptionPhrase
        types
        ;
      isType = name: x: x._type or null == name;
      setType = name: value: value // { _type = name; };
      isOptionType = x: x._type or null == "option-type";
      mergeTypes =
        a: b:
        let
          merged = a.typeMerge b.functor;
        in
        if merged == null then
          types.setType "merge-error" { error = "Cannot merge types"; }
        else
          merged;
    };
in
types
