# Types that take less than another one.
lib:
{
  checkAndMerge,
  checking,
  elementFunctor,
  headError,
  mkOptionType,
  types,
  ...
}:
rec {
  # TYPE with a further CHECK. Declared twice, the further checks are lost: nixpkgs has it so.
  addCheck =
    type: check:
    let
      both = x: type.check x && check x;
      checkingBoth = checking both (
        { loc, defs }:
        let
          merged = checkAndMerge loc type defs;
        in
        merged
        // {
          headError = if merged.headError != null then merged.headError else headError check defs;
        }
      );
    in
    type // (if type.merge ? v2 then checkingBoth else { check = both; });

  # TYPE, but not defined twice, even if the definitions agree.
  unique =
    { message }:
    type:
    mkOptionType {
      name = "unique";
      inherit (type)
        description
        descriptionClass
        check
        emptyValue
        getSubOptions
        getSubModules
        ;
      merge = lib.mergeUniqueOption {
        inherit message;
        inherit (type) merge;
      };
      substSubModules = modules: uniq (type.substSubModules modules);
      functor = elementFunctor "unique" (types.unique { inherit message; }) type;
      nestedTypes.elemType = type;
    };
  uniq = unique { message = ""; };
}
