# tmux: one file of settings, plugins behind them, what the user adds last (home-manager:
# modules/programs/tmux.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs.tmux;
  onOff = value: if value then "on" else "off";

  prefix = if cfg.prefix != null then cfg.prefix else "C-${cfg.shortcut}";
  isVi = cfg.keyMode == "vi" && cfg.customPaneNavigationAndResize;
  amount = toString cfg.resizeAmount;

  panes = lib.concatLines (
    lib.mapAttrsToList (key: side: "bind ${key} select-pane -${side}") {
      h = "L";
      j = "D";
      k = "U";
      l = "R";
    }
    ++ lib.mapAttrsToList (key: side: "bind -r ${key} resize-pane -${side} ${amount}") {
      H = "L";
      J = "D";
      K = "U";
      L = "R";
    }
  );

  settings =
    lib.optionalString cfg.sensibleOnTop ''
      run-shell ${startOf pkgs.tmuxPlugins.sensible}
    ''
    + ''
      set  -g default-terminal "${cfg.terminal}"
      set  -g base-index      ${toString cfg.baseIndex}
      setw -g pane-base-index ${toString cfg.baseIndex}
    ''
    + lib.optionalString (cfg.shell != null) ''
      # We need to set default-shell before calling new-session
      set  -g default-shell "${cfg.shell}"
    ''
    + lib.optionalString cfg.newSession "new-session -A -s 0\n"
    + lib.optionalString cfg.reverseSplit ''
      bind v split-window -h
      bind s split-window -v
    ''
    + ''

      set -g status-keys ${cfg.keyMode}
      set -g mode-keys   ${cfg.keyMode}

    ''
    + lib.optionalString isVi panes
    + lib.optionalString (prefix != "C-b") ''
      # rebind main key: ${prefix}
      unbind C-b
      set -g prefix ${prefix}
      bind ${prefix} send-prefix
    ''
    + lib.optionalString cfg.disableConfirmationPrompt ''
      bind-key & kill-window
      bind-key x kill-pane
    ''
    + ''
      set  -g mouse             ${onOff cfg.mouse}
      set  -g focus-events      ${onOff cfg.focusEvents}
      setw -g aggressive-resize ${onOff cfg.aggressiveResize}
      setw -g clock-mode-style  ${if cfg.clock24 then "24" else "12"}
      set  -s escape-time       ${toString cfg.escapeTime}
      set  -g history-limit     ${toString cfg.historyLimit}
    '';

  # A plugin is a package, or { plugin; extraConfig; }.
  packageOf = entry: if lib.isDerivation entry then entry else entry.plugin;
  nameOf = entry: (packageOf entry).pname;
  startOf =
    plugin:
    let
      name = lib.removePrefix "tmuxplugin-" plugin.pname;
    in
    plugin.rtp or "${plugin}/share/tmux-plugins/${name}/${plugin.rtpFilePath or "${name}.tmux"}";
  plugin = entry: ''
    # ${nameOf entry}
    # ---------------------
    ${entry.extraConfig or ""}
    run-shell ${startOf (packageOf entry)}
  '';
  wrong = lib.filter (entry: !lib.hasPrefix "tmuxplugin" (nameOf entry)) cfg.plugins;
in
{
  config = lib.mkIf cfg.enable {
    home.packages =
      lib.optional (cfg.package != null) cfg.package
      ++ lib.optional cfg.tmuxp.enable pkgs.tmuxp;

    home.sessionVariables = lib.mkIf cfg.secureSocket {
      TMUX_TMPDIR = ''''${XDG_RUNTIME_DIR:-"/run/user/$(id -u)"}'';
    };

    assertions = [
      {
        assertion = wrong == [ ];
        message = ''Invalid tmux plugin (not prefixed with "tmuxplugins"): ${lib.concatMapStringsSep ", " nameOf wrong}'';
      }
    ];

    xdg.configFile."tmux/tmux.conf".text = lib.mkMerge [
      (lib.mkBefore settings)
      (lib.mkIf (cfg.plugins != [ ]) (lib.concatMapStringsSep "\n\n" plugin cfg.plugins))
      (lib.mkAfter cfg.extraConfig)
    ];
  };
}
