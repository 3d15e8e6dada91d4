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
  mapCartesianProduct = f: attrs: map f (cartesianProduct attrs);
  # One set for each choice of an element of every list.
  cartesianProduct =
    attrs:
    lib.foldl' (
      sets: name: lib.concatMap (set: map (x: set // { ${name} = x; }) attrs.${name}) sets
    ) [ { } ] (attrNames attrs);
  filterAttrsRecursive =
    predicate: attrs:
    mapAttrs (_: value: if isAttrs value then filterAttrsRecursive predicate value else value) (
      filterAttrs predicate attrs
    );
  foldAttrs =
    f: first: list:
    mapAttrs (_: lib.foldr f first) (zipAttrs list);
  overrideExisting = old: new: mapAttrs (name: value: new.${name} or value) old;
  matchAttrs =
    pattern: attrs:
    lib.all (
      name:
      attrs ? ${name}
      && (
        if isAttrs pattern.${name} then
          isAttrs attrs.${name} && matchAttrs pattern.${name} attrs.${name}
        else
          pattern.${name} == attrs.${name}
      )
    ) (attrNames pattern);
  unionOfDisjoint =
    a: b:
    let
      both = intersectAttrs a b;
      names = lib.concatStringsSep " " (attrNames both);
    in
    a
    // b
    // mapAttrs (
      name: _: throw "unionOfDisjoint: collision on ${name}; complete list: ${names}"
    ) both;
  recurseIntoAttrs = attrs: attrs // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = attrs: attrs // { recurseForDerivations = false; };

  zipAttrsWithNames =
    names: f: sets:
    genAttrs names (name: f name (catAttrs name sets));
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
    path: attrByPath path (abort "cannot find attribute '${lib.concatStringsSep "." path}'");

  longestValidPathPrefix =
    path: attrs:
    let
      walk =
        n: value:
        if n == lib.length path then
          path
        else
          let
            name = lib.elemAt path n;
          in
          if value ? ${name} then walk (n + 1) value.${name} else lib.take n path;
    in
    walk 0 attrs;

  showAttrPath =
    path:
    if path == [ ] then
      "<root attribute path>"
    else
      lib.concatMapStringsSep "." lib.strings.escapeNixIdentifier path;

  # VALUE changed by { path, update } each; what lies deeper is changed first.
  updateManyAttrsByPath =
    let
      none = path: throw "updateManyAttrsByPath: Path '${lib.showAttrPath path}' does not exist in the given value, but the first update to this path tries to access the existing value.";
      notASet =
        path: depth:
        throw "updateManyAttrsByPath: Path '${lib.showAttrPath path}' needs to be updated, but path '${lib.showAttrPath (lib.take depth path)}' of the given value is not an attribute set, so we can't update an attribute inside of it.";
      go =
        depth: exists: value: updates:
        let
          split = lib.partition (update: lib.length update.path == depth) updates;
          below = lib.groupBy (update: lib.elemAt update.path depth) split.wrong;
          attrs = lib.optionalAttrs exists value;
          inner =
            if split.wrong == [ ] then
              if exists then value else none (lib.head split.right).path
            else if exists && !isAttrs value then
              notASet (lib.head split.wrong).path depth
            else
              attrs
              // mapAttrs (name: go (depth + 1) (attrs ? ${name}) (attrs.${name} or null)) below;
        in
        lib.foldl (value: update: update.update value) inner split.right;
    in
    updates: value: go 0 true value updates;

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
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  mapAttrsToListRecursiveCond =
    descend: f:
    let
      walk =
        path: attrs:
        lib.concatMap (
          name:
          let
            here = path ++ [ name ];
            value = attrs.${name};
          in
          if isAttrs value && descend here value then walk here value else [ (f here value) ]
        ) (attrNames attrs);
    in
    walk [ ];
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

  # A store path as something that is like a derivation.
  toDerivation =
    path:
    let
      outPath = builtins.storePath path;
      made = {
        type = "derivation";
        name = lib.strings.sanitizeDerivationName (builtins.substring 33 (-1) (baseNameOf outPath));
        inherit outPath;
        outputs = [ "out" ];
        out = made;
        outputName = "out";
      };
    in
    made;

  # The output of a package that holds its programs; ours have one output only.
  getOutput =
    output: package:
    if package.outputSpecified or false then
      package
    else
      package.${output} or package.out or package;
  getFirstOutput =
    candidates: package:
    let
      found = lib.filter (name: package ? ${name}) candidates;
    in
    if package.outputSpecified or false || found == [ ] then
      package
    else
      package.${lib.head found};
  getBin = getOutput "bin";
  getLib = getOutput "lib";
  getDev = getOutput "dev";
  getMan = getOutput "man";
  getStatic = getFirstOutput [
    "static"
    "lib"
    "out"
  ];
  getInclude = getFirstOutput [
    "include"
    "dev"
    "out"
  ];
  chooseDevOutputs = map getDev;
}
