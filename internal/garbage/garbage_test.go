package garbage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// rootsOf are the names that are told, without what they keep.
func rootsOf(roots []event.GarbageRoot) (found []string) {
	for _, root := range roots {
		found = append(found, root.Name)
	}
	slices.Sort(found)
	return found
}

// What is told before is what goes, to the byte, by the word of nix; and history is still told.
func TestCollect(t *testing.T) {
	t.Parallel()
	nixes.Each(t, func(t *testing.T, bin string) {
		b := newBoxOf(t, bin)
		b.deploy("b", "c", "d", "e")
		before := b.stored()
		first, last := b.collect(2)
		b.has("d", "e")
		b.wantEntries("d", "e")
		paths, size := lost(before, b.stored())
		if first.Paths != paths || first.Freed != size || last.Paths != paths || last.Freed != size || paths < 6 {
			t.Errorf("%d paths of %d bytes went; told %d of %d before and %d of %d after", paths, size, first.Paths, first.Freed, last.Paths, last.Freed)
		}
		if !last.Collected || first.Collected || first.DryRun {
			t.Errorf("told %+v, %+v", first, last)
		}
		want := []string{"before deployment 1", "before deployment 2", "before deployment 3", "deployment 1", "deployment 2",
			"generation 1", "generation 2", "generation 3"}
		if got := rootsOf(first.Goes); !slices.Equal(got, want) {
			t.Errorf("goes %q, want %q", got, want)
		}
		if got := rootsOf(first.Stays); !slices.Equal(got, []string{"before deployment 4", "deployment 3", "deployment 4", "generation 4", "generation 5"}) {
			t.Errorf("stays %q", got)
		}
		if all, err := b.History.All(); err != nil || len(all) != 4 || all[0].Header.New != b.systems["b"] {
			t.Errorf("history %v, %v", all, err)
		}
		// Another time there is nothing, and nobody is asked.
		b.Confirm = nil
		if again, _ := b.collect(2); len(again.Goes) > 0 || again.Paths > 0 {
			t.Errorf("again %+v", again)
		}
		if _, err := os.Lstat(b.dir()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left behind: %v", err)
		}
	})
}

// What nix keeps by its settings is not told as going.
func TestSettings(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{"keep-outputs = true\n", "keep-derivations = false\n", "keep-derivations = false\nkeep-outputs = true\n"} {
		b := newBox(t)
		b.must(os.WriteFile(filepath.Join(b.root, "etc/nix/nix.conf"), []byte(settings), 0o600))
		b.deploy("b", "c")
		before := b.stored()
		first, _ := b.collect(1)
		if paths, size := lost(before, b.stored()); first.Paths != paths || first.Freed != size || paths == 0 {
			t.Errorf("%q: %d paths of %d bytes went, told %d of %d", settings, paths, size, first.Paths, first.Freed)
		}
	}
}

// A dry run changes nothing: no file of the machine, no root, and no lock is taken.
func TestDryRun(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.deploy("b", "c", "d")
	unlock, err := b.History.Lock()
	b.must(err)
	defer unlock()
	b.Confirm = nil
	before := b.listing()
	b.must(b.Run(t.Context(), Options{ForgetFirst: true, Keep: 1, DryRun: true, Now: time.Now()}))
	if len(b.told) != 1 || !b.told[0].DryRun || b.told[0].Paths == 0 || b.told[0].Freed == 0 || len(b.told[0].Goes) == 0 {
		t.Errorf("told %+v", b.told)
	}
	if after := b.listing(); after != before {
		t.Errorf("changed:\n%s\nwas\n%s", after, before)
	}
	b.has("a", "b", "c", "d", "e")
}

