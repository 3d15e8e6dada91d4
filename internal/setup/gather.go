package setup

import (
	"cmp"
	"context"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const gitConfig = "git's settings"

// Identity is who commits, by the settings of git; empty for what they do not say.
type Identity struct{ Name, Email, GitHub string }

// Gather reads all but the adoption. Home is that of the user, by the machine's own name. Env is the value of a variable.
func Gather(ctx context.Context, m *machine.Machine, home string, env func(string) string) Found {
	found := Found{Facts: facts.Read(m), Git: readIdentity(ctx, m, home), Zones: readZones(m)}
	found.Decision = gpu.Decide(found.Facts)
	found.Editor, found.EditorFrom = findEditor(m, home, found.Facts.User, env)
	return found
}

// readIdentity asks git what the files of the user say (git-config(1), "FILES"). Git gets their text, as a home that is a
// link to somewhere is the machine's to follow. Without git, or such files, it is empty.
func readIdentity(ctx context.Context, m *machine.Machine, home string) Identity {
	var texts [][]byte
	for _, name := range []string{".gitconfig", ".config/git/config"} {
		if data, err := m.ReadFile(path.Join(home, name)); err == nil {
			texts = append(texts, data)
		}
	}
	ask := func(key string) string {
		for _, text := range texts {
			out, err := m.Output(ctx, machine.Cmd{
				Doing: "asking git who commits", Path: "git", Args: []string{"config", "--file", "-", "--get", key},
				Env:   []string{"LC_ALL=C.UTF-8", "PATH=" + os.Getenv("PATH")},
				Stdin: strings.NewReader(string(text)),
			})
			if value := strings.TrimSpace(string(out)); err == nil && value != "" {
				return value
			}
		}
		return ""
	}
	return Identity{Name: ask("user.name"), Email: ask("user.email"), GitHub: ask("github.user")}
}

// editor is one that the form offers: its name in host.toml, its command, and its title.
type editor struct{ name, command, title string }

// editors are those that the feature git knows a command of (nixlib/features/git/home.nix), and those whose name is their
// command. What is found on a machine is looked for in this order.
var editors = []editor{
	{"vscodium", "codium", "VSCodium"},
	{"vscode", "code", "Visual Studio Code"},
	{"cursor", "cursor", "Cursor"},
	{"zed", "zeditor", "Zed"},
	{"helix", "hx", "Helix"},
	{"neovim", "nvim", "Neovim"},
	{"emacs", "emacs", "Emacs"},
	{"kate", "kate", "Kate"},
	{"vim", "vim", "Vim"},
	{"nano", "nano", "nano"},
}

// findEditor is the editor that the user's shell names, or else the first that is installed.
func findEditor(m *machine.Machine, home, user string, env func(string) string) (name, from string) {
	for _, variable := range []string{"VISUAL", "EDITOR"} {
		words := strings.Fields(env(variable))
		if len(words) == 0 {
			continue
		}
		command := path.Base(words[0])
		i := slices.IndexFunc(editors, func(e editor) bool { return e.command == command || e.name == command })
		if i >= 0 {
			return editors[i].name, "$" + variable
		}
		if host.CheckText("user.editor", command) == nil {
			return command, "$" + variable
		}
	}
	for _, e := range editors {
		for _, dir := range []string{
			"/run/current-system/sw/bin", "/etc/profiles/per-user/" + cmp.Or(user, "root") + "/bin", path.Join(home, ".nix-profile/bin"),
		} {
			if there, err := m.Exists(path.Join(dir, e.command)); err == nil && there {
				return e.name, "installed"
			}
		}
	}
	return "", ""
}
