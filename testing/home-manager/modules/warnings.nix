# Where a program of the table warns or refuses, and nothing else of it is modelled.
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (config) programs;
  inherit (config.home) stateVersion;
  inherit (lib.hm) table;

  unset = option: option.highestPrio >= (lib.mkOptionDefault null).priority;
  legacy = lib.versionOlder stateVersion;

  # What is warned of only while the release at hand has OPTION.
  about = option: warnings: lib.optionals (table.has option) warnings;

  forks = {
    vscodium = "programs.vscodium";
    code-cursor = "programs.cursor";
    cursor = "programs.cursor";
    windsurf = "programs.windsurf";
    kiro = "programs.kiro";
    antigravity = "programs.antigravity";
  };
  vscodePname = programs.vscode.package.pname or "";

  # modules/programs/vscode/default.nix, mkVscodeModule.nix
  vscode =
    let
      cfg = programs.vscode;
      others = removeAttrs cfg.profiles [ "default" ];
    in
    lib.optional (forks ? ${vscodePname} && options.programs.vscode.package.isDefined) ''
      programs.vscode.package is set to a known VSCode fork (pname: "${vscodePname}"),
      but programs.vscode now always writes to Visual Studio Code's paths
      (e.g. ~/.vscode, "Code/User"). Use ${forks.${vscodePname}} instead so that
      configuration is written to the fork's own paths.
    ''
    ++ lib.optional (cfg.enable && cfg.mutableExtensionsDir && others != { }) ''
      programs.vscode.mutableExtensionsDir can be used only if no profiles apart from default are set.'';

  # modules/programs/helix.nix
  helix = lib.optional (
    programs.helix.enable && lib.any lib.isList options.programs.helix.languages.definitions
  ) ''
    Using `programs.helix.languages` as a list is deprecated and will be
    removed in a future release. Please use `programs.helix.languages.language`
    instead.
  '';

  # modules/programs/firefox/default.nix
  firefox =
    lib.optional
      (programs.firefox.enable && legacy "26.05" && unset options.programs.firefox.configPath)
      ''
        The default value of `programs.firefox.configPath` has changed from `".mozilla/firefox"` to `"''${config.xdg.configHome}/mozilla/firefox"`.
        You are currently using the legacy default (`".mozilla/firefox"`) because `home.stateVersion` is less than "26.05".
      '';

  # modules/programs/mergiraf.nix
  mergiraf =
    lib.optional
      (
        programs.mergiraf.enable
        && programs.git.enable
        && legacy "26.05"
        && unset options.programs.mergiraf.enableGitIntegration
      )
      ''
        The default value of `programs.mergiraf.enableGitIntegration` will change in future versions.
        You are currently using the legacy default (true) because `home.stateVersion` is less than "26.05".
        To silence this warning set:
          programs.mergiraf.enableGitIntegration = true;
      '';

  # modules/i18n/input-method/default.nix
  inputMethod =
    lib.optional (config.i18n.inputMethod.enabled != null)
      "i18n.inputMethod.enabled will be removed in a future release. Please use .type, and .enable = true instead";

  # modules/config/home-cursor.nix
  pointers = options.home.pointerCursor.definitions;
  pointerCursor =
    lib.optional
      (
        lib.versionAtLeast lib.release "26.11"
        && options.home.pointerCursor.isDefined
        && config.home.pointerCursor != null
        && lib.any (pointer: pointer ? package || pointer ? name) pointers
        && !lib.any (pointer: pointer ? enable) pointers
      )
      ''
        Relying on `home.pointerCursor` to enable cursor config generation is deprecated.
        Please update your configuration to explicitly set:

          home.pointerCursor.enable = true;
      '';
in
{
  config.warnings = lib.concatLists [
    (about "programs.vscode.enable" vscode)
    (about "programs.helix.enable" helix)
    (about "programs.firefox.configPath" firefox)
    (about "programs.mergiraf.enable" mergiraf)
    (about "i18n.inputMethod.enabled" inputMethod)
    (about "home.pointerCursor" pointerCursor)
  ];

  # modules/misc/nix.nix: nix.conf cannot be checked without a nix. As a NixOS module the
  # package is that of the system, unless Nix is switched off there.
  config.assertions = lib.optionals (table.has "nix.package") [
    {
      assertion =
        config.nix.package != null || (config.nix.settings == { } && config.nix.extraOptions == "");
      message = ''
        A corresponding Nix package must be specified via `nix.package` for generating
        nix.conf.
      '';
    }
  ];
}
