package lib

import "testing"

const (
	zshOn    = "[features.shell-zsh]\nenable = true\n"
	gitOn    = "[features.git]\nenable = true\n"
	direnvOn = "[features.direnv]\nenable = true\n"
	tmuxOn   = "[features.tmux]\nenable = true\n"
	termOn   = "[features.alacritty]\nenable = true\n"
	promptOn = "[features.prompt-starship]\nenable = true\n"
	fontsOn  = "[features.fonts]\nenable = true\n"
	modernOn = "[features.cli-modern]\nenable = true\n"

	// A second account of the host.
	homeBob = "[users.bob]\ngit_name = \"Bob\"\ngit_email = \"bob@example.org\"\neditor = \"neovim\"\n"
)

// homeFile is home.nix of the host with these lines.
func homeFile(text string) map[string]string {
	return map[string]string{"hosts/orion/home.nix": "{ " + text + " }"}
}

// What the old system got wrong in the home, by the numbers of the findings; then each option of
// each feature, and who wins over whom.
var findingsHome = []hostCase{
	{
		name: "1 nothing stops the reading of .zshrc", more: zshOn,
		ask: `map (part: lib.hasInfix part home.programs.zsh.initContent) [ "p10k" "exec " "return" "exit" ]`, want: `[false,false,false,false]`,
	},
	{
		name: "201 no alias rebuilds another configuration", more: zshOn + gitOn + modernOn,
		ask: `lib.filter (name: lib.hasInfix "rebuild" home.programs.zsh.shellAliases.${name} || lib.hasInfix "home-manager" home.programs.zsh.shellAliases.${name}) (lib.attrNames home.programs.zsh.shellAliases)`, want: `[]`,
	},
	{
		name: "201 nor takes the name of a program", more: zshOn + gitOn + modernOn,
		ask: `lib.filter (name: lib.elem name [ "cat" "cursor" "df" "du" "gc" "gp" "gs" "hms" "ls" "nix-search" "nrb" "nrs" "nrt" ]) (lib.attrNames home.programs.zsh.shellAliases)`, want: `[]`,
	},
	{name: "110 direnv", more: direnvOn, ask: `config.programs.direnv.enable`, want: `true`},
	{name: "110 nix-direnv", more: direnvOn, ask: `config.programs.direnv.nix-direnv.enable`, want: `true`},
	{
		name: "111 one prompt", more: promptOn + "[features.prompt-p10k]\nenable = true\n", ask: refusals,
		files: map[string]string{"features/prompt-p10k/feature.toml": "id = \"prompt-p10k\"\ntitle = \"p10k\"\nsummary = \"p10k\"\ncategory = \"shell\"\n"},
		want:  `["nqd.features.prompt-starship.enable and nqd.features.prompt-p10k.enable are both true, and only one of the two can be. Switch one\noff in host.toml.\n"]`,
	},
	{name: "111 no added line", more: promptOn, ask: `home.programs.starship.settings.add_newline`, want: `false`},
	{
		name: "111 green and red", more: promptOn, ask: `home.programs.starship.settings.character`,
		want: `{"error_symbol":"[❯](bold red)","success_symbol":"[❯](bold green)"}`,
	},
	{name: "112 the clock", more: tmuxOn, ask: `home.programs.tmux.clock24`, want: `true`},
	{name: "112 the keys", more: tmuxOn, ask: `home.programs.tmux.keyMode`, want: `"vi"`},
	{
		name: "112 the plugins, continuum last", more: tmuxOn, ask: `map lib.getName home.programs.tmux.plugins`,
		want: `["tmuxplugin-sensible","tmuxplugin-yank","tmuxplugin-resurrect","tmuxplugin-continuum"]`,
	},
	{
		name: "112 what continuum reads comes before it", more: tmuxOn,
		ask: `let text = home.xdg.configFile."tmux/tmux.conf".text; at = part: lib.stringLength (lib.head (lib.splitString part text)); in at "mode-keys" < at "@continuum-restore" && at "@continuum-restore" < at "run-shell"`, want: `true`,
	},
	{
		name: "113 one set of values", more: termOn, ask: `home.programs.alacritty.settings`,
		want: `{"colors":{"primary":{"background":"#1e1e2e","foreground":"#cdd6f4"}},"font":{"size":12},"window":{"opacity":0.95,"padding":{"x":10,"y":10}}}`,
	},
	{
		name: "113 a value of the user is no conflict", more: termOn, files: homeFile(`programs.alacritty.settings.font.size = 11;`),
		ask: `home.programs.alacritty.settings.font.size`, want: `11`,
	},
	{name: "219 git's own file is not taken", more: gitOn, ask: `home.home.file ? ".gitconfig"`, want: `false`},
	{
		name: "219 and is there to be written", more: gitOn,
		ask: `let step = home.home.activation.nqdGitconfig; in [ step.after (lib.hasInfix ''run touch "$HOME/.gitconfig"'' step.data) ]`, want: `[["linkGeneration"],true]`,
	},

	{name: "zsh logs in", more: zshOn, ask: `lib.getName config.users.users."ada-l".shell`, want: `"zsh"`},
	{name: "zsh logs everybody in", more: zshOn + homeBob, ask: `lib.getName config.users.users.bob.shell`, want: `"zsh"`},
	{name: "zsh leaves root alone", more: zshOn, ask: `lib.getName config.users.users.root.shell`, want: `"bash-interactive"`},
	{name: "zsh of the system", more: zshOn, ask: `config.programs.zsh.enable`, want: `true`},
	{
		name: "zsh of the home", more: zshOn, ask: `with home.programs.zsh; [ enable enableCompletion autosuggestion.enable syntaxHighlighting.enable ]`,
		want: `[true,true,true,true]`,
	},
	{name: "zsh completes once", more: zshOn, ask: `config.programs.zsh.enableGlobalCompInit`, want: `false`},
	{
		name: "zsh history", more: zshOn, ask: `with home.programs.zsh.history; [ size path ]`,
		want: `[100000,"/home/ada-l/.local/share/zsh/history"]`,
	},
	{name: "zsh history, set", more: zshOn + "history = 5000\n", ask: `home.programs.zsh.history.size`, want: `5000`},
	{name: "zsh without aliases", more: zshOn + "aliases = false\n" + gitOn, ask: `home.programs.zsh.shellAliases`, want: `{}`},
	{
		name: "zsh without git", more: zshOn, ask: `lib.attrNames home.programs.zsh.shellAliases`,
		want: `["nfb","nfc","nfd","nfu"]`,
	},
	{
		name: "zsh with git", more: zshOn + gitOn, ask: `home.programs.zsh.shellAliases.gst`, want: `"git status"`,
	},
	{
		name: "an alias of the user wins", more: zshOn, files: homeFile(`programs.zsh.shellAliases.nfb = "nix build -L";`),
		ask: `home.programs.zsh.shellAliases.nfb`, want: `"nix build -L"`,
	},
	{
		name: "a shell of local.nix wins", more: gitOn, old: `"inference-server"`, new: `"minimal"`,
		local: `{ pkgs, ... }: { nqd.features.shell-zsh.enable = true; users.users."ada-l".shell = pkgs.bash; }`,
		ask:   `lib.getName config.users.users."ada-l".shell`, want: `"bash-interactive"`,
	},
	{
		name: "and the plan says so", local: `{ pkgs, ... }: { nqd.features.shell-zsh.enable = true; users.users."ada-l".shell = pkgs.bash; }`,
		ask:  `map (lost: [ lost.option (lib.hasInfix "zsh" lost.value) (lib.hasInfix "bash" lost.final) lost.files ]) manifest.lost`,
		want: `[["users.users.ada-l.shell",true,true,["hosts/orion/local.nix"]]]`,
	},
	{
		name: "but not over host.toml", more: zshOn, local: `{ pkgs, ... }: { users.users."ada-l".shell = pkgs.bash; }`,
		ask: `lib.getName config.users.users."ada-l".shell`, want: `"zsh"`,
	},

	{
		name: "git identity", old: "git_name = \"\"\ngit_email = \"\"", new: "git_name = \"Ada\"\ngit_email = \"ada@example.org\"",
		more: gitOn, ask: `home.programs.git.settings.user`, want: `{"email":"ada@example.org","name":"Ada"}`,
	},
	{
		name: "git identity of another account", more: gitOn + homeBob, ask: `homes.bob.programs.git.settings.user`,
		want: `{"email":"bob@example.org","name":"Bob"}`,
	},
	{name: "git identity left out", more: gitOn, ask: `home.programs.git.settings ? user`, want: `false`},
	{name: "git editor left out", more: gitOn, ask: `home.programs.git.settings ? core`, want: `false`},
	{name: "git editor by its command", more: gitOn + homeBob, ask: `homes.bob.programs.git.settings.core.editor`, want: `"nvim"`},
	{
		name: "git waits for a window", old: "git_email = \"\"", new: "git_email = \"\"\neditor = \"vscodium\"", more: gitOn,
		ask: `home.programs.git.settings.core.editor`, want: `"codium --wait"`,
	},
	{
		name: "git editor as given", old: "git_email = \"\"", new: "git_email = \"\"\neditor = \"micro\"", more: gitOn,
		ask: `home.programs.git.settings.core.editor`, want: `"micro"`,
	},
	{name: "git branch", more: gitOn, ask: `home.programs.git.settings.init.defaultBranch`, want: `"main"`},
	{
		name: "git branch, set", more: gitOn + "default_branch = \"trunk\"\n",
		ask: `home.programs.git.settings.init.defaultBranch`, want: `"trunk"`,
	},
	{
		name: "git branch of the user", more: gitOn, files: homeFile(`programs.git.settings.init.defaultBranch = "dev";`),
		ask: `home.programs.git.settings.init.defaultBranch`, want: `"dev"`,
	},
	{
		name: "git branch of host.toml", more: gitOn + "default_branch = \"trunk\"\n", files: homeFile(`programs.git.settings.init.defaultBranch = "dev";`),
		ask: `home.programs.git.settings.init.defaultBranch`, want: `"trunk"`,
	},
	{name: "git pull", more: gitOn, ask: `home.programs.git.settings.pull.rebase`, want: `false`},
	{name: "git pull, set", more: gitOn + "pull_rebase = true\n", ask: `home.programs.git.settings.pull.rebase`, want: `true`},
	{
		name: "git aliases, without gitk", more: gitOn, ask: `home.programs.git.settings.alias`,
		want: `{"br":"branch","ci":"commit","co":"checkout","last":"log -1 HEAD","st":"status","unstage":"reset HEAD --"}`,
	},
	{name: "git without aliases", more: gitOn + "aliases = false\n", ask: `home.programs.git.settings ? alias`, want: `false`},
	{name: "git lfs", more: gitOn, ask: `home.programs.git.lfs.enable`, want: `true`},
	{name: "git without lfs", more: gitOn + "lfs = false\n", ask: `home.programs.git.lfs.enable`, want: `false`},
	{name: "git without delta", more: gitOn, ask: `home.programs.delta.enable`, want: `false`},
	{
		name: "git delta", more: gitOn + "delta = true\n", ask: `with home.programs; [ delta.enable delta.enableGitIntegration delta.options.line-numbers ]`,
		want: `[true,true,true]`,
	},

	{name: "direnv speaks", more: direnvOn, ask: `config.programs.direnv.silent`, want: `false`},
	{name: "direnv silent", more: direnvOn + "silent = true\n", ask: `config.programs.direnv.silent`, want: `true`},
	{
		name: "direnv of local.nix", old: `"inference-server"`, new: `"minimal"`, local: `{ nqd.features.direnv.enable = true; programs.direnv.silent = true; }`,
		ask: `config.programs.direnv.silent`, want: `true`,
	},
	{
		name: "direnv of host.toml", more: direnvOn + "silent = false\n", local: `{ programs.direnv.silent = true; }`,
		ask: `config.programs.direnv.silent`, want: `false`,
	},

	{name: "tmux outlives the login", more: tmuxOn, ask: `home.programs.tmux.secureSocket`, want: `false`},
	{name: "tmux history", more: tmuxOn, ask: `home.programs.tmux.historyLimit`, want: `50000`},
	{name: "tmux history, set", more: tmuxOn + "history = 9\n", ask: `home.programs.tmux.historyLimit`, want: `9`},
	{name: "tmux without mouse", more: tmuxOn, ask: `home.programs.tmux.mouse`, want: `false`},
	{name: "tmux mouse", more: tmuxOn + "mouse = true\n", ask: `home.programs.tmux.mouse`, want: `true`},
	{
		name: "tmux restores", more: tmuxOn,
		ask: `lib.hasInfix "@continuum-restore 'on'" home.xdg.configFile."tmux/tmux.conf".text`, want: `true`,
	},
	{
		name: "tmux does not restore", more: tmuxOn + "restore = false\n",
		ask: `lib.hasInfix "@continuum-restore 'off'" home.xdg.configFile."tmux/tmux.conf".text`, want: `true`,
	},
	{
		name: "tmux of the user", more: tmuxOn, files: homeFile(`programs.tmux.keyMode = "emacs";`),
		ask: `home.programs.tmux.keyMode`, want: `"emacs"`,
	},
	{
		name: "tmux of host.toml", more: tmuxOn + "mouse = true\n", files: homeFile(`programs.tmux.mouse = false;`),
		ask: `home.programs.tmux.mouse`, want: `true`,
	},
	{
		name: "tmux without a plugin", more: tmuxOn, local: `{ nixpkgs.overlays = [ (final: prev: { tmuxPlugins = removeAttrs prev.tmuxPlugins [ "yank" ]; }) ]; }`,
		ask:  `[ (map lib.getName home.programs.tmux.plugins) (map (skip: skip.package) manifest.skipped) ]`,
		want: `[["tmuxplugin-sensible","tmuxplugin-resurrect","tmuxplugin-continuum"],["tmuxPlugins.yank"]]`,
	},

	{name: "alacritty size", more: termOn + "font_size = 15\n", ask: `home.programs.alacritty.settings.font.size`, want: `15`},
	{name: "alacritty opacity", more: termOn + "opacity = 100\n", ask: `home.programs.alacritty.settings.window.opacity == 1.0`, want: `true`},
	{name: "alacritty without fonts", more: termOn, ask: `home.programs.alacritty.settings.font ? normal`, want: `false`},
	{
		name: "alacritty with fonts", more: termOn + fontsOn, ask: `home.programs.alacritty.settings.font.normal.family == config.nqd.features.fonts.monospace`,
		want: `true`,
	},
	{
		name: "alacritty of host.toml", more: termOn + "font_size = 15\n", files: homeFile(`programs.alacritty.settings.font.size = 11;`),
		ask: `home.programs.alacritty.settings.font.size`, want: `15`,
	},

	{name: "starship line", more: promptOn + "newline = true\n", ask: `home.programs.starship.settings.add_newline`, want: `true`},
	{
		name: "starship of the user", more: promptOn, files: homeFile(`programs.starship.settings.add_newline = true;`),
		ask: `home.programs.starship.settings.add_newline`, want: `true`,
	},
	{
		name: "starship of host.toml", more: promptOn + "newline = false\n", files: homeFile(`programs.starship.settings.add_newline = true;`),
		ask: `home.programs.starship.settings.add_newline`, want: `false`,
	},

	{
		name: "command line in the shells", more: modernOn, ask: `with home.programs; [ bat.enable eza.enable fzf.enable zoxide.enable eza.git ]`,
		want: `[true,true,true,true,true]`,
	},
	{
		name: "command line of the system, by its right names", more: modernOn,
		ask:  `lib.filter (name: !lib.elem name (map lib.getName config.environment.systemPackages)) [ "ripgrep" "ripgrep-all" "fd" "jq" "yq-go" "choose" "dust" "duf" "broot" "doggo" "shellcheck" ]`,
		want: `[]`,
	},
	{
		name: "command line hides nothing", more: modernOn, ask: `with home.programs; map (shell: removeAttrs shell.shellAliases [ "eza" ]) [ bash fish zsh ] == lib.genList (_: { la = "eza -la"; ll = "eza -l"; lt = "eza --tree"; rg = "rg --smart-case"; }) 3`,
		want: `true`,
	},
	{
		name: "command line replaced", more: modernOn + "replace = true\n",
		ask:  `with home.programs; map (shell: with shell.shellAliases; [ ls cat du df ll ]) [ bash zsh ]`,
		want: `[["eza","bat","dust","duf","eza -l"],["eza","bat","dust","duf","eza -l"]]`,
	},
	{
		name: "command line of the user", more: modernOn, files: homeFile(`programs.zsh.shellAliases.ll = "ls -l";`),
		ask: `home.programs.zsh.shellAliases.ll`, want: `"ls -l"`,
	},
	{
		name: "command line of host.toml", more: modernOn + "replace = true\n", files: homeFile(`programs.eza.enableZshIntegration = false;`),
		ask: `home.programs.eza.enableZshIntegration`, want: `true`,
	},
	{name: "fzf finds by fd", more: modernOn, ask: `home.programs.fzf.defaultCommand`, want: `"fd --hidden --follow --exclude .git --type f"`},
	{
		name: "fzf widgets", more: modernOn, release: "26.05", ask: `with home.programs.fzf; [ fileWidgetCommand changeDirWidgetCommand ]`,
		want: `["fd --hidden --follow --exclude .git --type f","fd --hidden --follow --exclude .git --type d"]`,
	},
	{
		name: "fzf widgets of the next release", more: modernOn, release: "26.11", ask: `with home.programs.fzf; [ fileWidget.command changeDirWidget.command home.warnings ]`,
		want: `["fd --hidden --follow --exclude .git --type f","fd --hidden --follow --exclude .git --type d",[]]`,
	},
	{name: "no icons without fonts", more: modernOn, ask: `home.programs.eza.icons`, want: `null`},
	{name: "icons with fonts", more: modernOn + fontsOn, ask: `home.programs.eza.icons`, want: `"auto"`},
	{name: "no corrections", more: modernOn, ask: `home.programs.pay-respects.enable`, want: `false`},
	{name: "corrections", more: modernOn + "corrections = true\n", ask: `home.programs.pay-respects.enable`, want: `true`},
}

func TestFindingsHome(t *testing.T) { askAll(t, findingsHome) }
