package survey

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// names are few, so that what is random meets.
var names = []string{".zshrc", ".config", "app", "a", "b"}

func place(t *rapid.T, label string) string {
	return path.Join(rapid.SliceOfN(rapid.SampledFrom(names), 1, 3).Draw(t, label)...)
}

// randomHome fills the home with files, folders and links of all sorts.
func (w *world) randomHome(t *rapid.T, label string) {
	for i := range rapid.IntRange(0, 8).Draw(t, label) {
		file := w.machine.Path(path.Join(ada, place(t, fmt.Sprintf("%s %d", label, i))))
		if _, err := os.Lstat(file); err == nil || !w.mayHave(filepath.Dir(file)) {
			continue
		}
		w.must(os.MkdirAll(filepath.Dir(file), 0o755))
		switch kind := rapid.SampledFrom([]string{"file", "file", "folder", "link", "hard"}).Draw(t, "kind"); kind {
		case "link":
			w.must(os.Symlink(rapid.SampledFrom([]string{"/gone", "a", "../b", "/home/ada/b", "/etc"}).Draw(t, "target"), file))
		case "folder":
			w.must(os.Mkdir(file, os.FileMode(rapid.SampledFrom([]uint32{0o755, 0o700, 0o500}).Draw(t, "mode"))))
		default:
			first := w.machine.Path(path.Join(ada, "first"))
			if _, err := os.Lstat(first); kind == "hard" && err == nil {
				w.must(os.Link(first, file))
				continue
			}
			w.must(os.WriteFile(file, []byte(rapid.SampledFrom([]string{"", "mine", "1", "2"}).Draw(t, "text")), 0o600))
			w.must(unix.Chmod(file, rapid.SampledFrom([]uint32{0o644, 0o400, 0o4755, 0}).Draw(t, "mode")))
			_ = unix.Setxattr(file, "user.note", []byte("mine"), 0) // not every file system has them
		}
		if os.Geteuid() == 0 {
			w.must(os.Lchown(file, rapid.SampledFrom([]int{0, 1000}).Draw(t, "owner"), 100))
		}
	}
}

// mayHave reports whether a folder can be made there without going through a link.
func (w *world) mayHave(dir string) bool {
	for at := dir; at != w.machine.Path(ada); at = filepath.Dir(at) {
		if info, err := os.Lstat(at); err == nil && !info.IsDir() {
			return false
		}
	}
	return true
}

// randomFiles are home-files: no place is below another one.
func (w *world) randomFiles(t *rapid.T, label string) map[string]string {
	want := map[string]string{}
	for i := range rapid.IntRange(1, 5).Draw(t, label) {
		target := place(t, fmt.Sprintf("%s %d", label, i))
		if slices.ContainsFunc(append(keys(want), "x"), func(other string) bool { return files.Within(other, target) || files.Within(target, other) }) {
			continue
		}
		want[target] = rapid.SampledFrom([]string{"1", "2", "-> /nix/store/folder"}).Draw(t, "content")
	}
	return want
}

func keys(m map[string]string) (found []string) {
	for key := range m {
		found = append(found, key)
	}
	return found
}

// edit replaces or removes some of Home Manager's links, as a user does.
func (w *world) edit(t *rapid.T, want map[string]string) {
	for _, target := range slices.Sorted(slices.Values(keys(want))) {
		file, err := files.At(w.machine, path.Join(ada, target))
		if err != nil {
			continue
		}
		link, _, err := files.ReadLink(w.machine, path.Join(ada, target))
		w.must(err)
		if link == nil {
			continue
		}
		switch rapid.SampledFrom([]string{"", "", "file", "gone", "link"}).Draw(t, "edit") {
		case "file":
			w.must(os.Remove(file))
			w.must(os.WriteFile(file, []byte("edited"), 0o600))
		case "gone":
			w.must(os.Remove(file))
		case "link":
			w.must(os.Remove(file))
			w.must(os.Symlink("/elsewhere", file))
		}
	}
}

