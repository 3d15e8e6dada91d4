# Attribute sets and paths into them (lists of names).
lib: rec {
  inherit (builtins)
    attrNames
    attrValues
    catAttrs
    getAttr
    hasAttr
    intersectAttrs
    isAttrs
    listToAttrs
    mapAttrs
    removeAttrs
    zipAttrsWith
    ;

  optionalAttrs = condition: attrs: if condition then attrs else { };
  nameValuePair = name: value: { inherit name value; };
  mapAttrsToList = f: attrs: attrValues (mapAttrs f attrs);
  attrsToList = mapAttrsToList nameValuePair;
  mapAttrs' = f: attrs: listToAttrs (mapAttrsToList f attrs);
  concatMapAttrs = f: attrs: lib.foldl' (a: b: a // b) { } (mapAttrsToList f attrs);
  filterAttrs =
    predicate: attrs:
    removeAttrs attrs (lib.filter (name: !predicate name attrs.${name}) (attrNames attrs));
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  genAttrs' = list: f: listToAttrs (map f list);
  getAttrs = names: attrs: genAttrs names (name: attrs.${name});
  attrVals = names: attrs: map (name: attrs.${name}) names;
  foldlAttrs =
    f: zero: attrs:
    lib.foldl' (acc: name: f acc name attrs.${name}) zero (attrNames attrs);
  mergeAttrsList = lib.foldl' (a: b: a // b) { };
  zipAttrs = zipAttrsWith (_: values: values);
  isDerivation = x: x.type or null == "derivation";

  attrByPath =
    path: default: attrs:
    if path == [ ] then
      attrs
    else if attrs ? ${lib.head path} then
      attrByPath (lib.tail path) default attrs.${lib.head path}
    else
      default;

  hasAttrByPath =
    path: attrs:
    path == [ ]
    || (attrs ? ${lib.head path} && hasAttrByPath (lib.tail path) attrs.${lib.head path});

  setAttrByPath = path: value: lib.foldr (name: inner: { ${name} = inner; }) value path;

  getAttrFromPath =
    path: attrByPath path (throw "cannot find attribute `${lib.concatStringsSep "." path}'");

  mapAttrsRecursiveCond =
    descend: f: attrs:
    let
      walk =
        path:
        mapAttrs (
          name: value:
          (if isAttrs value && descend value then walk else f) (path ++ [ name ]) value
        );
    in
    walk [ ] attrs;
  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);

  collect =
    predicate: attrs:
    if predicate attrs then
      [ attrs ]
    else if isAttrs attrs then
      lib.concatMap (collect predicate) (attrValues attrs)
    else
      [ ];

  recursiveUpdateUntil =
    stop:
    let
      update =
        path: old: new:
        old
        // mapAttrs (
          name: value:
          let
            here = path ++ [ name ];
            replaced = !(old ? ${name}) || stop here old.${name} value;
          in
          if replaced then value else update here old.${name} value
        ) new;
    in
    update [ ];

  recursiveUpdate = recursiveUpdateUntil (_: old: new: !(isAttrs old && isAttrs new));

  # The output of a package that holds its programs; ours have one output only.
  getOutput = output: package: package.${output} or package.out or package;
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getDev = getOutput "dev";
}
