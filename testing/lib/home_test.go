// over budget: three quarters of it is one table.

package lib

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// fewestTraps is the number of rows that the table below may not fall under.
const fewestTraps = 60

// homeTrap is what Home Manager does with a snippet of a home.nix and few expect: a value, a
// warning, an assertion or an error. Where a row names no release, it holds on all.
type homeTrap struct {
	name    string
	release string
	state   string // home.stateVersion, the release where empty
	home    string // of { lib, config, pkgs, ... }
	nixos   string // of the system, likewise; without it `osConfig` is null
	ask     string // of { lib, config, options, osConfig }; the whole generation where empty

	want      string // JSON
	warning   string // part of a warning, of the configuration or of the evaluation
	assertion string // part of the message of one that failed
	wantErr   string // part of what Nix says
}

// zsh is where zsh's own file is in home.file: its folder is the home.
const (
	zshrc     = `config.home.file."./.zshrc".text`
	zsh       = `programs.zsh.enable = true; `
	gitConfig = `config.xdg.configFile."git/config".text`
)

// renamed is the warning of an old name.
func renamed(old, name string) string {
	return fmt.Sprintf("The option `%s' defined in `<unknown-file>' has been renamed to `%s'.", old, name)
}

// Sources: home-manager-notes.md among the facts, and the module named beside each group.
var homeTraps = []homeTrap{
	// modules/programs/git.nix: five names moved below settings.
	{
		name: "git: name", home: `{ programs.git.userName = "Ada"; }`,
		ask: `config.programs.git.settings.user.name`, want: `"Ada"`, warning: renamed("programs.git.userName", "programs.git.settings.user.name"),
	},
	{
		name: "git: old and new name", home: `{ programs.git = { enable = true; userName = "Ada"; settings.user.name = "Eve"; }; }`,
		wantErr: "has conflicting definition values",
	},
	{
		name: "git: further settings", home: `{ programs.git.extraConfig.init.defaultBranch = "main"; }`,
		ask: `config.programs.git.settings.init.defaultBranch`, want: `"main"`, warning: renamed("programs.git.extraConfig", "programs.git.settings"),
	},
	{
		name: "git: aliases are an alias", home: `{ programs.git.aliases.st = "status"; }`,
		ask: `config.programs.git.settings.alias.st`, want: `"status"`, warning: renamed("programs.git.aliases", "programs.git.settings.alias"),
	},
	{
		name: "git: signing since 25.05", home: `{ programs.git.enable = true; }`,
		ask: `[ config.programs.git.signing.format ` + gitConfig + ` ]`, want: `[null,""]`,
	},
	{
		name: "git: signing before", state: "24.11", home: `{ programs.git.enable = true; }`,
		ask: `config.programs.git.iniContent.gpg.format`, want: `"openpgp"`,
	},
	{
		name: "git: two pagers", home: `{ programs = { delta = { enable = true; enableGitIntegration = true; }; difftastic = { enable = true; git.enable = true; }; }; programs.git.enable = true; }`,
		assertion: "Only one of the following options can be enabled at a time.",
	},

	// modules/programs/delta.nix
	{
		name: "delta: alone it does not reach git", home: `{ programs.git.enable = true; programs.delta.enable = true; }`,
		ask: `config.programs.git.iniContent ? pager`, want: `false`,
	},
	{
		name: "delta: with git", home: `{ programs.git.enable = true; programs.delta = { enable = true; enableGitIntegration = true; options.navigate = true; }; }`,
		ask: `[ (lib.hasSuffix "/bin/delta" config.programs.git.iniContent.pager.diff) config.programs.git.iniContent.delta.navigate ]`, want: `[true,true]`,
	},
	{
		name: "delta: the old name still integrates", home: `{ programs.git.enable = true; programs.git.delta.enable = true; }`,
		ask: `config.programs.git.iniContent ? pager`, want: `true`, warning: "automatic enablement is deprecated",
	},

	// modules/programs/zsh/
	{
		name: "zsh: suggestions", home: `{ ` + zsh + `programs.zsh.enableAutosuggestions = true; }`,
		ask: `config.programs.zsh.autosuggestion.enable`, want: `true`, warning: renamed("programs.zsh.enableAutosuggestions", "programs.zsh.autosuggestion.enable"),
	},
	{
		name: "zsh: initExtra is heard, but warns", home: `{ ` + zsh + `programs.zsh.initExtra = "echo old"; }`,
		ask: `lib.hasInfix "echo old" ` + zshrc, want: `true`, warning: "`programs.zsh.initExtra` is deprecated, use `programs.zsh.initContent` instead.",
	},
	{
		name: "zsh: order of .zshrc", home: `{ lib, ... }: { ` + zsh + `programs.zsh = {
			initContent = lib.mkMerge [ "A1000" (lib.mkBefore "A500") (lib.mkOrder 550 "A550") (lib.mkAfter "A1500") ];
			syntaxHighlighting.enable = true; shellAliases.x = "y"; }; }`,
		ask: `let
			line = part: lib.lists.findFirst (i: lib.hasPrefix part (lib.elemAt lines i)) (throw part) (lib.range 0 (lib.length lines - 1));
			lines = lib.splitString "\n" ` + zshrc + `;
			order = map line [ "A500" "typeset -U" "A550" "autoload -U compinit" "HISTSIZE" "A1000" "alias -- x=y" "ZSH_HIGHLIGHT" "A1500" ];
		in order == lib.sort lib.lessThan order`, want: `true`,
	},
	{
		name: "zsh: folder of the home", home: `{ ` + zsh + ` }`, ask: `config.programs.zsh.dotDir`, want: `"/home/ada"`,
	},
	{
		name: "zsh: folder with xdg", home: `{ ` + zsh + `xdg.enable = true; }`,
		ask:  `[ config.programs.zsh.dotDir (lib.hasInfix "export ZDOTDIR=\"/home/ada/.config/zsh\"" (config.home.file.".config/zsh/.zshenv".text)) config.home.file.".zshenv".text ]`,
		want: `["/home/ada/.config/zsh",true,"source /home/ada/.config/zsh/.zshenv\n"]`,
	},
	{
		name: "zsh: folder with xdg before 26.05", state: "25.11", home: `{ ` + zsh + `xdg.enable = true; }`,
		ask: `config.programs.zsh.dotDir`, want: `"/home/ada"`, warning: "The default value of `programs.zsh.dotDir` will change",
	},
	{
		name: "zsh: relative folder", home: `{ ` + zsh + `programs.zsh.dotDir = ".config/zsh"; }`,
		ask: `config.home.file ? ".config/zsh/.zshrc"`, want: `true`, warning: "Using relative paths in programs.zsh.dotDir is deprecated",
	},
	{
		name: "zsh: variable in the folder", home: `{ ` + zsh + `programs.zsh.dotDir = "$HOME/zsh"; }`,
		assertion: "programs.zsh.dotDir cannot contain shell variables",
	},
	{
		name: "zsh: relative history", home: `{ ` + zsh + `programs.zsh.history.path = ".histfile"; }`,
		ask: `lib.hasInfix "HISTFILE=\"/home/ada/.histfile\"" ` + zshrc, want: `true`, warning: "Using relative paths in programs.zsh.history.path is deprecated",
	},
	{
		name: "zsh: history is saved as far as it is kept", home: `{ programs.zsh.history.size = 5; }`,
		ask: `config.programs.zsh.history.save`, want: `5`,
	},
	{name: "zsh: size in quotes", home: `{ ` + zsh + `programs.zsh.history.size = "5"; }`, wantErr: "is not of type `signed integer'"},
	{
		name: "zsh: highlighters keep the main one", home: `{ ` + zsh + `programs.zsh.syntaxHighlighting = { enable = true; highlighters = [ "brackets" ]; }; }`,
		ask: `lib.sort lib.lessThan config.programs.zsh.syntaxHighlighting.highlighters`, want: `["brackets","main"]`,
	},
	{
		name: "zsh: two highlighters", release: "26.11",
		home:      `{ ` + zsh + `programs.zsh.syntaxHighlighting.enable = true; programs.zsh.fastSyntaxHighlighting.enable = true; }`,
		assertion: "Only one Zsh syntax highlighter can be enabled at a time.",
	},
	{
		name: "zsh: an option of later", release: "26.05", home: `{ programs.zsh.fastSyntaxHighlighting.enable = true; }`,
		wantErr: "programs.zsh.fastSyntaxHighlighting' does not exist",
	},

	// modules/home-environment.nix
	{
		name: "aliases of two places", home: `{ ` + zsh + `home.shellAliases.ll = "ls -l"; programs.zsh.shellAliases.ll = "ls -la"; }`,
		wantErr: "programs.zsh.shellAliases.ll' has conflicting definition values",
	},
	{
		name: "path of the session", home: `{ home.sessionPath = [ "$HOME/a" "$HOME/b" ]; }`,
		ask: `config.home.sessionSearchVariables.PATH`, want: `["$HOME/a","$HOME/b"]`,
	},
	{
		name: "variables without a shell are nowhere", home: `{ home.sessionVariables.A = "1"; }`,
		ask: `lib.filter (name: lib.hasInfix "profile" name || lib.hasInfix "rc" name) (lib.attrNames config.home.file)`, want: `[]`,
	},
	{
		name: "variables may be true, or nothing", home: `{ home.sessionVariables = { A = true; B = null; C = 1; }; }`,
		ask: `let v = config.home.sessionVariables; in [ v.A v.B v.C ]`, want: `[true,null,1]`,
	},
	{name: "state version of tomorrow", release: "26.05", state: "26.11", wantErr: `is not of type ` + "`one of \"18.09\""},
	{name: "state version of today", release: "26.11", state: "26.11", ask: `config.home.stateVersion`, want: `"26.11"`},
	{
		name: "activation in a circle", home: `{ lib, ... }: { home.activation = { a = lib.hm.dag.entryAfter [ "b" ] ""; b = lib.hm.dag.entryAfter [ "a" ] ""; }; }`,
		wantErr: "Dependency cycle in activation script",
	},

	{
		name: "a workstation's home as a whole", home: `{ lib, ... }: {
			programs = lib.genAttrs [ "alacritty" "atuin" "bash" "bat" "btop" "delta" "direnv" "eza" "fd" "fzf" "gh" "git" "htop" "jq"
				"lazygit" "less" "neovim" "ripgrep" "starship" "tmux" "zoxide" "zsh" ] (_: { enable = true; });
		}`,
		ask: `builtins.seq config.home.activationPackage.drvPath (lib.elem "direnv" (map lib.getName config.home.packages))`, want: `true`,
	},
	{
		name: "fonts of a home follow the system", ask: `config.home.file ? "/home/ada/.config/fontconfig/conf.d/10-hm-fonts.conf"`, want: `true`,
	},

	// Two editors: modules/programs/{vim,neovim/default,helix}.nix set the same variables.
	{
		name: "two default editors", home: `{ programs.vim = { enable = true; defaultEditor = true; }; programs.neovim = { enable = true; defaultEditor = true; }; }`,
		wantErr: "home.sessionVariables.EDITOR' has conflicting definition values",
	},
	{
		name: "a default editor and the variable", home: `{ programs.vim = { enable = true; defaultEditor = true; }; home.sessionVariables.EDITOR = "nano"; }`,
		wantErr: "home.sessionVariables.EDITOR' has conflicting definition values",
	},

	// modules/lib/file-type.nix, modules/files.nix
	{
		name: "file: a source wins over text", home: `{ home.file.x = { text = "text"; source = /etc/passwd; }; }`,
		ask: `[ config.home.file.x.isText (toString config.home.file.x.source) ]`, want: `[false,"/etc/passwd"]`,
	},
	{
		name: "file: the source of a module wins too", home: `{ programs.alacritty = { enable = true; settings.window.opacity = 1; }; xdg.configFile."alacritty/alacritty.toml".text = "mine"; }`,
		ask: `config.xdg.configFile."alacritty/alacritty.toml".isText`, want: `false`,
	},
	{
		name: "file: texts are joined", home: `{ lib, ... }: { home.file.x.text = lib.mkMerge [ "a" "b" ]; }`,
		ask: `config.home.file.x.text`, want: `"a\nb"`,
	},
	{
		name: "file: sources are not", home: `{ lib, ... }: { home.file.x.source = lib.mkMerge [ /etc/passwd /etc/group ]; }`,
		wantErr: "home.file.x.source' has conflicting definition values",
	},
	{
		name: "file: two of one target", home: `{ home.file.".config/x".text = "a"; xdg.configFile.x.text = "b"; }`,
		assertion: "Conflicting managed target files: .config/x",
	},

	// modules/programs/{direnv,tmux,starship,eza,fzf,bat,helix}.nix
	{
		name: "direnv: old name", home: `{ programs.direnv = { enable = true; enableNixDirenvIntegration = true; }; }`,
		ask: `config.programs.direnv.nix-direnv.enable`, want: `true`,
		warning: renamed("programs.direnv.enableNixDirenvIntegration", "programs.direnv.nix-direnv.enable"),
	},
	{
		name: "direnv: its hook, and nix-direnv as a library", home: `{ ` + zsh + `programs.direnv = { enable = true; nix-direnv.enable = true; }; }`,
		ask:  `[ (lib.hasInfix "/bin/direnv hook zsh)" ` + zshrc + `) (lib.hasSuffix "/share/nix-direnv/direnvrc" config.xdg.configFile."direnv/lib/hm-nix-direnv.sh".source) ]`,
		want: `[true,true]`,
	},
	{
		name: "direnv: removed", home: `{ programs.direnv.nix-direnv.enableFlakes = true; }`,
		assertion: "The option definition `programs.direnv.nix-direnv.enableFlakes' in `<unknown-file>' no longer has any effect; please remove it.",
	},
	{
		name: "direnv: fish may be said", home: `{ programs.direnv.enableFishIntegration = false; }`,
		ask: `config.programs.direnv.enableFishIntegration`, want: `false`,
	},
	{
		name: "tmux: defaults of today", home: `{ programs.tmux.enable = true; }`,
		ask: `[ config.programs.tmux.escapeTime config.programs.tmux.sensibleOnTop ]`, want: `[10,false]`,
	},
	{name: "tmux: numbers in quotes", home: `{ programs.tmux.historyLimit = "5000"; }`, wantErr: "programs.tmux.historyLimit' is not of type"},
	{
		name: "tmux: what is no plugin", home: `{ pkgs, ... }: { programs.tmux = { enable = true; plugins = [ pkgs.hello ]; }; }`,
		assertion: `Invalid tmux plugin (not prefixed with "tmuxplugins"): hello`,
	},
	{
		name: "tmux: what the user adds is last", home: `{ pkgs, ... }: { programs.tmux = { enable = true; plugins = [ pkgs.tmuxPlugins.yank ]; extraConfig = "# mine"; }; }`,
		ask: `lib.hasSuffix "# mine" config.xdg.configFile."tmux/tmux.conf".text`, want: `true`,
	},
	{
		name: "starship: presets and the place of its file", home: `{ programs.starship = { enable = true; presets = [ "plain" ]; settings.add_newline = false; }; }`,
		ask:  `[ config.programs.starship.configPath config.home.sessionVariables.STARSHIP_CONFIG ]`,
		want: `["/home/ada/.config/starship.toml","/home/ada/.config/starship.toml"]`,
	},
	{
		name: "starship: nothing set, no file", home: `{ programs.starship.enable = true; }`,
		ask: `config.home.file ? "/home/ada/.config/starship.toml"`, want: `false`,
	},
	{
		name: "integration follows the shell", home: `{ home.shell.enableShellIntegration = false; programs.fzf.enableZshIntegration = true; }`,
		ask: `map (name: config.programs.${name}.enableZshIntegration) [ "starship" "zoxide" "fzf" ]`, want: `[false,false,true]`,
	},
	{
		name: "integration of zellij is off", ask: `[ config.programs.zellij.enableZshIntegration config.programs.direnv.enableZshIntegration ]`, want: `[false,true]`,
	},
	{
		name: "eza: old name", home: `{ programs.exa.enable = true; }`, ask: `config.programs.eza.enable`, want: `true`,
		warning: renamed("programs.exa.enable", "programs.eza.enable"),
	},
	{
		name: "eza: removed", home: `{ programs.eza.enableAliases = true; }`, assertion: "`programs.eza.enableAliases' in `<unknown-file>' no longer has any effect",
	},
	{
		name: "eza: icons as a truth", home: `{ programs.eza = { enable = true; icons = true; }; ` + zsh + `}`,
		ask: `config.programs.zsh.shellAliases.eza`, want: `"eza --icons auto"`, warning: "Setting programs.eza.icons to a Boolean is deprecated.",
	},
	{
		name: "eza: a user's alias wins", home: `{ programs.eza.enable = true; ` + zsh + `programs.zsh.shellAliases.ls = "ls -F"; }`,
		ask: `config.programs.zsh.shellAliases.ls`, want: `"ls -F"`,
	},
	{
		name: "fzf: old name of later", release: "26.11", home: `{ programs.fzf = { enable = true; fileWidgetCommand = "fd"; }; }`,
		ask: `config.home.sessionVariables.FZF_CTRL_T_COMMAND`, want: `"fd"`, warning: renamed("programs.fzf.fileWidgetCommand", "programs.fzf.fileWidget.command"),
	},
	{
		name: "fzf: new name too early", release: "26.05", home: `{ programs.fzf.fileWidget.command = "fd"; }`,
		wantErr: "programs.fzf.fileWidget' does not exist",
	},
	{
		name: "bat: themes as text", home: `{ programs.bat = { enable = true; themes.x = "<plist/>"; }; }`,
		ask: `config.xdg.configFile."bat/themes/x.tmTheme".text`, want: `"<plist/>"`, warning: "Using programs.bat.themes as a string option is deprecated",
	},
	{
		name: "helix: languages as a list", home: `{ programs.helix = { enable = true; languages = [ { name = "nix"; } ]; }; }`,
		ask: `true`, want: `true`, warning: "Using `programs.helix.languages` as a list is deprecated",
	},

	// modules/programs/ssh.nix
	{
		name: "ssh: defaults are given notice", home: `{ programs.ssh.enable = true; }`,
		ask: `config.programs.ssh.settings."*".ForwardAgent`, want: `false`, warning: "`programs.ssh` default values will be removed in the future.",
	},
	{
		name: "ssh: text without a block of all hosts", home: `{ programs.ssh = { enable = true; enableDefaultConfig = false; extraConfig = "Compression yes"; }; }`,
		assertion: "Cannot set `programs.ssh.extraConfig` if `programs.ssh.settings.\"*\"` (default host config) is not declared.",
	},
	{
		name: "ssh: old blocks", home: `{ programs.ssh = { enable = true; enableDefaultConfig = false; matchBlocks.h.hostname = "h.example"; }; }`,
		ask: `config.home.file.".ssh/config".text`, want: `"Host h\n  HostName h.example\n"`, warning: "is deprecated. Use `programs.ssh.settings`.",
	},
	{
		name: "ssh: old options of all hosts", home: `{ programs.ssh.compression = true; }`, ask: `config.programs.ssh.settings."*".Compression`, want: `true`,
		warning: "The option `programs.ssh.compression' defined in `<unknown-file>' has been renamed to",
	},

	// Other programs: modules/programs/{gh,mise,vscode,chromium,thefuck}.nix, modules/deprecations.nix
	{
		name: "gh: old name", home: `{ programs.gh.gitProtocol = "ssh"; }`, ask: `config.programs.gh.settings.git_protocol`, want: `"ssh"`,
		warning: renamed("programs.gh.gitProtocol", "programs.gh.settings.git_protocol"),
	},
	{
		name: "neovim: old name", home: `{ programs.neovim.extraLuaConfig = "x = 1"; }`, ask: `config.programs.neovim.initLua`, want: `"x = 1"`,
		warning: renamed("programs.neovim.extraLuaConfig", "programs.neovim.initLua"),
	},
	{
		name: "thefuck is gone", home: `{ programs.thefuck.enable = true; }`, assertion: "`programs.thefuck",
	},
	{
		name: "hexchat goes", release: "26.11", home: `{ programs.hexchat.enable = true; }`, assertion: "`programs.hexchat",
	},
	{name: "hexchat is still there", release: "26.05", home: `{ programs.hexchat.enable = false; }`, ask: `config.programs.hexchat.enable`, want: `false`},
	{
		name: "vscode: a fork", home: `{ pkgs, ... }: { programs.vscode.package = pkgs.vscodium; }`, ask: `true`, want: `true`,
		warning: "programs.vscode.package is set to a known VSCode fork",
	},
	{
		name: "vscode: more profiles with a folder of extensions", home: `{ pkgs, ... }: { programs.vscode = { enable = true; package = null; mutableExtensionsDir = true; profiles.work = { }; }; }`,
		ask: `true`, want: `true`, warning: "programs.vscode.mutableExtensionsDir can be used only if no profiles apart from default are set",
	},
	{
		name: "chromium: an id of 32 letters", home: `{ programs.chromium.extensions = [ { id = "short"; } ]; }`,
		ask: `map (extension: extension.id) config.programs.chromium.extensions`, wantErr: "string matching the pattern [a-zA-Z]{32}",
	},
	{name: "flatpak is no option of a home", home: `{ services.flatpak.enable = true; }`, wantErr: "services.flatpak' does not exist"},

	// modules/systemd.nix: units are written in sections.
	{name: "unit: wantedBy as in NixOS", home: `{ systemd.user.services.x.wantedBy = [ "default.target" ]; }`, wantErr: "systemd.user.services.x"},
	{
		name: "unit: serviceConfig is a section of that name", home: `{ systemd.user.services.x.serviceConfig.ExecStart = "/bin/x"; }`,
		ask: `config.xdg.configFile."systemd/user/x.service".text`, want: `"[serviceConfig]\nExecStart=/bin/x\n"`,
	},
	{
		name: "unit: being wanted is a file", home: `{ systemd.user.services.x = { Service.ExecStart = [ "/bin/x" "/bin/y" ]; Install.WantedBy = [ "default.target" ]; }; }`,
		ask:  `config.xdg.configFile."systemd/user/default.target.wants/x.service".text`,
		want: `"[Install]\nWantedBy=default.target\n\n[Service]\nExecStart=/bin/x\nExecStart=/bin/y\n"`,
	},

	// Defaults that depend on home.stateVersion: modules/lib/deprecations.nix
	{
		name: "state: firefox", state: "25.11", home: `{ programs.firefox = { enable = true; package = null; }; }`,
		ask: `config.programs.firefox.configPath`, want: `".mozilla/firefox"`, warning: "The default value of `programs.firefox.configPath` has changed",
	},
	{name: "state: firefox today", ask: `config.programs.firefox.configPath`, want: `".config/mozilla/firefox"`},
	{
		name: "state: neovim", state: "25.11", ask: `with config.programs.neovim; [ withRuby withPython3 ]`, want: `[true,true]`,
		warning: "The default value of `programs.neovim.withRuby` has changed from `true` to `false`.",
	},
	{name: "state: neovim today", ask: `with config.programs.neovim; [ withRuby withPython3 ]`, want: `[false,false]`},
	{
		name: "state: yazi", state: "25.11", ask: `config.programs.yazi.shellWrapperName`, want: `"yy"`,
		warning: "The default value of `programs.yazi.shellWrapperName` has changed",
	},
	{
		name: "state: mergiraf", state: "25.11", home: `{ programs.mergiraf = { enable = true; package = null; }; programs.git.enable = true; }`,
		ask: `config.programs.mergiraf.enableGitIntegration`, want: `true`, warning: "The default value of `programs.mergiraf.enableGitIntegration` will change",
	},
	{
		name: "state: folders of the user", state: "25.11", ask: `config.xdg.userDirs.setSessionVariables`, want: `true`,
		warning: "The default value of `xdg.userDirs.setSessionVariables` has changed",
	},
	{
		name: "state: hyprland", state: "25.11", ask: `config.wayland.windowManager.hyprland.configType`, want: `"hyprlang"`,
		warning: "The default value of `wayland.windowManager.hyprland.configType` has changed",
	},
	{
		name: "state: passwords", state: "25.05", ask: `config.programs.password-store.settings.PASSWORD_STORE_DIR`,
		want: `"/home/ada/.local/share/password-store"`, warning: "The default value of `programs.password-store.settings` has changed",
	},
	{
		name: "pointer without a switch", release: "26.11", home: `{ pkgs, ... }: { home.pointerCursor = { package = pkgs.hello; name = "x"; }; }`,
		ask: `true`, want: `true`, warning: "Relying on `home.pointerCursor` to enable cursor config generation is deprecated.",
	},
	{
		name: "input method: old name", home: `{ i18n.inputMethod.enabled = "fcitx5"; }`, ask: `true`, want: `true`,
		warning: "i18n.inputMethod.enabled will be removed in a future release.",
	},

	// nixos/common.nix, nixos/default.nix, modules/misc/nixpkgs-disabled.nix
	{
		name: "packages of the system: settings do nothing", home: `{ nixpkgs.config.allowUnfree = true; }`, ask: `true`, want: `true`,
		warning: "You have set either `nixpkgs.config` or `nixpkgs.overlays` while using `home-manager.useGlobalPkgs`.",
	},
	{
		name: "packages of the system: settings and overlays", home: `{ nixpkgs.config.allowUnfree = true; nixpkgs.overlays = [ ]; }`,
		assertion: "`nixpkgs` options are disabled when `home-manager.useGlobalPkgs` is enabled.",
		warning:   "You have set either `nixpkgs.config` or `nixpkgs.overlays`",
	},
	{
		name: "packages of a user of the system", nixos: `{ }`, ask: `[ (lib.elem config.home.path osConfig.users.users.ada.packages) config.home.profileDirectory ]`,
		want: `[true,"/etc/profiles/per-user/ada"]`,
	},
	{
		name: "packages of the home", nixos: `{ lib, ... }: { home-manager.useUserPackages = lib.mkForce false; }`,
		ask: `[ osConfig.users.users.ada.packages config.home.profileDirectory ]`, want: `[[],"/home/ada/.nix-profile"]`,
	},
	{
		name: "the unit never stops anything", nixos: `{ }`,
		ask:  `let s = osConfig.systemd.services.home-manager-ada; in [ s.serviceConfig.RemainAfterExit (s.serviceConfig ? ExecStop) s.stopIfChanged ]`,
		want: `["yes",false,false]`,
	},
	{
		name: "the unit is told what to do with files", nixos: `{ home-manager.backupFileExtension = "bak"; home-manager.overwriteBackup = true; }`,
		ask: `let e = osConfig.systemd.services.home-manager-ada.environment; in [ e.HOME_MANAGER_BACKUP_EXT e.HOME_MANAGER_BACKUP_OVERWRITE ]`, want: `["bak","1"]`,
	},
}

