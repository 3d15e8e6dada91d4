package survey

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
)

// commit is a deployment that passes: its actions, with Home Manager's own work between them.
func (w *world) commit(c Change) *change {
	w.Helper()
	d := w.begin(c)
	w.do(d.before)
	if len(c.Will) > 0 {
		w.must(w.activate(c.Will[0].Generation))
	}
	w.do(d.after)
	return d
}

// displaced are the files that a deployment cleared away.
func (d *change) displaced() (found []home.Displaced) {
	for _, action := range d.before {
		if clear, is := action.(*home.Clear); is {
			found = append(found, home.Displaced{Home: clear.Home, Path: clear.Path, Backup: clear.Backup})
		}
	}
	return found
}

// TestThereAndBack: a home is deployed and left again; all that was in its way is back, and none of its links is left.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	w.put("/home/ada/.zshrc", "mine")
	w.put("/home/ada/.config/app/theirs", "mine")
	w.put("/home/ada/blocker", "no folder")
	w.put("/data/share/taken", "mine")
	w.put("/home/ada/.local/share", "-> /data/share")
	w.put("/home/ada/first", "linked")
	w.must(os.Link(w.machine.Path("/home/ada/first"), w.machine.Path("/home/ada/second")))
	w.must(os.Chmod(w.machine.Path("/home/ada/.config/app"), 0o700))
	w.age()
	before := w.list()
	generation := w.generation(map[string]string{
		".zshrc": "new", ".config/app": "new", "blocker/in": "new", ".local/share/taken": "new", "first": "new", "second": "new",
	})
	d := w.commit(Change{Will: w.home(generation)})
	want := []string{
		"/data/share/taken", "/home/ada/.config/app", "/home/ada/.zshrc", "/home/ada/blocker", "/home/ada/first", "/home/ada/second",
	}
	if got := d.survey.InTheWay(); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("in the way: %q, want %q", got, want)
	}
	if text, err := w.machine.ReadFile("/home/ada/blocker/in"); err != nil || string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
	if again := w.begin(Change{Was: w.home(generation), Will: w.home(generation), Displaced: d.displaced()}); len(again.before)+len(again.after) > 0 {
		t.Errorf("the same home again is something to do: %d, %d", len(again.before), len(again.after))
	}
	w.commit(Change{Was: w.home(generation), Displaced: d.displaced()})
	w.notes = nil
	undated := func(list string) (lines []string) {
		for line := range strings.Lines(list) {
			fields := strings.Fields(line)
			lines = append(lines, strings.Join(append(fields[:3], fields[4:]...), " "))
		}
		return lines
	}
	// nothing of Home Manager's is left, its own folders neither
	if now := w.list(); !slices.Equal(undated(now), undated(before)) {
		t.Errorf("was\n%s\nis\n%s", before, now)
	}
	first, _, err := files.Look(w.machine, "/home/ada/first")
	w.must(err)
	second, _, err := files.Look(w.machine, "/home/ada/second")
	w.must(err)
	if text, err := w.machine.ReadFile("/data/share/taken"); err != nil || string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
	if !os.SameFile(first, second) {
		t.Error("two names of one file are two files")
	}
}

// TestOneFileLess: what was in the way of a file comes back when the next home has it no more.
func TestOneFileLess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	w.put("/home/ada/.config/app/a", "mine")
	w.must(os.Chmod(w.machine.Path("/home/ada/.config/app"), 0o700))
	two, one := w.generation(map[string]string{".config/app/a": "new", "b": "new"}), w.generation(map[string]string{"b": "new"})
	d := w.commit(Change{Will: w.home(two)})
	w.age()
	before := w.list()
	back := w.commit(Change{Was: w.home(two), Will: w.home(one), Displaced: d.displaced()})
	if text, err := w.machine.ReadFile("/home/ada/.config/app/a"); err != nil || string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
	info, err := os.Stat(w.machine.Path("/home/ada/.config/app"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder that Home Manager removed: %v, %v", info.Mode(), err)
	}
	w.must(w.undo(back.after))
	w.must(w.activate(two))
	w.must(w.undo(back.before))
	if now := w.list(); now != before {
		t.Errorf("taken back: was\n%s\nis\n%s", before, now)
	}
}

// TestEditsAreKept: what the user does while a deployment is under way, or after it, is never overwritten or removed.
func TestEditsAreKept(t *testing.T) {
	t.Parallel()
	t.Run("after the backup", func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		w.put("/home/ada/.zshrc", "mine")
		d := w.begin(Change{Will: w.home(w.generation(map[string]string{".zshrc": "new"}))})
		w.must(os.WriteFile(w.machine.Path("/home/ada/.zshrc"), []byte("edited"), 0o644))
		clear := d.before[1].(*home.Clear)
		var changed *home.ChangedError
		if err := clear.Do(t.Context()); !errors.As(err, &changed) || changed.Path != "/home/ada/.zshrc" {
			t.Errorf("got %v", err)
		}
		if err := clear.Undo(t.Context()); err != nil {
			t.Errorf("nothing to take back: %v", err)
		}
		w.holds("/home/ada/.zshrc", "edited")
	})
	t.Run("before it is taken back", func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		w.put("/home/ada/.zshrc", "mine")
		generation := w.generation(map[string]string{".zshrc": "new"})
		d := w.begin(Change{Will: w.home(generation)})
		w.do(d.before)
		w.must(w.activate(generation))
		w.must(os.Remove(w.machine.Path("/home/ada/.zshrc")))
		w.put("/home/ada/.zshrc", "edited")
		err := w.undo(d.before)
		var changed *home.ChangedError
		if !errors.As(err, &changed) || !strings.HasSuffix(changed.Error(), ": nqd backup restore 1 /home/ada/.zshrc") {
			t.Errorf("got %v", err)
		}
		w.holds("/home/ada/.zshrc", "edited")
	})
	t.Run("in the place of a link", func(t *testing.T) {
		w := newWorld(t, t.TempDir())
		w.put("/home/ada/.zshrc", "mine")
		generation := w.generation(map[string]string{".zshrc": "new", "b": "new"})
		d := w.commit(Change{Will: w.home(generation)})
		w.must(os.Remove(w.machine.Path("/home/ada/.zshrc")))
		w.put("/home/ada/.zshrc", "edited")
		w.commit(Change{Was: w.home(generation), Displaced: d.displaced()})
		w.holds("/home/ada/.zshrc", "edited")
		if len(w.notes) == 0 || !strings.Contains(w.notes[0], "/home/ada/.zshrc: something else stands there now") {
			t.Errorf("told %q", w.notes)
		}
		if there, _ := w.machine.Exists("/home/ada/b"); there {
			t.Error("a link is left")
		}
	})
}

