package garbage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// program is testdata/program, compiled once: it runs where there is nothing but the sandbox.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nqd-garbage-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-o", file, "testdata/program/main.go")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	for _, made := range []func() (string, error){program, template} {
		if file, err := made(); err == nil {
			os.RemoveAll(filepath.Dir(file))
		}
	}
	os.Exit(code)
}

// box is a machine with a real store, and a collector of it.
type box struct {
	*Collector
	t       *testing.T
	root    string
	systems map[string]machine.StorePath
	told    []event.Garbage
}

// names are those of the systems that are built; each needs a package of its own and one that all need.
var names = []string{"a", "b", "c", "d", "e"}

// They are others each time: nix takes what stands in the environment of any process for a root, and so those of the
// builders of another machine.
const expression = `
let
  make = name: needs: derivation {
    inherit name needs;
    builder = "${builtins.path { path = %s; name = "program-%d"; }}";
    system = builtins.currentSystem;
  };
  common = make "common" [ ];
  system = name: make "nixos-system-${name}" [ common (make "package-${name}" [ ]) ];
in builtins.listToAttrs (map (name: { inherit name; value = system name; }) [ %s ])`

// newBox is a machine that runs and boots system a, with the first Nix there is. Its store is that of the template.
func newBox(t *testing.T) *box {
	t.Helper()
	all := nixes.All()
	if len(all) == 0 {
		t.Skip("no nix: `make test` installs one")
	}
	needRoot(t)
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	b := boxAt(t, all[0], filepath.Join(t.TempDir(), "machine"))
	b.must(sandbox.Clone(from, b.root))
	return b.begin()
}

// newBoxOf is such a machine, whose systems are built for it alone.
func newBoxOf(t *testing.T, bin string) *box {
	t.Helper()
	needRoot(t)
	b := boxAt(t, bin, t.TempDir())
	b.must(build(bin, b.root))
	return b.begin()
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("programs of a sandbox run in its root, which needs root here")
	}
}

// template is a machine with a store in which the systems are, built once by the first Nix.
var template = sync.OnceValues(func() (string, error) {
	all := nixes.All()
	if len(all) == 0 || os.Geteuid() != 0 {
		return "", errors.New("there is no template where no test needs one")
	}
	dir, err := os.MkdirTemp("", "nqd-garbage-")
	if err != nil {
		return "", err
	}
	root := filepath.Join(dir, "template")
	return root, errors.Join(os.Mkdir(root, 0o755), build(all[0], root))
})

// systemsFile says where in the store the systems are, by name.
const systemsFile = "systems.json"

// build makes a store with the systems below root.
func build(bin, root string) error {
	file, err := program()
	if err != nil {
		return err
	}
	for _, dir := range []string{"run", "boot", "etc/nix", "nix/var/nix/profiles"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			return err
		}
	}
	text := filepath.Join(root, "systems.nix")
	source := fmt.Appendf(nil, expression, file, time.Now().UnixNano(), `"`+strings.Join(names, `" "`)+`"`)
	if err := os.WriteFile(text, source, 0o600); err != nil {
		return err
	}
	out, err := runNix(bin, root, "nix", append([]string{"build", "--impure", "--no-link", "--print-out-paths", "--file", text}, names...)...)
	if err != nil {
		return err
	}
	systems := make(map[string]string)
	for i, path := range strings.Fields(out) {
		systems[names[i]] = path
	}
	found, err := json.Marshal(systems)
	return errors.Join(err, os.Remove(text), os.WriteFile(filepath.Join(root, systemsFile), found, 0o600))
}

// boxAt is a collector of the machine at root, which may come later.
func boxAt(t *testing.T, bin, root string) *box {
	t.Helper()
	b := &box{t: t, root: root, systems: make(map[string]machine.StorePath)}
	nix := &nixcli.Nix{Program: filepath.Join(bin, "nix"), Cache: t.TempDir(), Sink: func(event.Event) {}}
	b.Collector = &Collector{
		Nix:     nix,
		Guard:   &guard.Guard{Profile: nixcli.SystemProfile{Nix: nix}, Sink: nix.Sink},
		History: deployment.History{History: engine.History{Dir: filepath.Join(b.root, "home/ada/.local/state/nqd/deployments")}},
		Sink:    func(e event.Event) { b.told = append(b.told, e.(event.Garbage)) },
		Backups: &backup.Store{Dir: filepath.Join(b.root, "home/ada/.local/state/nqd/backups"), Root: b.root},
		Confirm: func(context.Context, event.Garbage) (bool, error) { return true, nil },
	}
	t.Cleanup(b.writable)
	return b
}

// begin makes the machine run and boot system a.
func (b *box) begin() *box {
	b.t.Helper()
	b.attach()
	text, err := os.ReadFile(filepath.Join(b.root, systemsFile))
	b.must(errors.Join(err, json.Unmarshal(text, &b.systems), os.Remove(filepath.Join(b.root, systemsFile))))
	b.switchTo("a")
	b.link("/run/booted-system", string(b.systems["a"]))
	return b
}

func (b *box) attach() {
	b.t.Helper()
	m, err := machine.Sandbox(b.root)
	b.must(err)
	b.Machine, b.Nix.Machine, b.Guard.Machine = m, m, m
}

// again is another machine, as this one is now.
func (b *box) again() *box {
	b.t.Helper()
	other := boxAt(b.t, filepath.Dir(b.Nix.Program), filepath.Join(b.t.TempDir(), "machine"))
	b.must(sandbox.Clone(b.root, other.root))
	other.systems = b.systems
	other.attach()
	return other
}

func (b *box) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// nix asks the store without nqd.
func (b *box) nix(name string, args ...string) string {
	b.t.Helper()
	out, err := b.tryNix(name, args...)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b *box) tryNix(name string, args ...string) (string, error) {
	return runNix(filepath.Dir(b.Nix.Program), b.root, name, args...)
}

