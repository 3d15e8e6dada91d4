package survey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
	Errorf(string, ...any)
	Context() context.Context
}

// world is a machine with the home /home/ada and a Home Manager of the tests' own.
type world struct {
	tester
	machine *machine.Machine
	tools   home.Tools
	notes   []string
	stores  int
}

const ada = "/home/ada"

func newWorld(t tester, dir string) *world {
	t.Helper()
	w := &world{tester: t}
	root := filepath.Join(dir, "machine")
	w.must(os.MkdirAll(filepath.Join(root, ada), 0o755))
	m, err := machine.Sandbox(root)
	w.must(err)
	w.machine = m
	w.tools = home.Tools{
		Machine: m, Backups: &backup.Store{Dir: filepath.Join(dir, "backups"), Root: root},
		Sink: func(e event.Event) {
			if note, is := e.(event.Note); is {
				w.notes = append(w.notes, note.Text)
			}
		},
	}
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// node is a file of a test: text, or with "-> " a link; a folder where its name ends with a slash.
func (w *world) put(abs, text string) {
	w.Helper()
	file := w.machine.Path(abs)
	w.must(os.MkdirAll(filepath.Dir(file), 0o755))
	target, link := strings.CutPrefix(text, "-> ")
	switch {
	case strings.HasSuffix(abs, "/"):
		w.must(os.MkdirAll(file, 0o755))
	case link:
		w.must(os.Symlink(target, file))
	default:
		w.must(os.WriteFile(file, []byte(text), 0o644))
	}
}

// age gives everything in the home a time of its own, long ago.
func (w *world) age() {
	w.Helper()
	at := time.Date(2001, 2, 3, 4, 5, 6, 789, time.UTC)
	w.must(filepath.WalkDir(w.machine.Path(ada), func(file string, _ fs.DirEntry, err error) error {
		at = at.Add(time.Minute + time.Nanosecond)
		stamp := unix.NsecToTimespec(at.UnixNano())
		return errors.Join(err, unix.UtimesNanoAt(unix.AT_FDCWD, file, []unix.Timespec{stamp, stamp}, unix.AT_SYMLINK_NOFOLLOW))
	}))
}

// list is all that the home has: kinds, modes, owners, times, attributes, contents, targets.
func (w *world) list() string {
	w.Helper()
	var b strings.Builder
	w.must(filepath.WalkDir(w.machine.Path(ada), func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		content := ""
		switch {
		case info.Mode().Type() == fs.ModeSymlink:
			content, err = os.Readlink(file)
		case info.Mode().IsRegular():
			var data []byte
			data, err = os.ReadFile(file)
			content = fmt.Sprintf("%q", data)
		}
		fmt.Fprintf(&b, "%s %o %d:%d %s %q %s\n", strings.TrimPrefix(file, w.machine.Path("/")), stat.Mode, stat.Uid, stat.Gid,
			info.ModTime().UTC().Format(time.RFC3339Nano), xattrs(file), content)
		return err
	}))
	return b.String()
}

func xattrs(file string) string {
	buffer := make([]byte, 1024)
	n, err := unix.Llistxattr(file, buffer)
	if err != nil {
		return ""
	}
	var found []string
	for name := range bytes.SplitSeq(buffer[:n], []byte{0}) {
		if len(name) == 0 {
			continue
		}
		value := make([]byte, 1024)
		if n, err := unix.Lgetxattr(file, string(name), value); err == nil {
			found = append(found, string(name)+"="+string(value[:n]))
		}
	}
	slices.Sort(found)
	return strings.Join(found, ",")
}

// generation puts a generation with these home-files into the store: text, "-> " for a link.
func (w *world) generation(want map[string]string) machine.StorePath {
	w.Helper()
	w.stores++
	hash := fmt.Sprintf("%032d", w.stores)
	tree, generation := "/nix/store/"+hash+"-home-manager-files", "/nix/store/"+hash+"-home-manager-generation"
	w.must(os.MkdirAll(w.machine.Path(tree), 0o755))
	for name, text := range want {
		w.put(path.Join(tree, name), text)
	}
	w.put(generation+"/home-files", "-> "+tree)
	return machine.StorePath(generation)
}

func (w *world) home(generation machine.StorePath) []home.Home {
	if generation == "" {
		return nil
	}
	return []home.Home{{User: "ada", Dir: ada, Generation: generation}}
}

// change is a deployment as far as homes go: what was surveyed, and its actions before and after the try.
type change struct {
	*world
	survey        *Survey
	backup        int
	before, after []home.Action
}

