# Zsh: the files it reads, in its folder. What goes to .zshrc is ordered, so that completion,
# plugins and prompts find each other (home-manager: modules/programs/zsh/).
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  cfg = config.programs.zsh;
  inherit (lib.hm) shell zsh;

  home = lib.removeSuffix "/" config.home.homeDirectory;
  folder = lib.removeSuffix "/" cfg.dotDir;
  absolute = if lib.hasPrefix "/" folder then folder else "${home}/${folder}";
  below =
    if absolute == home then
      "."
    else if lib.hasPrefix "${home}/" absolute then
      lib.removePrefix "${home}/" absolute
    else
      throw ''
        Attempted to convert an absolute path not within home directory to a
        home-relative path.
        Conversion attempted on:
          ${folder}
        ...which does not start with:
          ${home}
      '';
  file = name: "${below}/${name}";

  session = ''
    # Environment variables
    . "${config.home.sessionVariablesPackage}/etc/profile.d/hm-session-vars.sh"

    # Only source this once
    if [[ -z "''${__HM_ZSH_SESS_VARS_SOURCED-}" ]]; then
      export __HM_ZSH_SESS_VARS_SOURCED=1
      ${shell.exportAll cfg.sessionVariables}
    fi
  '';

  # 26.11 leaves login shells to .zprofile.
  profileToo = lib.versionAtLeast lib.release "26.11";

  aliases = lib.concatStringsSep "\n" (
    shell.aliases cfg.shellAliases
    ++ lib.mapAttrsToList (
      name: value: "alias -g -- ${lib.escapeShellArg name}=${lib.escapeShellArg value}"
    ) cfg.shellGlobalAliases
  );

  assign =
    array:
    lib.mapAttrsToList (
      name: value: "${array}[${lib.escapeShellArg name}]=${lib.escapeShellArg value}"
    );

  setOptions = {
    APPEND_HISTORY = cfg.history.append;
    HIST_IGNORE_DUPS = cfg.history.ignoreDups;
    HIST_IGNORE_ALL_DUPS = cfg.history.ignoreAllDups;
    HIST_SAVE_NO_DUPS = cfg.history.saveNoDups;
    HIST_FIND_NO_DUPS = cfg.history.findNoDups;
    HIST_IGNORE_SPACE = cfg.history.ignoreSpace;
    HIST_EXPIRE_DUPS_FIRST = cfg.history.expireDuplicatesFirst;
    SHARE_HISTORY = cfg.history.share;
    EXTENDED_HISTORY = cfg.history.extended;
  }
  // lib.optionalAttrs (cfg.autocd != null) { inherit (cfg) autocd; };

  history =
    let
      path = lib.removeSuffix "/" cfg.history.path;
      full = if lib.hasInfix "$" path || lib.hasPrefix "/" path then path else "${home}/${path}";
    in
    ''
      # History options should be set in .zshrc and after oh-my-zsh sourcing.
      HISTSIZE="${toString cfg.history.size}"
      SAVEHIST="${toString cfg.history.save}"
    ''
    + lib.optionalString (cfg.history.ignorePatterns != [ ]) ''
      HISTORY_IGNORE=${lib.escapeShellArg "(${lib.concatStringsSep "|" cfg.history.ignorePatterns})"}
    ''
    + ''
      HISTFILE="${full}"
      mkdir -p "$(dirname "$HISTFILE")"
    '';

  suggestions = ''
    source ${pkgs.zsh-autosuggestions}/share/zsh-autosuggestions/zsh-autosuggestions.zsh
  ''
  + lib.optionalString (cfg.autosuggestion.strategy != [ ]) ''
    ZSH_AUTOSUGGEST_STRATEGY=(${lib.concatStringsSep " " cfg.autosuggestion.strategy})
  ''
  + lib.optionalString (cfg.autosuggestion.highlight != null) ''
    ZSH_AUTOSUGGEST_HIGHLIGHT_STYLE="${cfg.autosuggestion.highlight}"
  '';

  highlighting =
    let
      inherit (cfg.syntaxHighlighting)
        highlighters
        package
        patterns
        styles
        ;
    in
    lib.concatLines (
      [
        "source ${package}/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh"
        "ZSH_HIGHLIGHT_HIGHLIGHTERS=(${lib.escapeShellArgs highlighters})"
      ]
      ++ assign "ZSH_HIGHLIGHT_STYLES" styles
      ++ lib.mapAttrsToList (
        name: value: "ZSH_HIGHLIGHT_PATTERNS+=(${lib.escapeShellArgs [ name value ]})"
      ) patterns
    );

  keymaps = {
    emacs = "bindkey -e";
    viins = "bindkey -v";
    vicmd = "bindkey -a";
  };

  # The names of before 25.05 are there, undocumented, and warn where they are used.
  legacy =
    name: instead:
    lib.mkOption (
      {
        apply =
          text:
          lib.warnIf (text != "")
            "`programs.zsh.${name}` is deprecated, use `programs.zsh.initContent`${instead} instead."
            text;
      }
      // lib.optionalAttrs (!table.has "programs.zsh.${name}") {
        type = lib.types.lines;
        default = "";
        visible = false;
        description = "What initContent has now.";
      }
    );
  inherit (lib.hm) table;
