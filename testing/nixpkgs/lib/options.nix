# Options: declaring them, merging definitions that must agree, and showing both.
lib:
let
  # Names in option paths that stand for something else than themselves.
  placeholders = [
    "<name>"
    "*"
    "<function body>"
  ];

  prioritySuggestion = "\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.";
in
rec {
  isOption = x: x._type or null == "option";
  mkOption = attrs: attrs // { _type = "option"; };

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
      pkgsText ? "pkgs",
      ...
    }:
    let
      path = lib.toList default;
    in
    mkOption (
      {
        type = (if nullable then lib.types.nullOr else lib.id) lib.types.package;
        description = "The ${lib.last (lib.toList name)} package to use.";
      }
      // lib.optionalAttrs (default != null) {
        default = lib.getAttrFromPath path pkgs;
        defaultText = literalExpression "${pkgsText}.${lib.concatStringsSep "." path}";
      }
    );

  literalExpression = text: {
    _type = "literalExpression";
    inherit text;
  };
  literalMD = text: {
    _type = "literalMD";
    inherit text;
  };
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
      merge ? null,
    }:
    loc: defs:
    if lib.length defs != 1 then
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs defs}${prioritySuggestion}"
    else if merge == null then
      (lib.head defs).value
    else
      merge loc defs;

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
      x: mergeDefaultOption loc (map (def: def // { value = def.value x; }) defs)
    else if lib.all lib.isList values then
      lib.concatLists values
    else if lib.all lib.isAttrs values then
      lib.mergeAttrsList values
    else if lib.all lib.isBool values then
      lib.any lib.id values
    else if lib.all lib.isString values then
      lib.concatStrings values
    else
      throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs defs}";

  getValues = map (def: def.value);
  getFiles = map (def: def.file);

  showOption = lib.concatMapStringsSep "." (
    name: if lib.elem name placeholders then name else lib.escapeNixIdentifier name
  );

  showFiles = lib.concatMapStringsSep " and " (file: "`${toString file}'");

  # A value that cannot be evaluated is left out: the definition itself is worth telling.
  showDefs = lib.concatMapStrings (
    def:
    let
      shown = builtins.tryEval (lib.generators.toPretty { depthLimit = 10; } def.value);
      lines = lib.splitString "\n" shown.value;
      short = lib.take 5 lines ++ lib.optional (lib.length lines > 5) "...";
      text =
        if !shown.success then
          ""
        else if lib.length lines == 1 then
          ": ${shown.value}"
        else
          ":\n    " + lib.concatStringsSep "\n    " short;
    in
    "\n- In `${toString def.file}'${text}"
  );
}
