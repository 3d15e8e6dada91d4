# What the modules of a home see as `lib`: that of nixpkgs, and Home Manager's own functions
# as `lib.hm` (home-manager: modules/lib/).
lib:
let
  inherit (lib) dag;

  # Names of DAG after their dependencies, or null where they go round in a circle.
  sorted =
    entries:
    let
      names = lib.attrNames entries;
      after = lib.mapAttrs (
        name: entry: entry.after ++ lib.filter (other: lib.elem name entries.${other}.before) names
      ) entries;
      isReady = todo: name: !lib.any (other: lib.elem other todo) after.${name};
      go =
        done: todo:
        let
          next = lib.findFirst (isReady todo) null todo;
        in
        if todo == [ ] then
          done
        else if next == null then
          null
        else
          go (done ++ [ next ]) (lib.remove next todo);
    in
    go [ ] names;

  shellValue = value: if lib.isBool value then lib.boolToString value else toString value;

  zshValue =
    value:
    if lib.isBool value then
      lib.boolToString value
    else if lib.isList value then
      "(${lib.concatMapStringsSep " " (word: lib.escapeShellArg (toString word)) value})"
    else
      ''"${lib.escape [ "\\" ''"'' "`" ] (toString value)}"'';
in
lib
// {
  hm = {
    # Not of Home Manager: what the table knows.
    table = import ./table.nix lib;

    dag = dag // {
      inherit sorted;
      # A plain string is an entry that may stand anywhere.
      entry = value: if lib.isString value then dag.entryAnywhere value else value;
    };

    shell = rec {
      export = name: value: ''export ${name}="${shellValue value}"'';
      exportAll =
        variables:
        lib.concatStringsSep "\n" (
          lib.mapAttrsToList export (lib.filterAttrs (_: value: value != null) variables)
        );
      prependToVar =
        separator: name: values:
        "${lib.concatStringsSep separator values}\${${name}:+${separator}}\$${name}";
      aliases =
        lib.mapAttrsToList (name: value: "alias -- ${name}=${lib.escapeShellArg value}");
    };

    zsh = rec {
      define = name: value: "${name}=${zshValue value}";
      export = name: value: "export ${define name value}";
    };

    strings.storeFileName =
      path:
      "hm_"
      + lib.concatStrings (
        lib.filter lib.isString (builtins.split "[^a-zA-Z0-9+._?=]" path)
      );

    # A default that depends on home.stateVersion. Below SINCE it is LEGACY, with a warning
    # (modules/lib/deprecations.nix).
    stateVersionDefault =
      {
        config,
        since,
        option,
        legacy,
        current,
      }:
      let
        show = lib.generators.toPretty { };
      in
      if lib.versionAtLeast config.home.stateVersion since || legacy == current then
        current
      else
        lib.warn ''
          The default value of `${option}` has changed from `${show legacy}` to `${show current}`.
          You are currently using the legacy default (`${show legacy}`) because `home.stateVersion` is less than "${since}".
          To silence this warning and keep legacy behavior, set:
            ${option} = ${show legacy};
          To adopt the new default behavior, set:
            ${option} = ${show current};
        '' legacy;
  };
}
