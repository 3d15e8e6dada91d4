# Types that are one of several.
lib:
{
  checkAndMerge,
  checking,
  defaultFunctor,
  elementFunctor,
  headError,
  mkOptionType,
  phrase,
  types,
  ...
}:
let
  showValue =
    value:
    if lib.isString value then
      ''"${value}"''
    else if lib.isInt value then
      toString value
    else if lib.isBool value then
      lib.boolToString value
    else
      "<${builtins.typeOf value}>";

  nounOrChoice = phrase [
    "noun"
    "conjunction"
  ];
  anyPhrase = phrase [
    "noun"
    "conjunction"
    "composite"
  ];

  # All definitions are of the one type, or all of the other.
  mergeEither =
    left: right:
    { loc, defs }:
    let
      asLeft = checkAndMerge loc left defs;
      asRight = checkAndMerge loc right defs;
      message = "The option `${lib.showOption loc}` is neither a value of type `${left.description}` nor `${right.description}`, Definition values: ${lib.options.showDefs defs}";
    in
    if asLeft.headError == null then
      asLeft
    else if asRight.headError == null then
      asRight
    else
      {
        headError = { inherit message; };
        valueMeta.headError = { inherit message; };
        value = lib.warn ''
          One or more definitions did not pass the type-check of the 'either' type.
          ${message}
        '' (lib.mergeOneOption loc defs);
      };

  # The tags that two declarations share.
  mergeTags =
    a: b:
    let
      asDecl = options: {
        inherit options;
        _file = "<attrTag {...}>";
        pos = null;
      };
    in
    lib.mapAttrs (
      name: theirs:
      let
        ours = a.${name};
      in
      lib.modules.mergeOptionDecls [ name ] [ (asDecl ours) (asDecl theirs) ]
      // {
        declarations = ours.declarations ++ theirs.declarations;
        declarationPositions = ours.declarationPositions ++ theirs.declarationPositions;
      }
    ) (builtins.intersectAttrs a b);
