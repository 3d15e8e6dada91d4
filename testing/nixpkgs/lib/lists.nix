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
    foldl'
    genList
    head
    isList
    length
    partition
    sort
    tail
    ;

  singleton = x: [ x ];
  toList = x: if isList x then x else [ x ];
  optional = condition: x: if condition then [ x ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  range = from: to: genList (i: from + i) (lib.max 0 (to - from + 1));
  reverseList = lib.trivial.reverse;
  imap0 = f: list: genList (i: f i (elemAt list i)) (length list);
  imap1 = f: list: genList (i: f (i + 1) (elemAt list i)) (length list);
  forEach = list: f: map f list;
  count = predicate: list: length (filter predicate list);
  remove = x: filter (y: x != y);
  subtractLists = unwanted: filter (x: !elem x unwanted);
  intersectLists = wanted: filter (x: elem x wanted);
  last = list: elemAt list (length list - 1);
  init = list: genList (elemAt list) (length list - 1);
  take = n: list: genList (elemAt list) (lib.min n (length list));
  drop = n: list: genList (i: elemAt list (n + i)) (lib.max 0 (length list - n));
  sublist =
    start: n: list:
    take n (drop start list);
  hasPrefix = prefix: list: take (length prefix) list == prefix;
  zipListsWith =
    f: as: bs:
    genList (i: f (elemAt as i) (elemAt bs i)) (lib.min (length as) (length bs));
  flatten = x: if isList x then concatMap flatten x else [ x ];
  unique = foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ];
  sortOn = key: sort (a: b: key a < key b);
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

  groupBy = builtins.groupBy;
}