func runNix(bin, root, name string, args ...string) (string, error) {
	options := []string{"--extra-experimental-features", "nix-command", "--store", "local?root=" + root, "--option", "sandbox", "true",
		"--option", "sandbox-paths", "", "--option", "build-users-group", "", "--option", "substituters", ""}
	cmd := exec.Command(filepath.Join(bin, name), append(args, options...)...)
	cmd.Env = append(os.Environ(), "NIX_CONF_DIR="+filepath.Join(root, "etc/nix"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %q: %w\n%s", name, args, err, &stderr)
	}
	return string(out), err
}

func (b *box) link(abs, target string) {
	b.t.Helper()
	file := filepath.Join(b.root, abs)
	b.must(os.MkdirAll(filepath.Dir(file), 0o755))
	b.must(errors.Join(os.RemoveAll(file), os.Symlink(target, file)))
}

// switchTo makes the machine run and boot a system, as nixos-rebuild does.
func (b *box) switchTo(name string) {
	b.t.Helper()
	b.must(b.Guard.Profile.Set(b.t.Context(), b.systems[name]))
	b.link("/run/current-system", string(b.systems[name]))
	b.must(b.Guard.WriteMenu(b.t.Context(), b.systems[name]))
}

// record records a deployment from one system to another, with roots of both.
func (b *box) record(from, to string, result engine.Result, cause error) int {
	b.t.Helper()
	run := b.roots(from, to)
	before, err := b.Guard.Profile.Current()
	b.must(err)
	b.must(run.Begin(deployment.Header{Kind: deployment.Apply, Old: b.systems[from], New: b.systems[to], Before: before}, nil))
	if result != engine.Interrupted {
		b.must(run.End(result, cause))
	}
	return run.ID
}

// roots are those of a deployment that did not begin.
func (b *box) roots(from, to string) *engine.Run {
	b.t.Helper()
	run, err := b.History.Next()
	b.must(err)
	b.must(b.Nix.Root(b.t.Context(), b.systems[from], filepath.Join(run.Dir, "old")))
	b.must(b.Nix.Root(b.t.Context(), b.systems[to], filepath.Join(run.Dir, "new")))
	return run
}

// deploy commits systems, one after the other.
func (b *box) deploy(systems ...string) {
	b.t.Helper()
	for _, name := range systems {
		running, err := sandboxLink(b.root, "run/current-system")
		b.must(err)
		from := names[slices.IndexFunc(names, func(n string) bool { return string(b.systems[n]) == running })]
		b.record(from, name, engine.Committed, nil)
		b.switchTo(name)
	}
	b.link("/run/booted-system", string(b.systems[systems[len(systems)-1]]))
}

func sandboxLink(root, name string) (string, error) { return os.Readlink(filepath.Join(root, name)) }

// collect has to go well, and returns what was told at first and in the end.
func (b *box) collect(keep int) (first, last event.Garbage) {
	b.t.Helper()
	b.told = nil
	b.must(b.Run(b.t.Context(), Options{ForgetFirst: true, Keep: keep, Now: time.Now()}))
	return b.told[0], b.told[len(b.told)-1]
}

// has compares which of the systems are there: whole, by the word of nix, which reads each file of it.
func (b *box) has(want ...string) {
	b.t.Helper()
	for _, name := range names {
		_, err := b.tryNix("nix-store", "--verify-path", string(b.systems[name]))
		_, gone := os.Lstat(filepath.Join(b.root, string(b.systems[name])))
		switch {
		case slices.Contains(want, name):
			if err != nil || gone != nil {
				b.t.Errorf("system %s is gone: %v, %v", name, err, gone)
			}
		case err == nil || !errors.Is(gone, fs.ErrNotExist):
			b.t.Errorf("system %s is still there: %v", name, gone)
		}
	}
}

// needed has to be there, whatever else is.
func (b *box) needed(names ...string) {
	b.t.Helper()
	for _, name := range names {
		if _, err := b.tryNix("nix-store", "--verify-path", string(b.systems[name])); err != nil {
			b.t.Errorf("system %s is gone: %v", name, err)
		}
	}
}

// stored are all paths of the store by the word of nix, and the sizes of their NARs.
func (b *box) stored() map[string]int64 {
	b.t.Helper()
	args := []string{"path-info", "--all", "--json"}
	if help := b.nix("nix", "path-info", "--help"); strings.Contains(help, "json-format") {
		args = append(args, "--json-format", "1")
	}
	var infos map[string]struct{ NarSize int64 }
	b.must(json.Unmarshal([]byte(b.nix("nix", args...)), &infos))
	sizes := make(map[string]int64)
	for path, info := range infos {
		sizes[path] = info.NarSize
	}
	return sizes
}

// lost is how many paths went, and their size.
func lost(before, after map[string]int64) (paths int, size int64) {
	for path, bytes := range before {
		if _, there := after[path]; !there {
			paths, size = paths+1, size+bytes
		}
	}
	return paths, size
}

// entries are the names of the systems in the boot menu.
func (b *box) entries() []string {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.root, "boot/loader/entries/*"))
	b.must(err)
	var found []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		b.must(err)
		for _, name := range names {
			if strings.Contains(string(text), string(b.systems[name])) {
				found = append(found, name)
			}
		}
	}
	return found
}

func (b *box) wantEntries(want ...string) {
	b.t.Helper()
	if got := b.entries(); !slices.Equal(got, want) {
		b.t.Errorf("the boot menu has %q, want %q", got, want)
	}
}

// writable lets the store be removed.
func (b *box) writable() {
	b.must(filepath.WalkDir(b.root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	}))
}
