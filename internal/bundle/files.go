package bundle

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/runlog"
)

const (
	// largestFile is how large a file may be that is packed, in bytes; logs end at 4 MiB.
	largestFile = 16 << 20
	// largestSecret is how much of a file is looked for everywhere, in bytes.
	largestSecret = 64 << 10
)

// secretsFolder is where a workspace has its secrets. Nothing below it is ever packed.
const secretsFolder = "secrets"

// learn reads the secrets, so that they are found wherever else they stand. One that cannot be read stands nowhere that
// nqd could have written it to.
func (b *Bundle) learn(workspace string) {
	folder := filepath.Join(workspace, secretsFolder)
	_ = filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		if info, err := entry.Info(); err != nil || info.Size() > largestSecret {
			return nil
		}
		data, err := os.ReadFile(file)
		if name, _ := filepath.Rel(workspace, file); err == nil && utf8.Valid(data) {
			b.secrets.Add(name, string(data))
		}
		return nil
	})
}

// addWorkspace packs what says what the machine is to be.
func (b *Bundle) addWorkspace(from From) {
	b.Left = append(b.Left, Left{"workspace/" + secretsFolder, "secrets are never packed"})
	b.Left = append(b.Left, Left{"workspace: other files", "what they have is not known to nqd; --with=FILE packs one, redacted"})
	files := []struct{ name, about string }{{"flake.lock", "which inputs are used"}}
	for _, host := range from.Hosts {
		files = append(files, struct{ name, about string }{path.Join("hosts", host, "host.toml"), "what the user wants"})
	}
	for _, name := range from.With {
		files = append(files, struct{ name, about string }{path.Clean(name), "asked for"})
	}
	for _, file := range files {
		if top, _, _ := strings.Cut(file.name, "/"); top == secretsFolder || top == ".git" {
			b.Left = append(b.Left, Left{"workspace/" + file.name, "secrets are never packed"})
			continue
		}
		b.addFile(from.Workspace, file.name, "workspace/"+file.name, file.about)
	}
}

// addState packs what nqd recorded.
func (b *Bundle) addState(state string) {
	entries, err := os.ReadDir(filepath.Join(state, "deployments"))
	if err != nil {
		b.Left = append(b.Left, Left{"deployments", err.Error()})
	}
	var ids []int
	for _, entry := range entries {
		if id, err := strconv.Atoi(entry.Name()); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids[max(0, len(ids)-deployments):] {
		name := fmt.Sprintf("deployments/%d/journal", id)
		b.addFile(state, name, name, fmt.Sprintf("what deployment %d did", id))
	}
	logs := runlog.List(filepath.Join(state, "log"))
	for _, file := range logs[:min(len(logs), logFiles)] {
		b.addFile(state, "log/"+filepath.Base(file), "log/"+filepath.Base(file), "what was said in a run")
	}
}

// addFile packs a file below dir. Links are not followed, neither in its place nor on the way: they may lead to a secret.
func (b *Bundle) addFile(dir, name, as, about string) {
	data, err := read(dir, name)
	if err != nil {
		b.Left = append(b.Left, Left{as, b.secrets.Text(err.Error())})
		return
	}
	b.add(as, about, data)
}

func read(dir, name string) ([]byte, error) {
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("%s: not a file below %s", name, dir)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	parts := strings.Split(name, "/")
	for i := range parts {
		info, err := root.Lstat(path.Join(parts[:i+1]...))
		switch last := i == len(parts)-1; {
		case err != nil:
			return nil, err
		case last && !info.Mode().IsRegular(), !last && !info.IsDir():
			return nil, fmt.Errorf("%s: a link or no file", path.Join(parts[:i+1]...))
		case last && info.Size() > largestFile:
			return nil, fmt.Errorf("%s: larger than %d MiB", name, largestFile>>20)
		}
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, largestFile))
}

// failedUnits asks systemd which units failed.
func failedUnits(m *machine.Machine) Answer {
	return Answer{"failed-units.json", "units of systemd in state failed", func(ctx context.Context) ([]byte, error) {
		return m.Output(ctx, machine.Cmd{
			Doing: "listing failed units", Path: "/run/current-system/sw/bin/systemctl",
			Args: []string{"list-units", "--state=failed", "--output=json", "--no-pager"},
			Env:  []string{"LC_ALL=C.UTF-8"}, Inside: true,
		})
	}}
}

// release is which NixOS it is (os-release(5)).
func release(m *machine.Machine) Answer {
	return Answer{"os-release", "which NixOS it is", func(context.Context) ([]byte, error) { return m.ReadFile("/etc/os-release") }}
}
