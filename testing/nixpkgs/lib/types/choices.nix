# Types that are one of several.
lib:
{
  mkOptionType,
  phrase,
  ...
}:
let
  showValue =
    value:
    if lib.isString value then
      ''"${value}"''
    else if value == null then
      "<null>"
    else
      builtins.toJSON value;
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
      nestedTypes.values = values;
      typeMerge =
        other:
        if other.name == "enum" then
          enum (lib.unique (values ++ other.nestedTypes.values))
        else
          null;
    };

  nullOr =
    element:
    mkOptionType {
      name = "nullOr";
      description = "null or ${
        phrase [
          "noun"
          "conjunction"
        ] element
      }";
      descriptionClass = "conjunction";
      check = x: x == null || element.check x;
      merge =
        loc: defs:
        let
          nulls = lib.count (def: def.value == null) defs;
        in
        if nulls == lib.length defs then
          null
        else if nulls == 0 then
          element.merge loc defs
        else
          throw "The option `${lib.showOption loc}' is defined both null and not null, in ${
            lib.showFiles (lib.getFiles defs)
          }.";
      emptyValue.value = null;
      inherit (element) getSubOptions getSubModules;
      nestedTypes.elemType = element;
      typeMerge =
        other:
        let
          merged = element.typeMerge other.nestedTypes.elemType;
        in
        if other.name == "nullOr" && merged != null then nullOr merged else null;
    };

  either =
    left: right:
    mkOptionType {
      name = "either";
      description = "${
        phrase [
          "noun"
          "conjunction"
        ] left
      } or ${
        phrase [
          "noun"
          "conjunction"
          "composite"
        ] right
      }";
      descriptionClass = "conjunction";
      check = x: left.check x || right.check x;
      merge =
        loc: defs:
        if lib.all (def: left.check def.value) defs then
          left.merge loc defs
        else if lib.all (def: right.check def.value) defs then
          right.merge loc defs
        else
          lib.mergeOneOption loc defs;
      nestedTypes = { inherit left right; };
      typeMerge =
        other:
        let
          mergedLeft = left.typeMerge other.nestedTypes.left;
          mergedRight = right.typeMerge other.nestedTypes.right;
        in
        if other.name == "either" && mergedLeft != null && mergedRight != null then
          either mergedLeft mergedRight
        else
          null;
    };

  oneOf =
    choices:
    if choices == [ ] then
      throw "List of types needs at least one element"
    else
      lib.foldl' either (lib.head choices) (lib.tail choices);

  # Definitions of type FROM are turned into TO by CONVERT.
  coercedTo =
    from: convert: to:
    mkOptionType {
      name = "coercedTo";
      description = "${phrase [ "noun" ] to} or ${phrase [ "noun" ] from} convertible to it";
      check = x: (from.check x && to.check (convert x)) || to.check x;
      merge =
        let
          coerce = value: if from.check value then convert value else value;
        in
        loc: defs: to.merge loc (map (def: def // { value = coerce def.value; }) defs);
      inherit (to) emptyValue getSubOptions getSubModules;
      typeMerge = _other: null;
      nestedTypes = {
        coercedType = from;
        finalType = to;
      };
    };

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
      nestedTypes.elemType = type;
    };
  uniq = unique { message = ""; };
}