// Rows that ask nothing of the system are homes of one system, as that takes most of the time.
// What a row says goes the way of its warnings and errors, so that they stay together.
const askHomes = `let
  flake = path: (import (path + "/flake.nix")).outputs { };
  inherit (flake %s) lib;
  homeManager = (flake %s).nixosModules.home-manager;
  list = [
%s  ];
  system = nixos: homes: lib.nixosSystem {
    modules = [
      homeManager
      nixos
      {
        nixpkgs.hostPlatform = "x86_64-linux";
        system.stateVersion = "26.05";
        fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
        boot.loader.systemd-boot.enable = true;
        users.users = lib.mapAttrs (_: _: { isNormalUser = true; name = "ada"; home = "/home/ada"; }) homes;
        home-manager = {
          useGlobalPkgs = true;
          useUserPackages = true;
          users = lib.mapAttrs (_: trap: { imports = [ { home.stateVersion = trap.state; } trap.home ]; }) homes;
        };
      }
    ];
  };
  named = map (trap: lib.nameValuePair trap.name trap) list;
  together = system { } (lib.listToAttrs named);
  ask = trap:
    let
      alone = system trap.nixos { ada = trap; };
      osConfig = if trap.nixos == null then null else alone.config;
      config =
        if trap.nixos == null then together.config.home-manager.users.${trap.name}
        else alone.config.home-manager.users.ada;
      answer = {
        value = trap.ask { inherit lib config osConfig; };
        inherit (config) warnings;
        assertions = map (a: a.message) (lib.filter (a: !a.assertion) config.assertions);
      };
    in
    builtins.trace "trap ${trap.name}" (builtins.trace "answer ${builtins.toJSON answer}" null);
in
{ answers = lib.mapAttrs (_: ask) (lib.listToAttrs named); }
`