// TestHalfReturned: a return that was cut off is taken back as far as it came, and what the user put there meanwhile stays.
func TestHalfReturned(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	w.put("/home/ada/folder/a", "mine")
	w.put("/home/ada/folder/deep/b", "mine")
	generation := w.generation(map[string]string{"folder": "new", "rest": "new"})
	first := w.commit(Change{Will: w.home(generation)})
	w.age()
	before := w.list()
	d := w.begin(Change{Was: w.home(generation), Displaced: first.displaced()})
	w.do(d.before)
	w.do(d.after)
	w.must(os.Remove(w.machine.Path("/home/ada/folder/a")))
	w.put("/home/ada/folder/deep/"+stage("fresh", "b"), "half")
	w.put("/home/ada/"+stage("fresh", "folder"), "half")
	w.must(w.undo(slices.Concat(d.before, d.after)))
	if now := w.list(); now != before {
		t.Errorf("was\n%s\nis\n%s", before, now)
	}
	w.do(d.before)
	w.do(d.after)
	w.put("/home/ada/folder/theirs", "edited")
	var changed *home.ChangedError
	if err := w.undo(d.after[1:]); !errors.As(err, &changed) || changed.Path != "/home/ada/folder" {
		t.Errorf("got %v", err)
	}
	w.holds("/home/ada/folder/theirs", "edited")
}

// stage is the name under which package backup works on a file of that name.
func stage(word, name string) string {
	sum := sha256.Sum256([]byte(name))
	return ".nqd-" + word + "-" + hex.EncodeToString(sum[:8])
}

// TestHalfCleared: a removal that was cut off does not count as done.
func TestHalfCleared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	w.put("/home/ada/.zshrc", "mine")
	w.age()
	before := w.list()
	d := w.begin(Change{Will: w.home(w.generation(map[string]string{".zshrc": "new"}))})
	clear := d.before[1]
	for _, word := range []string{"aside", "spent"} {
		file := w.machine.Path("/home/ada/" + stage(word, ".zshrc"))
		w.must(os.Rename(w.machine.Path("/home/ada/.zshrc"), file))
		if holds, err := clear.Holds(t.Context()); err != nil || holds {
			t.Errorf("%s: holds %t, %v", word, holds, err)
		}
		w.must(clear.Do(t.Context()))
		if _, err := os.Lstat(file); err == nil {
			t.Errorf("%s is left", word)
		}
		w.must(w.undo(d.before))
		if now := w.list(); now != before {
			t.Errorf("%s: was\n%s\nis\n%s", word, before, now)
		}
	}
}

// TestEditsWhileItIsLeft: between the look at a home and the removal of its links there is time for an edit.
func TestEditsWhileItIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	generation := w.generation(map[string]string{"file": "new", "link": "new", "gone": "new", "rest": "new"})
	w.commit(Change{Will: w.home(generation)})
	d := w.begin(Change{Was: w.home(generation)})
	for _, name := range []string{"file", "link", "gone"} {
		w.must(os.Remove(w.machine.Path("/home/ada/" + name)))
	}
	w.put("/home/ada/file", "edited")
	w.put("/home/ada/link", "-> file")
	w.must(d.after[0].Do(t.Context()))
	w.holds("/home/ada/file", "edited")
	w.holds("/home/ada/link", "edited")
	if there, _ := w.machine.Exists("/home/ada/rest"); there || len(w.notes) != 2 {
		t.Errorf("a link is left (%t), told %q", there, w.notes)
	}
	w.must(d.after[0].Undo(t.Context()))
	w.holds("/home/ada/file", "edited")
	w.holds("/home/ada/link", "edited")
	w.holds("/home/ada/rest", "new")
}

func (w *world) holds(abs, text string) {
	w.Helper()
	if got, err := w.machine.ReadFile(abs); err != nil || string(got) != text {
		w.Errorf("%s: %q, %v; want %q", abs, got, err, text)
	}
}

// TestThirdHome: where somebody switched to a third home meanwhile, its links are left alone.
func TestThirdHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	one, two := w.generation(map[string]string{"a": "1", "b": "1"}), w.generation(map[string]string{"a": "2", "c": "2"})
	three := w.generation(map[string]string{"a": "3"})
	w.commit(Change{Will: w.home(one)})
	d := w.begin(Change{Was: w.home(one), Will: w.home(two)})
	w.do(d.before)
	w.must(w.activate(two))
	w.must(w.activate(three))
	w.must(w.undo(d.before))
	w.holds("/home/ada/a", "3")
	if there, _ := w.machine.Exists("/home/ada/b"); there {
		t.Error("a link of the first home came back")
	}
}
