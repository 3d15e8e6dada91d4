# Types that check while they merge, and those that do one after the other.
lib: rec {
  # What is wrong with those of DEFS that CHECK refuses, or null.
  headError =
    check: defs:
    let
      wrong = lib.filter (def: !check def.value) defs;
    in
    if wrong == [ ] then
      null
    else
      { message = "Definition values: ${lib.options.showDefs wrong}"; };

  # CHECK and MERGE ({ loc, defs } → { headError, value, valueMeta }) of a type that checks
  # while it merges. nixpkgs knows it by the name v2.
  checking = check: merge: {
    check = {
      __functor = _: check;
      isV2MergeCoherent = true;
    };
    merge = {
      __functor =
        self: loc: defs:
        (self.v2 { inherit loc defs; }).value;
      v2 = merge;
    };
  };

  # DEFS checked and merged by TYPE, whichever form it has.
  checkAndMerge =
    loc: type: defs:
    if !(type.merge ? v2) then
      {
        headError = headError type.check defs;
        value = type.merge loc defs;
        valueMeta = { };
      }
    else if type.check.isV2MergeCoherent or false then
      type.merge.v2 { inherit loc defs; }
    else
      throw ''
        The option `${lib.showOption loc}' has a type `${type.description}' that uses
        an ad-hoc `type // { check = ...; }' override, which is incompatible with
        the v2 merge mechanism.

        Please use `lib.types.addCheck` instead of `type // { check }' to add
        custom validation.
      '';
}