// begin looks, makes the backup and the actions, and sends those through the journal's JSON.
func (w *world) begin(c Change) *change {
	w.Helper()
	survey, err := Look(w.tools, c)
	w.must(err)
	d := &change{world: w, survey: survey}
	if places := survey.InTheWay(); len(places) > 0 {
		kept, err := w.tools.Backups.Create(w.Context(), backup.Reason{Text: "in the way"}, places)
		w.must(err)
		d.backup = kept.ID
	}
	d.before, d.after = w.again(survey.Before(d.backup)), w.again(survey.After())
	return d
}

// again opens actions from what the journal would have of them.
func (w *world) again(actions []home.Action) []home.Action {
	w.Helper()
	var opened []home.Action
	for _, action := range actions {
		data, err := json.Marshal(action)
		w.must(err)
		one, known, err := home.Open(action.Kind(), data, w.tools)
		if err != nil || !known {
			w.Fatalf("opening %s: %v", data, err)
		}
		opened = append(opened, one)
	}
	return opened
}

// do does the actions, each one twice: the second time changes nothing.
func (w *world) do(actions []home.Action) {
	w.Helper()
	for _, action := range actions {
		w.must(action.Do(w.Context()))
		first := w.list()
		w.must(action.Do(w.Context()))
		if second := w.list(); second != first {
			w.Fatalf("%s: done twice:\n%s\nafter\n%s", action.Kind(), second, first)
		}
		if holds, err := action.Holds(w.Context()); err != nil || !holds {
			w.Errorf("%s, which is done: holds %t, %v", action.Kind(), holds, err)
		}
	}
}

// undo takes actions back, newest first and each one twice, as they are opened from the journal.
func (w *world) undo(actions []home.Action) error {
	w.Helper()
	var problems []error
	for _, action := range slices.Backward(w.again(actions)) {
		problems = append(problems, action.Undo(w.Context()), action.Undo(w.Context()))
	}
	return errors.Join(problems...)
}

// activate is what Home Manager's script does (home-manager, modules/files.nix, modules/files/check-link-targets.sh):
// look for collisions, remove the links of the generation before, link the new ones.
func (w *world) activate(generation machine.StorePath) error {
	w.Helper()
	want, err := files.Of(w.machine, generation)
	w.must(err)
	targets, err := files.Targets(w.machine, want)
	w.must(err)
	for _, target := range targets {
		place := path.Join(ada, target)
		link, _, err := files.ReadLink(w.machine, place)
		w.must(err)
		if there, _ := w.machine.Exists(place); !there || link != nil && running.OfHomeManager(link.Target) {
			continue
		}
		if !w.equal(place, path.Join(string(want), target)) {
			return fmt.Errorf("existing file %s would be clobbered", place)
		}
	}
	if err := w.unlinkOld(want); err != nil {
		return err
	}
	for _, target := range targets {
		if err := w.linkNew(path.Join(string(want), target), path.Join(ada, target)); err != nil {
			return err
		}
	}
	return w.linkNew(string(generation), path.Join(ada, files.CurrentHome))
}

func (w *world) equal(a, b string) bool {
	one, errOne := w.machine.ReadFile(a)
	two, errTwo := w.machine.ReadFile(b)
	return errOne == nil && errTwo == nil && bytes.Equal(one, two)
}

func (w *world) unlinkOld(want machine.StorePath) error {
	old, err := files.Current(w.machine, ada)
	w.must(err)
	oldFiles, err := files.Of(w.machine, old)
	w.must(err)
	targets, err := files.Targets(w.machine, oldFiles)
	w.must(err)
	for _, target := range targets {
		place := path.Join(ada, target)
		link, _, err := files.ReadLink(w.machine, place)
		w.must(err)
		if there, _ := w.machine.Exists(path.Join(string(want), target)); there || link == nil || !running.OfHomeManager(link.Target) {
			continue
		}
		w.must(files.Remove(w.machine, place))
		for dir := path.Dir(place); dir != ada; dir = path.Dir(dir) {
			file, err := files.At(w.machine, dir)
			if err != nil || syscall.Rmdir(file) != nil {
				break
			}
		}
	}
	return nil
}

// linkNew is mkdir -p and ln -nsf; a file with the content of the new one is let be.
func (w *world) linkNew(source, place string) error {
	dir, err := files.Followed(w.machine, path.Dir(place))
	if err := files.UnlessMissing(err); err != nil {
		return err
	}
	if strings.HasPrefix(dir, "/nix/store/") {
		return fmt.Errorf("%s: read-only file system", place)
	}
	if err := os.MkdirAll(w.machine.Path(dir), 0o755); err != nil {
		return err
	}
	link, taken, err := files.ReadLink(w.machine, place)
	w.must(err)
	if taken || link != nil && link.Target == source {
		return nil
	}
	file := w.machine.Path(path.Join(dir, path.Base(place)))
	if link != nil {
		w.must(os.Remove(file))
	}
	return os.Symlink(source, file)
}