// crosses reports whether a place is reached through a link: into the store, or to what is cleared away, Home Manager
// itself does not get any more.
func (w *world) crosses(generation machine.StorePath) bool {
	want, err := files.Of(w.machine, generation)
	w.must(err)
	targets, err := files.Targets(w.machine, want)
	w.must(err)
	return slices.ContainsFunc(targets, func(target string) bool {
		place, _ := files.Real(w.machine, path.Join(ada, target))
		return place != path.Join(ada, target)
	})
}

// TestUndoRestoresTheHome deploys random homes onto random homes, and takes that back: all is as it was, byte for byte,
// with modes, owners, times, attributes and targets, also where the deployment was cut off in its middle.
func TestUndoRestoresTheHome(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	count := 0
	rapid.Check(t, func(t *rapid.T) {
		count++
		dir := filepath.Join(base, fmt.Sprint(count))
		defer os.RemoveAll(dir)
		w := newWorld(t, dir)
		w.put("/nix/store/folder/in", "x")
		w.put("/home/ada/first", "first")
		w.randomHome(t, "home")
		old := machine.StorePath("")
		if rapid.Bool().Draw(t, "has a home before") {
			want := w.randomFiles(t, "old")
			old = w.generation(want)
			if w.crosses(old) {
				t.Skip("Home Manager itself would not have made that home")
			}
			d := w.begin(Change{Will: w.home(old)})
			w.do(d.before)
			w.must(w.activate(old))
			w.edit(t, want)
			w.randomHome(t, "later")
		}
		w.age()
		before := w.list()

		will := machine.StorePath("")
		if old == "" || rapid.Bool().Draw(t, "has a home after") {
			will = w.generation(w.randomFiles(t, "new"))
		}
		crosses := w.crosses(will)
		d := w.begin(Change{Was: w.home(old), Will: w.home(will), Login: []string{"/nqd", "abort"}, LoginHome: ada})
		if now := w.list(); now != before {
			t.Fatalf("looking changed\n%s\nto\n%s", before, now)
		}
		done := rapid.IntRange(0, len(d.before)).Draw(t, "done before the try")
		w.do(d.before[:done])
		begun := d.before[:done]
		if done == len(d.before) {
			var err error
			if will != "" {
				err = w.activate(will)
			}
			if err != nil && !crosses {
				t.Fatalf("Home Manager after all was cleared: %v\n%s", err, w.list())
			} else if err == nil {
				w.do(d.after)
				begun = slices.Concat(d.before, d.after)
			}
		}
		after := len(begun) - done
		w.must(w.undo(begun[len(begun)-after:]))
		if old != "" && done == len(d.before) && rapid.Bool().Draw(t, "old Home Manager runs again") {
			_ = w.activate(old) // it may refuse what the user put in its way
		}
		if err := w.undo(begun[:len(begun)-after]); err != nil {
			t.Fatalf("%v\nwas\n%s\nis\n%s", err, before, w.list())
		}
		if now := w.list(); now != before {
			t.Fatalf("was\n%s\nis\n%s", before, now)
		}
	})
}

// A folder that is cleared away, and in which the old home had a link, comes back as it was where the deployment ends before
// the new home is there: links come back first, and the folder that they need is what the backup knows.
func TestUndoOfAFolderWithLinks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "nqd-home-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w := newWorld(t, dir)
		w.put("/nix/store/folder/in", "x")
		w.put("/home/ada/.config/mine", "mine")
		old := w.generation(map[string]string{".config/app": "1"})
		w.do(w.begin(Change{Will: w.home(old)}).before)
		w.must(w.activate(old))
		w.must(os.Chmod(w.machine.Path("/home/ada/.config"), os.FileMode(rapid.SampledFrom([]int{0o500, 0o700, 0o750, 0o755}).Draw(t, "mode"))))
		w.age()
		before := w.list()
		d := w.begin(Change{Was: w.home(old), Will: w.home(w.generation(map[string]string{".config": "-> /nix/store/folder"}))})
		w.do(d.before)
		w.must(w.undo(d.before))
		if now := w.list(); now != before {
			t.Fatalf("was\n%s\nis\n%s", before, now)
		}
	})
}
