package garbage

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/garbage/traces"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
)

// traces are those on the machine of a box, with a workspace that has a reference of nqd's.
func (b *box) traces() *traces.Traces {
	b.t.Helper()
	found := b.tracesThere()
	home, repository := found.Home, found.Git
	b.must(os.MkdirAll(repository.Dir, 0o755))
	b.must(os.WriteFile(filepath.Join(repository.Dir, "flake.nix"), []byte("{ }\n"), 0o600))
	b.must(os.MkdirAll(filepath.Join(repository.Dir, "hosts/x"), 0o755))
	b.must(os.MkdirAll(filepath.Join(repository.Dir, "nixlib"), 0o755)) // behind hosts, which has to go last
	b.must(repository.Ensure(b.t.Context()))
	made, err := repository.Commit(b.t.Context(), "x", "flake.nix")
	b.must(err)
	b.must(repository.Ref(b.t.Context(), "refs/nqd/deployments/1", made))
	for _, name := range []string{".local/state/nqd/backups/1/manifest", ".local/state/nqd/log/x.jsonl", ".cache/nqd/evaluations/x.json"} {
		file := filepath.Join(home, name)
		b.must(os.MkdirAll(filepath.Dir(file), 0o700))
		b.must(os.WriteFile(file, nil, 0o600))
	}
	return found
}

// tracesThere are those that are on the machine already.
func (b *box) tracesThere() *traces.Traces {
	home := filepath.Join(b.root, "home/ada")
	space := filepath.Join(home, ".config/nixos")
	return &traces.Traces{
		Machine: b.Machine, Guard: b.Guard, History: b.History, Home: home, Workspace: space,
		Git:   &git.Repository{Machine: b.Machine, Dir: space, Sink: func(event.Event) {}},
		State: filepath.Join(home, ".local/state/nqd"), Cache: filepath.Join(home, ".cache/nqd"),
	}
}

// cutting is a context that ends at the n-th question whether it has.
type cutting struct {
	context.Context
	left int
}

func (c *cutting) Err() error {
	c.left--
	if c.left < 0 {
		return context.Canceled
	}
	return nil
}

