# What is said of a definition without an option.
lib:
let
  inherit (lib.strings) levenshtein levenshteinAtMost;

  # The names of NAMES that look most like NAME. Of many, only those very near are looked at.
  alike =
    name: names:
    let
      near =
        if lib.length names < 100 then names else lib.filter (levenshteinAtMost 2 name) names;
    in
    lib.take 3 (lib.sortOn (levenshtein name) near);

  didYouMean =
    candidates:
    let
      shown = map (path: "`${lib.showOption path}'") candidates;
    in
    if candidates == [ ] then
      ""
    else if lib.length candidates == 1 then
      "\n\nDid you mean ${lib.head shown}?"
    else
      "\n\nDid you mean ${lib.concatStringsSep ", " (lib.init shown)} or ${lib.last shown}?";
in
{
  strayMessage =
    prefix: options: def:
    let
      parent = lib.init def.path;
      siblings = lib.attrNames (lib.attrByPath parent { } options);
      names = if parent == [ ] then lib.remove "_module" siblings else siblings;
      candidates = map (name: prefix ++ parent ++ [ name ]) (alike (lib.last def.path) names);
      message =
        "The option `${lib.showOption (prefix ++ def.path)}' does not exist. Definition values:"
        + lib.options.showDefs [ def ]
        + didYouMean candidates;
    in
    if lib.attrNames options != [ "_module" ] then
      message
    else if prefix == [ ] then
      ''
        ${message}

        It seems as if you're trying to declare an option by placing it into `config' rather than `options'!
      ''
    else
      ''
        ${message}

        However there are no options defined in `${lib.showOption prefix}'. Are you sure you've
        declared your options properly? This can happen if you e.g. declared your options in `types.submodule'
        under `config' rather than `options'.
      '';
}