in
{
  options.programs.zsh = {
    history = lib.mkOption {
      type = lib.types.submodule (
        { config, ... }:
        {
          options = {
            path = lib.mkOption { default = "${absolute}/.zsh_history"; };
            save = lib.mkOption { default = config.size; };
          };
        }
      );
    };
    syntaxHighlighting = lib.mkOption {
      type = lib.types.submodule {
        options = {
          highlighters = lib.mkOption { default = [ ]; };
          package = lib.mkOption { default = pkgs.zsh-syntax-highlighting; };
        };
      };
    };
    initExtra = legacy "initExtra" "";
    initExtraFirst = legacy "initExtraFirst" " with `lib.mkBefore`";
    initExtraBeforeCompInit = legacy "initExtraBeforeCompInit" " with `lib.mkOrder 550`";
  };

  config = lib.mkMerge [
    {
      programs.zsh.initContent = lib.mkMerge [
        (lib.mkIf (cfg.initExtraFirst != "") (lib.mkBefore cfg.initExtraFirst))
        (lib.mkIf (cfg.initExtraBeforeCompInit != "") (lib.mkOrder 550 cfg.initExtraBeforeCompInit))
        (lib.mkIf (cfg.initExtra != "") cfg.initExtra)
      ];

      # Also with zsh switched off.
      warnings =
        lib.optional (!lib.hasPrefix "/" cfg.history.path && !lib.hasInfix "$" cfg.history.path)
          ''
            Using relative paths in programs.zsh.history.path is deprecated and will be removed in a future release.
            Current history.path: ${cfg.history.path}
          '';
    }

    (lib.mkIf cfg.enable {
      assertions = [
        {
          assertion = !lib.hasInfix "$" cfg.dotDir;
          message = ''
            programs.zsh.dotDir cannot contain shell variables as it is used for file creation at build time.
            Current dotDir: ${cfg.dotDir}
          '';
        }
        {
          assertion =
            cfg.syntaxHighlighting.enable -> !cfg.fastSyntaxHighlighting.enable or false;
          message = "Only one Zsh syntax highlighter can be enabled at a time.";
        }
      ];
      warnings =
        lib.optional
          (cfg.dotDir != home && !lib.hasPrefix "/" cfg.dotDir && !lib.hasInfix "$" cfg.dotDir)
          ''
            Using relative paths in programs.zsh.dotDir is deprecated and will be removed in a future release.
            Current dotDir: ${cfg.dotDir}
          ''
        ++
          lib.optional
            (
              config.xdg.enable
              && lib.versionOlder config.home.stateVersion "26.05"
              && options.programs.zsh.dotDir.highestPrio >= (lib.mkOptionDefault null).priority
            )
            ''
              The default value of `programs.zsh.dotDir` will change in future versions.
              You are currently using the legacy default (home directory) because `home.stateVersion` is less than "26.05".
            '';

      home.packages = [ cfg.package ];

      home.file = lib.mkMerge [
        {
          ${file ".zshrc"}.text = cfg.initContent;
          ${file ".zshenv"}.text =
            if profileToo then "if [[ ! -o login ]]; then\n${session}fi\n" else session;
        }
        (lib.mkIf (absolute != home) {
          ${file ".zshenv"}.text = zsh.export "ZDOTDIR" absolute + "\n";
          ".zshenv".text = "source ${lib.escapeShellArg "${absolute}/.zshenv"}\n";
        })
        (lib.mkIf (cfg.envExtra != "") { ${file ".zshenv"}.text = cfg.envExtra; })
        (lib.mkIf profileToo { ${file ".zprofile"}.text = session; })
        (lib.mkIf (cfg.profileExtra != "") { ${file ".zprofile"}.text = cfg.profileExtra; })
        (lib.mkIf (cfg.loginExtra != "") { ${file ".zlogin"}.text = cfg.loginExtra; })
        (lib.mkIf (cfg.logoutExtra != "") { ${file ".zlogout"}.text = cfg.logoutExtra; })
      ];

      programs.zsh = {
        # What a user lists is added to this one.
        syntaxHighlighting.highlighters = lib.mkIf cfg.syntaxHighlighting.enable [ "main" ];

        setOptions = [
          "HIST_FCNTL_LOCK"
        ]
        ++ lib.attrNames (lib.filterAttrs (_: on: on) setOptions)
        ++ map (name: "NO_${name}") (lib.attrNames (lib.filterAttrs (_: on: !on) setOptions));

        initContent = lib.mkMerge [
          (lib.mkOrder 510 "typeset -U path cdpath fpath manpath")
          (lib.mkIf (cfg.cdpath != [ ]) (
            lib.mkOrder 510 "cdpath+=(${toString (map (path: ''"${path}"'') cfg.cdpath)})"
          ))
          (lib.mkOrder 520 ''
            for profile in ''${(z)NIX_PROFILES}; do
              fpath+=($profile/share/zsh/site-functions $profile/share/zsh/$ZSH_VERSION/functions $profile/share/zsh/vendor-completions)
            done

            HELPDIR="${cfg.package}/share/zsh/$ZSH_VERSION/help"
          '')
          (lib.mkIf (cfg.defaultKeymap != null) (
            lib.mkOrder 530 ''
              # Use ${cfg.defaultKeymap} keymap as the default.
              ${keymaps.${cfg.defaultKeymap}}
            ''
          ))
          (lib.mkIf (cfg.localVariables != { }) (
            lib.mkOrder 540 (lib.concatLines (lib.mapAttrsToList zsh.define cfg.localVariables))
          ))
          (lib.mkIf (cfg.enableCompletion && !cfg.oh-my-zsh.enable && !cfg.prezto.enable) (
            lib.mkOrder 570 cfg.completionInit
          ))
          (lib.mkIf cfg.autosuggestion.enable (lib.mkOrder 700 suggestions))
          (lib.mkOrder 910 history)
          (lib.mkOrder 950 ''
            # Set shell options
            ${zsh.define "set_opts" cfg.setOptions}
            for opt in "''${set_opts[@]}"; do
              setopt "$opt"
            done
            unset opt set_opts
          '')
          (lib.mkIf (aliases != "") (lib.mkOrder 1100 aliases))
          (lib.mkIf (cfg.dirHashes != { }) (
            lib.mkOrder 1150 (
              lib.concatLines (
                lib.mapAttrsToList (name: path: ''hash -d ${name}="${path}"'') cfg.dirHashes
              )
            )
          ))
          (lib.mkIf cfg.syntaxHighlighting.enable (lib.mkOrder 1200 highlighting))
        ];
      };
    })
  ];
}