// left is what the state directory has, by name.
func (b *box) left(dir string) (names []string) {
	b.t.Helper()
	entries, err := os.ReadDir(filepath.Join(b.root, "home/ada", dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Cut off anywhere, another call finishes it: the profile and the boot menu are what they were, and of nqd nothing is left.
func TestRemove(t *testing.T) {
	t.Parallel()
	back := goneBack(t)
	for cut := 0; ; cut++ {
		b := back.again()
		gone := b.tracesThere()
		gone.Purge = true
		err := gone.Remove(&cutting{t.Context(), cut})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		whole := err == nil
		b.must(gone.Remove(t.Context()))
		b.removed(true)
		if !whole {
			continue
		}
		if cut < 9 {
			t.Errorf("it was cut off at %d places only", cut)
		}
		break
	}
	back.must(back.tracesThere().Remove(t.Context()))
	back.removed(false)
}

// goneBack is a machine that was deployed to and runs again what it did before.
func goneBack(t *testing.T) *box {
	t.Helper()
	b := newBox(t)
	b.deploy("b", "c")
	b.record("c", "a", engine.Committed, nil)
	b.switchTo("a") // as a rollback does
	b.traces()
	return b
}

// removed compares what is left where nqd was removed from a machine.
func (b *box) removed(purge bool) {
	b.t.Helper()
	links, err := filepath.Glob(filepath.Join(b.root, "nix/var/nix/profiles/system*"))
	b.must(err)
	if len(links) != 2 || filepath.Base(links[1]) != "system-1-link" {
		b.t.Errorf("profiles %q", links)
	}
	b.wantEntries("a")
	if purge {
		if left := b.left(""); len(left) > 0 {
			b.t.Errorf("in the home is %q", left)
		}
		return
	}
	if state := b.left(".local/state/nqd"); !slices.Equal(state, []string{"backups"}) {
		b.t.Errorf("left %q", state)
	}
	if home := b.left(""); !slices.Equal(home, []string{".config", ".local"}) {
		b.t.Errorf("in the home is %q", home)
	}
	out, err := exec.Command("git", "-C", filepath.Join(b.root, "home/ada/.config/nixos"), "for-each-ref").Output()
	if err != nil || strings.Contains(string(out), "nqd") {
		b.t.Errorf("references %s, %v", out, err)
	}
}

// Generations that the user made in between are hers.
func TestRemoveLeavesOthers(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.deploy("b")
	b.switchTo("e") // by nixos-rebuild
	gone := b.traces()
	before, err := gone.Before(t.Context())
	if err != nil || before.Switched {
		t.Errorf("goes back to %v, %v", before, err)
	}
	b.must(gone.Remove(t.Context()))
	if running, err := b.Guard.Running(); err != nil || running != b.systems["e"] {
		t.Errorf("runs %s, %v", running, err)
	}
	b.wantEntries("a", "e")
}

// What has to come back and cannot is told before anything is done; and nothing is, while a system of nqd's runs.
func TestBeforeIsLost(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.deploy("b", "c", "d")
	gone := b.traces()
	told, before, err := gone.Look(t.Context())
	if err != nil || before.System != b.systems["a"] || before.Number != 1 || told.System != string(b.systems["a"]) {
		t.Errorf("goes back to %v, %v; told %+v", before, err, told)
	}
	if err := gone.Remove(t.Context()); err == nil || !strings.Contains(err.Error(), "still runs") {
		t.Errorf("removed, %v", err)
	}
	b.collect(1)
	var lost *traces.LostError
	if _, _, err := gone.Look(t.Context()); !errors.As(err, &lost) || lost.System != b.systems["a"] || !strings.Contains(lost.Hint(), "nixos-rebuild switch") {
		t.Errorf("error %v", err)
	}
	b.must(os.WriteFile(filepath.Join(b.History.Dir, "1/journal"), []byte("nonsense\nand more\n"), 0o600))
	if _, err := gone.Before(t.Context()); !errors.As(err, &lost) || lost.System != "" {
		t.Errorf("with a damaged record: %v", err)
	}
	if before, err := (&traces.Traces{Machine: b.Machine, Guard: b.Guard, Git: gone.Git, History: historyAt(t)}).Before(t.Context()); err != nil || before.Switched {
		t.Errorf("without a history: %v, %v", before, err)
	}
}

// A workspace that has the home in it is never removed, also where the home is behind a link.
func TestPurgeKeepsHome(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.link("/users", "home")
	for _, workspace := range []string{"home", "users", "home/ada"} {
		gone := b.traces()
		gone.Purge, gone.Workspace = true, filepath.Join(b.root, workspace)
		b.must(os.MkdirAll(filepath.Join(gone.Workspace, "hosts"), 0o755))
		err := gone.Remove(t.Context())
		if err == nil || !strings.Contains(err.Error(), "the home is in it") || len(b.left("")) == 0 {
			t.Errorf("%s: error %v, left %q", workspace, err, b.left(""))
		}
	}
}

// A directory that is no workspace is the user's, whatever --workspace says, and so is what a link leads to.
func TestPurgeKeepsOthers(t *testing.T) {
	t.Parallel()
	back := goneBack(t)
	for name, act := range map[string]func(b *box, gone *traces.Traces) (kept string){
		"no workspace": func(b *box, gone *traces.Traces) string {
			gone.Workspace = filepath.Join(gone.Home, "letters")
			kept := filepath.Join(gone.Workspace, "to her")
			b.must(errors.Join(os.Mkdir(gone.Workspace, 0o700), os.WriteFile(kept, nil, 0o600)))
			told, _, err := gone.Look(t.Context())
			b.must(err)
			if !slices.Contains(told.Left, gone.Workspace) || slices.Contains(told.Removed, gone.Workspace) {
				t.Errorf("told %+v", told)
			}
			return kept
		},
		"a link": func(b *box, gone *traces.Traces) string {
			elsewhere := filepath.Join(gone.Home, "dotfiles")
			b.must(errors.Join(os.Rename(gone.Workspace, elsewhere), os.Symlink(elsewhere, gone.Workspace)))
			return filepath.Join(elsewhere, "flake.nix")
		},
	} {
		b := back.again()
		gone := b.tracesThere()
		gone.Purge = true
		kept := act(b, gone)
		b.must(gone.Remove(t.Context()))
		if _, err := os.Lstat(kept); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