// expression is the row as Nix that askHomes reads.
func (trap homeTrap) expression(release string) string {
	or := func(text, fallback string) string {
		if text == "" {
			return fallback
		}
		return text
	}
	return fmt.Sprintf("    { name = %q; state = %q; home = %s; nixos = %s; ask = { lib, config, osConfig }: %s; }\n",
		trap.name, or(trap.state, release), or(trap.home, "{ }"), or(trap.nixos, "null"),
		or(trap.ask, "builtins.seq config.home.activationPackage.drvPath null"))
}

func TestHomeTraps(t *testing.T) {
	if len(homeTraps) < fewestTraps {
		t.Errorf("%d traps, fewer than %d", len(homeTraps), fewestTraps)
	}
	t.Logf("%d traps of Home Manager", len(homeTraps))
	reads(t, filepath.Join(root, "testing/nixpkgs"), filepath.Join(root, "testing/home-manager"))
	for _, release := range sandbox.Releases {
		t.Run(release, func(t *testing.T) {
			inputs, err := sandbox.Prepare(t.Context(), t.TempDir(), release)
			if err != nil {
				t.Fatal(err)
			}
			nixes.Each(t, func(t *testing.T, bin string) { askHomeTraps(t, bin, release, inputs) })
		})
	}
}

// askHomeTraps asks all rows of a release in one process: a prompt goes on after an error.
func askHomeTraps(t *testing.T, bin, release string, inputs sandbox.Inputs) {
	var list, questions strings.Builder
	file := filepath.Join(t.TempDir(), "traps.nix")
	fmt.Fprintf(&questions, ":l %s\n", file)
	for _, trap := range homeTraps {
		if trap.isOf(release) {
			list.WriteString(trap.expression(release))
			fmt.Fprintf(&questions, "answers.%q\n", trap.name)
		}
	}
	write(t, file, fmt.Sprintf(askHomes,
		strings.TrimPrefix(inputs.Nixpkgs, "path:"), strings.TrimPrefix(inputs.HomeManager, "path:"), list.String()))
	cmd := exec.Command(filepath.Join(bin, "nix"), "--extra-experimental-features", "nix-command", "--store", "local?root="+storeFolder(t), "repl")
	cmd.Env = []string{"HOME=/homeless-shelter", "PATH=" + os.Getenv("PATH")}
	cmd.Stdin = strings.NewReader(questions.String())
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	for _, trap := range homeTraps {
		if trap.isOf(release) {
			t.Run(trap.name, func(t *testing.T) { trap.judge(t, said.String()) })
		}
	}
}

