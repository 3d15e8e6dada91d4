# Lists.
lib: rec {
  inherit (builtins)
    all
    any
    concatLists
    concatMap
    elem
    elemAt
    filter
    genList
    head
    isList
    length
    map
    partition
    sort
    tail
    ;

  # The builtin does not look at the first value.
  foldl' =
    f: first:
    builtins.seq first (builtins.foldl' f first);
  foldl =
    f: first: list:
    foldr (x: rest: acc: rest (f acc x)) lib.id list first;

  singleton = x: [ x ];
  toList = x: if isList x then x else [ x ];
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  range = from: to: genList (i: from + i) (lib.max 0 (to - from + 1));
  reverseList = list: genList (i: elemAt list (length list - i - 1)) (length list);
  imap0 = f: list: genList (i: f i (elemAt list i)) (length list);
  imap1 = f: list: genList (i: f (i + 1) (elemAt list i)) (length list);
  forEach = list: f: map f list;
  count = predicate: list: length (filter predicate list);
  remove = x: filter (y: x != y);
  subtractLists = unwanted: filter (x: !elem x unwanted);
  intersectLists = wanted: filter (x: elem x wanted);
  last =
    list:
    assert lib.assertMsg (list != [ ]) "lists.last: list must not be empty!";
    elemAt list (length list - 1);
  init =
    list:
    assert lib.assertMsg (list != [ ]) "lists.init: list must not be empty!";
    take (length list - 1) list;
  takeEnd = n: list: drop (lib.max 0 (length list - n)) list;
  dropEnd = n: list: take (lib.max 0 (length list - n)) list;
  replicate = n: x: genList (_: x) n;
  take = n: list: genList (elemAt list) (lib.min n (length list));
  drop = n: list: genList (i: elemAt list (n + i)) (lib.max 0 (length list - n));
  sublist =
    start: n: list:
    take n (drop start list);
  hasPrefix = prefix: list: take (length prefix) list == prefix;
  zipListsWith =
    f: as: bs:
    genList (i: f (elemAt as i) (elemAt bs i)) (lib.min (length as) (length bs));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  ifilter0 =
    predicate: list:
    map (elemAt list) (filter (i: predicate i (elemAt list i)) (genList lib.id (length list)));
  concatAttrValues = attrs: concatLists (builtins.attrValues attrs);
  flatten = x: if isList x then concatMap flatten x else [ x ];
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  uniqueStrings = list: builtins.attrNames (groupBy lib.id list);
  allUnique = list: length (unique list) == length list;
  sortOn =
    key: list:
    map (pair: pair.x) (
      sort (a: b: a.key < b.key) (
        map (x: {
          inherit x;
          key = key x;
        }) list
      )
    );
  compareLists =
    compare: a: b:
    let
      first = compare (head a) (head b);
    in
    if a == [ ] || b == [ ] then
      lib.compare (length a) (length b)
    else if first == 0 then
      compareLists compare (tail a) (tail b)
    else
      first;
  # Numbers inside of strings count as numbers.
  naturalSort =
    let
      parts =
        string:
        map (part: if isList part then lib.toInt (head part) else part) (
          builtins.split "(0|[1-9][0-9]*)" string
        );
      less = a: b: compareLists lib.compare a.key b.key < 0;
    in
    list:
    map (pair: pair.x) (
      sort less (
        map (x: {
          inherit x;
          key = parts x;
        }) list
      )
    );
  mutuallyExclusive = as: bs: !any (x: elem x bs) as;

  foldr =
    f: zero: list:
    let
      n = length list;
      from = i: if i == n then zero else f (elemAt list i) (from (i + 1));
    in
    from 0;
  fold = foldr;

  findFirst =
    predicate: default: list:
    let
      found = filter predicate list;
    in
    if found == [ ] then default else head found;

  findFirstIndex =
    predicate: default: list:
    let
      found = filter (i: predicate (elemAt list i)) (genList lib.id (length list));
    in
    if found == [ ] then default else head found;
  findSingle =
    predicate: none: several: list:
    let
      found = filter predicate list;
    in
    if found == [ ] then
      none
    else if length found > 1 then
      several
    else
      head found;

  groupBy = builtins.groupBy;
  groupBy' =
    f: first: key: list:
    lib.mapAttrs (_: foldl f first) (groupBy key list);

  removePrefix =
    prefix: list:
    if hasPrefix prefix list then
      drop (length prefix) list
    else
      throw "lib.lists.removePrefix: First argument is not a list prefix of the second argument";
  commonPrefix =
    a: b:
    let
      differs = zipListsWith (x: y: x != y) a b;
    in
    take (findFirstIndex lib.id (length differs) differs) a;
  replaceElemAt =
    list: at: x:
    assert lib.assertMsg (
      at >= 0 && at < length list
    ) "'lists.replaceElemAt' called with index ${toString at} on a list of size ${toString (length list)}";
    imap0 (i: old: if i == at then x else old) list;

  # What lies before the first of LIST by BEFORE, or the cycle that it is in.
  listDfs =
    stopOnCycles: before: list:
    let
      walk =
        here: visited: rest:
        let
          loops = filter (x: before x here) visited;
          nearer = partition (x: before x here) rest;
        in
        if stopOnCycles && loops != [ ] then
          {
            cycle = here;
            inherit loops visited rest;
          }
        else if nearer.right == [ ] then
          {
            minimal = here;
            inherit visited rest;
          }
        else
          walk (head nearer.right) ([ here ] ++ visited) (tail nearer.right ++ nearer.wrong);
    in
    walk (head list) [ ] (tail list);

  # LIST so that what is BEFORE another comes first.
  toposort =
    before: list:
    let
      first = listDfs true before list;
      others = toposort before (first.visited ++ first.rest);
    in
    if length list < 2 then
      { result = list; }
    else if first ? cycle then
      {
        cycle = reverseList ([ first.cycle ] ++ first.visited);
        inherit (first) loops;
      }
    else if others ? cycle then
      others
    else
      { result = [ first.minimal ] ++ others.result; };
}
