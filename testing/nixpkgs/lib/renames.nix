# Options that have another name now, or none. They are declared, but invisible.
lib:
let
  # FROM as another name of TO: what is set there is set here, with its priority.
  alias =
    {
      from,
      to,
      onUse ? lib.id,
      warning ? null,
    }:
    { config, options, ... }:
    let
      old = lib.getAttrFromPath from options;
      new = lib.attrByPath to { } options;
      definitions = lib.mkMerge (map (lib.mkOverride old.highestPrio) old.definitions);
    in
    {
      options = lib.setAttrByPath from (
        lib.mkOption {
          # The new name may be a place inside an option, which has no type of its own.
          type = new.type or lib.types.unspecified;
          visible = false;
          description = "Alias of ${lib.showOption to}.";
          apply = _: onUse (lib.getAttrFromPath to config);
        }
      );
      config = lib.mkMerge [
        (lib.mkIf old.isDefined (lib.setAttrByPath to definitions))
        (lib.optionalAttrs (warning != null && options ? warnings) {
          warnings = lib.optional old.isDefined (warning old.files);
        })
      ];
    };
in
{
  mkRenamedOptionModule =
    from: to:
    alias {
      inherit from to;
      onUse = lib.warn "Obsolete option `${lib.showOption from}' is used. It was renamed to `${lib.showOption to}'.";
      warning =
        files:
        "The option `${lib.showOption from}' defined in ${lib.showFiles files} has been renamed to `${lib.showOption to}'.";
    };

  mkAliasOptionModule = from: to: alias { inherit from to; };

  mkRemovedOptionModule =
    path: instructions:
    { options, ... }:
    let
      old = lib.getAttrFromPath path options;
    in
    {
      options = lib.setAttrByPath path (
        lib.mkOption {
          visible = false;
          description = "Removed.";
          apply =
            _:
            throw "The option `${lib.showOption path}' can no longer be used since it's been removed. ${instructions}";
        }
      );
      config = lib.optionalAttrs (options ? assertions) {
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

  # The definitions of OPTION, as one more definition elsewhere.
  mkAliasDefinitions = option: lib.mkIf option.isDefined (lib.mkMerge option.definitions);
  mkDerivedConfig =
    option: f: lib.mkIf option.isDefined (lib.mkOverride option.highestPrio (f option.value));
}
