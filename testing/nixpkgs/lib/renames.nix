# Options that have another name now, or none. They are declared, but invisible.
lib:
let
  unset = "_mkMergedOptionModule";

  removed =
    isTold: path: instructions:
    { options, ... }:
    let
      old = lib.getAttrFromPath path options;
    in
    {
      options = lib.setAttrByPath path (
        lib.mkOption {
          visible = false;
          apply =
            _:
            throw "The option `${lib.showOption path}' can no longer be used since it's been removed. ${instructions}";
        }
      );
      config = lib.optionalAttrs (isTold options) {
        assertions = [
          {
            assertion = !old.isDefined;
            message = ''
              The option definition `${lib.showOption path}' in ${lib.showFiles old.files} no longer has any effect; please remove it.
              ${instructions}
            '';
          }
        ];
      };
    };
in
rec {
  # FROM as another name of TO: what is set there is set here, with its priority. USE is
  # applied to the value that is read by the old name, WARN tells who set it.
  doRename =
    {
      from,
      to,
      visible,
      warn,
      use,
      withPriority ? true,
      condition ? true,
    }:
    { config, options, ... }:
    let
      old = lib.getAttrFromPath from options;
      # The new name may be a place inside an option, which has no type of its own.
      type = (lib.attrByPath to { } options).type or (lib.types.submodule { });
      missing = abort "Renaming error: option `${lib.showOption to}' does not exist.";
      forward =
        if withPriority then lib.modules.mkAliasAndWrapDefsWithPriority else lib.mkAliasAndWrapDefinitions;
    in
    {
      options = lib.setAttrByPath from (
        lib.mkOption (
          {
            inherit visible;
            description = "Alias of {option}`${lib.showOption to}`.";
            apply = _: use (lib.attrByPath to missing config);
          }
          // lib.optionalAttrs (type != null) { inherit type; }
        )
      );
      config = lib.mkIf condition (
        lib.mkMerge [
          (lib.optionalAttrs (options ? warnings) {
            warnings = lib.optional (
              warn && old.isDefined
            ) "The option `${lib.showOption from}' defined in ${lib.showFiles old.files} has been renamed to `${lib.showOption to}'.";
          })
          (forward (lib.setAttrByPath to) old)
        ]
      );
    };

  mkRenamedOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = false;
      warn = true;
      use = builtins.trace "Obsolete option `${lib.showOption from}' is used. It was renamed to `${lib.showOption to}'.";
    };

  # Tells nothing until all supported releases know the new name.
  mkRenamedOptionModuleWith =
    {
      from,
      to,
      sinceRelease,
    }:
    let
      warn = lib.oldestSupportedReleaseIsAtLeast sinceRelease;
    in
    doRename {
      inherit from to warn;
      visible = false;
      use = lib.warnIf warn "Obsolete option `${lib.showOption from}' is used. It was renamed to `${lib.showOption to}'.";
    };

  mkAliasOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = true;
      warn = false;
      use = lib.id;
    };

  mkRemovedOptionModule = removed (_: true);

  # The same where there may be no assertions: then nobody is told.
  mkSoftlyRemovedOptionModule = removed (options: options ? assertions);

  # Several options FROM that became one of another type, TO: MERGE makes its value.
  mkMergedOptionModule =
    from: to: merge:
    { config, options, ... }:
    let
      isSet = path: lib.getAttrFromPath path config != unset;
      files = path: lib.showFiles (lib.getAttrFromPath path options).files;
      warning =
        path:
        "The option `${lib.showOption path}' defined in ${files path} has been changed to `${lib.showOption to}' that has a different type. Please read `${lib.showOption to}' documentation and update your configuration accordingly.";
      old = lib.mkOption {
        visible = false;
        default = unset;
      };
    in
    {
      options = lib.foldl' lib.recursiveUpdate { } (map (path: lib.setAttrByPath path old) from);
      config = {
        warnings = map warning (lib.filter isSet from);
      }
      // lib.setAttrByPath to (lib.mkMerge (lib.optional (lib.any isSet from) (merge config)));
    };

  mkChangedOptionModule = from: mkMergedOptionModule [ from ];
}