// listing is every file of the machine, but for those that any nix writes that only looks.
func (b *box) listing() string {
	var lines strings.Builder
	b.must(filepath.WalkDir(b.root, func(path string, entry fs.DirEntry, err error) error {
		name, _ := filepath.Rel(b.root, path)
		if name == "nix/var/nix/db" || name == "nix/var/nix/temproots" || name == "nix/store" {
			names, _ := filepath.Glob(filepath.Join(b.root, "nix/store/*"))
			fmt.Fprintln(&lines, names)
			return fs.SkipDir
		}
		if err != nil {
			return err
		}
		if entry.Name() == "lock" { // it names the process that had it last
			return nil
		}
		target, _ := os.Readlink(path)
		text, _ := os.ReadFile(path) // of what is no file there is none
		fmt.Fprintln(&lines, name, entry.Type(), target, string(text))
		return nil
	}))
	return lines.String()
}

func TestDeclined(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.deploy("b", "c")
	before := b.listing()
	b.Confirm = func(_ context.Context, told event.Garbage) (bool, error) { return len(told.Goes) == 0, nil }
	if err := b.Run(t.Context(), Options{ForgetFirst: true, Keep: 1, Now: time.Now()}); !errors.Is(err, ErrDeclined) {
		t.Errorf("error %v", err)
	}
	if after := b.listing(); after != before {
		t.Errorf("changed:\n%s\nwas\n%s", after, before)
	}
	b.has("a", "b", "c", "d", "e")
}

// While the question stands there, somebody goes back to a system: it stays.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.deploy("b", "c", "d")
	b.Confirm = func(context.Context, event.Garbage) (bool, error) {
		b.switchTo("b")
		return true, nil
	}
	b.must(b.Run(t.Context(), Options{ForgetFirst: true, Keep: 1, Now: time.Now()}))
	b.has("b", "c", "d")
	b.nix("nix-store", "--add", filepath.Join(b.root, "boot/loader/loader.conf"))
	b.Confirm = func(context.Context, event.Garbage) (bool, error) {
		b.switchTo("d")
		return true, nil
	}
	if err := b.Run(t.Context(), Options{ForgetFirst: true, Keep: 1, Now: time.Now()}); !errors.Is(err, ErrChanged) {
		t.Errorf("error %v: more goes than was told", err)
	}
	b.has("b", "c", "d")
}

func TestBusy(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.deploy("b", "c")
	unlock, err := b.History.Lock()
	b.must(err)
	defer unlock()
	var busy *engine.Busy
	if err := b.Run(t.Context(), Options{ForgetFirst: true, Keep: 1, Now: time.Now()}); !errors.As(err, &busy) || len(b.told) > 0 {
		t.Errorf("error %v, told %v", err, b.told)
	}
	b.has("a", "b", "c", "d", "e")
}

// What is young stays, by the time of its root; and at least one deployment does.
func TestOlderThan(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.deploy("b", "c", "d")
	b.must(b.Run(t.Context(), Options{ForgetFirst: true, Keep: 1, OlderThan: 24 * time.Hour, Now: time.Now()}))
	b.has("a", "b", "c", "d")
	b.must(b.Run(t.Context(), Options{ForgetFirst: true, Keep: 1, OlderThan: 24 * time.Hour, Now: time.Now().Add(25 * time.Hour)}))
	b.has("c", "d")
	if err := b.Run(t.Context(), Options{Now: time.Now()}); err == nil {
		t.Error("none is kept, and no error")
	}
}

// Killed behind any step, the next one finishes it, and nothing that is needed was gone in between.
func TestKilled(t *testing.T) {
	t.Parallel()
	deployed := newBox(t)
	deployed.deploy("b", "c", "d")
	deployed.link("/run/booted-system", string(deployed.systems["e"])) // which no root keeps
	for killed := 0; ; killed++ {
		b := deployed.again()
		p, err := b.plan(t.Context(), Options{ForgetFirst: true, Keep: 1, Now: time.Now()})
		b.must(err)
		steps := b.steps(p)
		if killed > len(steps) {
			if killed < 9 {
				t.Errorf("only %d steps", len(steps))
			}
			break
		}
		for _, step := range steps[:killed] {
			b.must(step(t.Context()))
		}
		b.needed("c", "d", "e")
		b.collect(1)
		b.has("c", "d", "e")
		b.wantEntries("c", "d")
		if _, err := os.Lstat(b.dir()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left behind: %v", err)
		}
	}
}
