# Defaults that Home Manager computes: packages, the integration into shells, and what depends
# on home.stateVersion.
{
  config,
  lib,
  osConfig,
  pkgs,
  ...
}:
let
  inherit (lib.hm) table;
  inherit (config.home) stateVersion homeDirectory;

  byState = lib.hm.stateVersionDefault;
  before = lib.versionOlder stateVersion;

  # programs.NAME.package is the package of that name, but for these.
  packages =
    lib.genAttrs (map (name: "programs.${name}.package") [
      "alacritty"
      "atuin"
      "bat"
      "btop"
      "delta"
      "direnv"
      "eza"
      "fd"
      "fzf"
      "gh"
      "git"
      "helix"
      "htop"
      "jq"
      "kakoune"
      "lazygit"
      "less"
      "neovim"
      "openssh"
      "ripgrep"
      "starship"
      "tmux"
      "vim"
      "vscode"
      "zoxide"
      "zsh"
    ]) (name: pkgs.${lib.elemAt (lib.splitString "." name) 1})
    // {
      "programs.alacritty.themePackage" = pkgs.alacritty-theme;
      "programs.bash.package" = pkgs.bashInteractive;
      "programs.direnv.mise.package" = pkgs.mise;
      "programs.direnv.nix-direnv.package" = pkgs.nix-direnv;
      "programs.git.lfs.package" = pkgs.git-lfs;
      "programs.ssh.package" = null;
    };

  # enableZshIntegration and the like follow home.shell (modules/lib/shell.nix); zellij's stay
  # off (modules/programs/zellij.nix).
  shellOf = builtins.match ".*\\.enable(Bash|Fish|Ion|Nushell|Zsh)Integration";
  integrations =
    lib.genAttrs (lib.filter (name: shellOf name != null) table.integrations) (
      name:
      !lib.hasPrefix "programs.zellij." name
      && config.home.shell."enable${lib.head (shellOf name)}Integration"
    )
    // lib.genAttrs (map (shell: "home.shell.enable${shell}Integration") [
      "Bash"
      "Fish"
      "Ion"
      "Nushell"
      "Zsh"
    ]) (_: config.home.shell.enableShellIntegration);

  # LEGACY below SINCE, with a warning; `quiet` without one.
  changed = since: option: legacy: current: {
    ${option} = byState {
      inherit
        config
        current
        legacy
        option
        since
        ;
    };
  };
  quiet = since: option: legacy: current: {
    ${option} = if before since then legacy else current;
  };

  states = lib.mergeAttrsList [
    (changed "25.11" "programs.password-store.settings" {
      PASSWORD_STORE_DIR = "${config.xdg.dataHome}/password-store";
    } { })
    (changed "26.05" "gtk.gtk4.theme" (config.gtk.theme or null) null)
    (changed "26.05" "programs.neovim.withPython3" true false)
    (changed "26.05" "programs.neovim.withRuby" true false)
    (changed "26.05" "programs.yazi.shellWrapperName" "yy" "y")
    (changed "26.05" "wayland.windowManager.hyprland.configType" "hyprlang" "lua")
    (changed "26.05" "xdg.userDirs.setSessionVariables" true false)
    (changed "26.05" "services.home-manager.autoUpgrade.preSwitchCommands" [
      "nix flake update"
    ] [ ])
    # Warned of only where they matter: with the program on.
    (quiet "26.05" "programs.firefox.configPath" ".mozilla/firefox" (
      lib.removePrefix "${homeDirectory}/" "${config.xdg.configHome}/mozilla/firefox"
    ))
    (quiet "26.05" "programs.mergiraf.enableGitIntegration" true false)
    (quiet "26.05" "programs.mergiraf.enableJujutsuIntegration" true false)
  ];

  rest = {
    # With packages of the system, the home follows its fonts.
    "fonts.fontconfig.enable" =
      osConfig.home-manager.useUserPackages && osConfig.fonts.fontconfig.enable;
    "home.keyboard" = if before "21.11" then { } else null;
    "home.sessionVariablesExtra" = "";
    "home.emptyActivationPath" = !before "22.11";
    "programs.starship.configPath" = "${config.xdg.configHome}/starship.toml";
    "programs.vscode.mutableExtensionsDir" =
      lib.attrNames config.programs.vscode.profiles == [ "default" ]
      || config.programs.vscode.profiles == { };
    "programs.zsh.dotDir" =
      if config.xdg.enable && !before "26.05" then
        "${config.xdg.configHome}/zsh"
      else
        lib.removeSuffix "/" homeDirectory;
    "systemd.user.enable" = true;
  };
in
{
  options = table.complete (packages // integrations // states // rest);
}