// storeFolder is for a store of derivations, as a prompt knows no --readonly-mode. What is in a
// store may not be written to, so it could not be removed either.
func storeFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			return os.Chmod(path, 0o755)
		})
		if err != nil {
			t.Error(err)
		}
	})
	return dir
}

func (trap homeTrap) isOf(release string) bool { return trap.release == "" || trap.release == release }

// judge finds what Nix said of the row: warnings, then the answer or an error.
func (trap homeTrap) judge(t *testing.T, said string) {
	_, own, found := strings.Cut(said, "trace: trap "+trap.name+"\n")
	if !found {
		t.Fatalf("it was not asked:\n%s", said)
	}
	own, _, _ = strings.Cut(own, "trace: trap ")
	warnings, line, found := strings.Cut(own, "trace: answer ")
	switch {
	case trap.wantErr != "" && found:
		t.Fatalf("no error, but %s", line)
	case trap.wantErr != "":
		expect(t, "error", trap.wantErr, own)
		return
	case !found:
		t.Fatal(own)
	}
	var answer struct {
		Value                json.RawMessage
		Warnings, Assertions []string
	}
	if err := json.NewDecoder(strings.NewReader(line)).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if trap.want != "" && string(answer.Value) != trap.want {
		t.Errorf("\n got %s\nwant %s", answer.Value, trap.want)
	}
	expect(t, "warning", trap.warning, warnings+strings.Join(answer.Warnings, "\n"))
	expect(t, "failed assertion", trap.assertion, strings.Join(answer.Assertions, "\n"))
}

// expect wants PART in what was said, and nothing said where it is empty.
func expect(t *testing.T, what, part, said string) {
	t.Helper()
	if part == "" && said != "" {
		t.Errorf("a %s that nobody expects:\n%s", what, said)
	}
	if !strings.Contains(said, part) {
		t.Errorf("no %s %q in:\n%s", what, part, said)
	}
}
