# bat (home-manager: modules/programs/bat.nix).
{
  config,
  lib,
  ...
}:
let
  cfg = config.programs.bat;

  line = name: value: "--${name}=${lib.escapeShellArg value}";
  lines =
    name: value:
    if lib.isBool value then
      lib.optional value "--${name}"
    else
      map (line name) (lib.toList value);

  fileOf =
    folder: suffix: name: value:
    lib.nameValuePair "bat/${folder}/${name}.${suffix}" (
      if lib.isString value then
        { text = value; }
      else
        { source = if value.file == null then "${value.src}" else "${value.src}/${value.file}"; }
    );

  deprecated = option: ''
    Using programs.bat.${option} as a string option is deprecated and will be
    removed in the future. Please change to using it as an attribute set
    instead.
  '';
  asText = option: lib.any lib.isString (lib.attrValues cfg.${option});
in
{
  config = lib.mkIf cfg.enable {
    warnings = map deprecated (
      lib.filter asText [
        "themes"
        "syntaxes"
      ]
    );

    home.packages = [ cfg.package ] ++ cfg.extraPackages;
    home.activation.batCache = lib.hm.dag.entryAfter [ "linkGeneration" ] "";

    xdg.configFile = lib.mkMerge [
      (lib.mkIf (cfg.config != { }) {
        "bat/config".text = lib.concatLines (lib.concatLists (lib.mapAttrsToList lines cfg.config));
      })
      (lib.mapAttrs' (fileOf "themes" "tmTheme") cfg.themes)
      (lib.mapAttrs' (fileOf "syntaxes" "sublime-syntax") cfg.syntaxes)
    ];
  };
}
