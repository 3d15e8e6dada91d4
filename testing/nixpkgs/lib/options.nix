# Options: declaring them, merging definitions that must agree, and showing both.
lib:
let
  prioritySuggestion = "\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.\n";

  literal =
    kind: name: text:
    if !lib.isString text then
      throw "${name} expects a string."
    else
      {
        _type = kind;
        inherit text;
      };
in
rec {
  isOption = x: x._type or null == "option";
  unknownModule = "<unknown-file>";

  # The names of its arguments are all that an option may be said to have.
  mkOption =
    {
      apply ? null,
      default ? null,
      defaultText ? null,
      description ? null,
      example ? null,
      internal ? null,
      readOnly ? null,
      relatedPackages ? null,
      type ? null,
      visible ? null,
    }@attrs:
    attrs // { _type = "option"; };

  mkEnableOption =
    name:
    mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = "Whether to enable ${name}.";
    };

  mkPackageOption =
    pkgs: name:
    {
      nullable ? false,
      default ? name,
      example ? null,
      extraDescription ? "",
      pkgsText ? "pkgs",
    }:
    let
      path = lib.toList default;
      text = lib.showAttrPath path;
      missing = throw "${text} cannot be found in ${pkgsText}";
    in
    mkOption (
      {
        type = (if nullable then lib.types.nullOr else lib.id) lib.types.package;
        description =
          "The ${lib.last (lib.toList name)} package to use."
          + lib.optionalString (extraDescription != "") " ${extraDescription}";
      }
      // lib.optionalAttrs (default == null && nullable) { default = null; }
      // lib.optionalAttrs (default != null) {
        default = lib.attrByPath path missing pkgs;
        defaultText = literalExpression "${pkgsText}.${text}";
      }
      // lib.optionalAttrs (example != null) {
        example = literalExpression (
          if lib.isList example then "${pkgsText}.${lib.showAttrPath example}" else example
        );
      }
    );

  literalExpression = literal "literalExpression" "literalExpression";
  literalMD = literal "literalMD" "literalMD";
  literalCode = language: text: literalMD "```${language}\n${text}\n```\n";
  mdDoc = lib.id;

  # One definition, or several that are the same.
  mergeEqualOption =
    loc: defs:
    let
      first = lib.head defs;
      other = lib.findFirst (def: def.value != first.value) null defs;
    in
    if other == null then
      first.value
    else
      throw "The option `${showOption loc}' has conflicting definition values:${
        showDefs [
          first
          other
        ]
      }${prioritySuggestion}";

  mergeUniqueOption =
    {
      message,
      merge ? _loc: defs: (lib.head defs).value,
    }:
    loc: defs:
    if lib.length defs == 1 then
      merge loc defs
    else
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs defs}${prioritySuggestion}";

  mergeOneOption = mergeUniqueOption { message = ""; };

  # For values of no known type: containers are joined, all else must be given once.
  mergeDefaultOption =
    loc: defs:
    let
      values = getValues defs;
    in
    if lib.length values == 1 then
      lib.head values
    else if lib.all lib.isFunction values then
      x: mergeDefaultOption loc (map (f: f x) values)
    else if lib.all lib.isList values then
      lib.concatLists values
    else if lib.all lib.isAttrs values then
      lib.mergeAttrsList values
    else if lib.all lib.isBool values then
      lib.any lib.id values
    else if lib.all lib.isString values then
      lib.concatStrings values
    else if lib.all lib.isInt values && lib.all (x: x == lib.head values) values then
      lib.head values
    else
      throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs defs}";

  getValues = map (def: def.value);
  getFiles = map (def: def.file);

  # Some names stand for something else than themselves: `<name>`, `*`.
  showOption = lib.concatMapStringsSep "." (
    name:
    if name == "*" || lib.match "<(.*)>" name != null then name else lib.strings.escapeNixIdentifier name
  );

  showFiles = lib.concatMapStringsSep " and " (file: "`${toString file}'");

  # A value that cannot be evaluated is left out: the definition itself is worth telling.
  showDefs =
    let
      shallow = lib.generators.withRecursion {
        depthLimit = 10;
        throwOnDepthLimit = false;
      };
      textOf =
        value:
        let
          shown = builtins.tryEval (lib.generators.toPretty { } (shallow value));
          lines = lib.splitString "\n" shown.value;
          short = lib.take 5 lines ++ lib.optional (lib.length lines > 5) "...";
        in
        if !shown.success then
          ""
        else if lib.length lines == 1 then
          ": ${shown.value}"
        else
          ":\n    " + lib.concatStringsSep "\n    " short;
    in
    lib.concatMapStrings (def: "\n- In `${toString def.file}'${textOf def.value}");

  showOptionWithDefLocs = option: ''
    ${showOption option.loc}, with values defined in:
    ${lib.concatMapStringsSep "\n" (file: "  - ${file}") option.files}
  '';
}