in
rec {
  enum =
    values:
    let
      count = lib.length values;
      list = lib.concatMapStringsSep ", " showValue values;
    in
    mkOptionType {
      name = "enum";
      description =
        if count == 0 then
          "impossible (empty enum)"
        else if count == 1 then
          "value ${list} (singular enum)"
        else
          "one of ${list}";
      descriptionClass = if count < 2 then "noun" else "conjunction";
      check = value: lib.elem value values;
      merge = lib.mergeEqualOption;
      functor = defaultFunctor "enum" // {
        type = payload: enum payload.values;
        payload = { inherit values; };
        binOp = a: b: { values = lib.unique (a.values ++ b.values); };
      };
    };

  nullOr =
    element:
    mkOptionType {
      name = "nullOr";
      description = "null or ${nounOrChoice element}";
      descriptionClass = "conjunction";
      check = x: x == null || element.check x;
      merge =
        loc: defs:
        let
          nulls = lib.count (def: def.value == null) defs;
        in
        if nulls == 0 then
          element.merge loc defs
        else if nulls == lib.length defs then
          null
        else
          throw "The option `${lib.showOption loc}` is defined both null and not null, in ${
            lib.showFiles (lib.getFiles defs)
          }.";
      emptyValue.value = null;
      inherit (element) getSubOptions getSubModules;
      substSubModules = modules: nullOr (element.substSubModules modules);
      functor = elementFunctor "nullOr" nullOr element;
      nestedTypes.elemType = element;
    };

  either =
    left: right:
    mkOptionType (
      {
        name = "either";
        description =
          if left.descriptionClass or null == "nonRestrictiveClause" then
            "${left.description}, or ${nounOrChoice right}"
          else
            "${nounOrChoice left} or ${anyPhrase right}";
        descriptionClass = "conjunction";
        typeMerge =
          other:
          let
            pair = other.payload.elemType;
            mergedLeft = left.typeMerge (lib.head pair).functor;
            mergedRight = right.typeMerge (lib.last pair).functor;
          in
          if other.name == "either" && mergedLeft != null && mergedRight != null then
            either mergedLeft mergedRight
          else
            null;
        functor = defaultFunctor "either" // {
          type = either;
          payload.elemType = [
            left
            right
          ];
        };
        nestedTypes = { inherit left right; };
      }
      // checking (x: left.check x || right.check x) (mergeEither left right)
    );

  oneOf =
    choices:
    if choices == [ ] then
      throw "types.oneOf needs to get at least one type in its argument"
    else
      lib.foldl' either (lib.head choices) (lib.tail choices);

  # Definitions of type FROM are turned into TO by CONVERT.
  coercedTo =
    from: convert: to:
    let
      check = x: (from.check x && to.check (convert x)) || to.check x;
      isFrom =
        loc: def:
        if from.merge ? v2 then
          (checkAndMerge loc from [ def ]).headError == null
        else
          from.check def.value;
      coerce = loc: def: if isFrom loc def then def // { value = convert def.value; } else def;
    in
    assert lib.assertMsg (
      from.getSubModules == null
    ) "coercedTo: coercedType must not have submodules (it’s a ${from.description})";
    mkOptionType (
      {
        name = "coercedTo";
        description = "${phrase [ "noun" ] to} or ${phrase [ "noun" ] from} convertible to it";
        inherit (to) emptyValue getSubOptions getSubModules;
        substSubModules = modules: coercedTo from convert (to.substSubModules modules);
        typeMerge = _: null;
        nestedTypes = {
          coercedType = from;
          finalType = to;
        };
      }
      // checking check (
        { loc, defs }:
        let
          coerced = map (coerce loc) defs;
        in
        if to.merge ? v2 then
          checkAndMerge loc to coerced
        else
          {
            value = to.merge loc coerced;
            valueMeta = { };
            headError = headError check defs;
          }
      )
    );

  # A set with one of the names of TAGS, each an option.
  attrTag =
    tags:
    let
      names = lib.concatMapStringsSep ", " lib.strings.escapeNixIdentifier (lib.attrNames tags);
      complaint =
        option:
        if option._type or null == "option-type" then
          "was a bare type, not wrapped in mkOption."
        else if option ? _type then
          "was of type ${lib.strings.escapeNixString option._type}."
        else
          "was not.";
      declared = lib.mapAttrs (
        name: option:
        let
          position = builtins.unsafeGetAttrPos name tags;
          known = lib.optional (position != null);
        in
        if option._type or null != "option" then
          throw "In attrTag, each tag value must be an option, but tag ${lib.strings.escapeNixIdentifier name} ${complaint option}"
        else
          option
          // {
            declarations = option.declarations or (known position.file);
            declarationPositions = option.declarationPositions or (known position);
          }
      ) tags;
      tagOf = def: lib.head (lib.attrNames def.value);
    in
    mkOptionType {
      name = "attrTag";
      description = "attribute-tagged union with choices: ${names}";
      descriptionClass = "noun";
      getSubOptions =
        prefix: lib.mapAttrs (name: tag: tag // { loc = prefix ++ [ name ]; }) declared;
      check =
        x: lib.isAttrs x && lib.length (lib.attrNames x) == 1 && tags ? ${tagOf { value = x; }};
      merge =
        loc: defs:
        let
          tag = tagOf (lib.head defs);
          valueOf =
            def:
            if tagOf def == tag then
              def // { value = def.value.${tag}; }
            else
              throw "The option `${lib.showOption loc}` is defined both as `${tag}` and `${tagOf def}`, in ${lib.showFiles (lib.getFiles defs)}.";
          place = loc ++ [ tag ];
        in
        {
          ${tag} = (lib.modules.evalOptionValue place declared.${tag} (map valueOf defs)).value;
        };
      nestedTypes = declared;
      functor = defaultFunctor "attrTag" // {
        type = payload: types.attrTag payload.tags;
        payload.tags = declared;
        binOp = a: b: { tags = a.tags // b.tags // mergeTags a.tags b.tags; };
      };
    };
}
