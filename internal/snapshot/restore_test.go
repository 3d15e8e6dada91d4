package snapshot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// fuse is a context that is cancelled when it was asked so many times whether it is: every operation asks once before it
// begins, so that work is cut off between any two of them.
type fuse struct {
	context.Context
	left int
}

func (f *fuse) Err() error {
	if f.left--; f.left < 0 {
		return context.Canceled
	}
	return nil
}

// migrated is a machine whose new system changed the data, and the action that brings it back. Before is what the
// snapshot holds, after what was there when it was brought back.
func migrated(t *testing.T) (b *box, restore *Restore, before, after map[string]string) {
	t.Helper()
	b, s := grafana(t)
	before = contents(t, b)
	if err := s.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.runs(t, newSystem)
	b.write(t, db, "migrated")
	b.write(t, db+"-shm", "new shm")
	os.Remove(b.Path(db + "-wal"))
	for _, name := range []string{"grafana.service", "alerts.service"} {
		b.write(t, "/units/"+name, "active")
	}
	return b, &Restore{Data: s.Data, Dir: s.Dir, Deployment: 5, Start: true, Machine: b.Machine, Sink: b.take}, before, contents(t, b)
}

// contents are the files of the data and what is in them, times and owners too.
func contents(t rapid.TB, b *box) map[string]string {
	t.Helper()
	all := b.picture(t, path.Dir(db))
	maps.DeleteFunc(all, func(name, _ string) bool { return name == "" || strings.Contains(name, ".kept-by-nqd-") })
	return all
}

func TestRestore(t *testing.T) {
	t.Parallel()
	b, r, before, after := migrated(t)
	if held, err := r.Holds(t.Context()); err != nil || held {
		t.Errorf("holds before: %t, %v", held, err)
	}
	for range 2 {
		if err := r.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, b); !reflect.DeepEqual(got, before) {
			t.Errorf("restored %v\nwant %v", got, before)
		}
	}
	if held, err := r.Holds(t.Context()); err != nil || !held {
		t.Errorf("holds after: %t, %v", held, err)
	}
	b.wantUnits(t, "grafana.service active", "alerts.service active")
	aside := db + ".kept-by-nqd-5"
	for name, want := range map[string]string{"grafana.db": "migrated", "grafana.db-shm": "new shm"} {
		if got := b.read(t, aside+"/1/"+name); got != want {
			t.Errorf("kept %s: %q", name, got)
		}
	}
	b.wantGone(t, aside+"/staged")
	if info, err := os.Stat(b.Path(aside)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if len(b.notes) != 1 || !strings.Contains(b.notes[0], aside) {
		t.Errorf("told %q", b.notes)
	}

	for range 2 {
		if err := r.Undo(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, b); !reflect.DeepEqual(got, after) {
			t.Errorf("given back %v\nwant %v", got, after)
		}
	}
	if held, err := r.Holds(t.Context()); err != nil || held {
		t.Errorf("holds after undo: %t, %v", held, err)
	}
	b.wantUnits(t, "grafana.service active", "alerts.service active")
	b.wantGone(t, aside) // it had nothing but a copy of the snapshot
}

// TestRestoreKeepsWhatFollowed: what the older program wrote before its deployment was taken back is kept too.
func TestRestoreKeepsWhatFollowed(t *testing.T) {
	t.Parallel()
	b, r, _, after := migrated(t)
	if err := r.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.write(t, db, "old, and more")
	if err := r.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, b); !reflect.DeepEqual(got, after) {
		t.Errorf("given back %v\nwant %v", got, after)
	}
	if got := b.read(t, db+".kept-by-nqd-5/2/grafana.db"); got != "old, and more" {
		t.Errorf("kept %q", got)
	}
	// And again: the folder of the one before is left alone.
	if err := r.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.read(t, db+".kept-by-nqd-5/2/grafana.db") + b.read(t, db+".kept-by-nqd-5-2/1/grafana.db"); got != "old, and moremigrated" {
		t.Errorf("kept %q", got)
	}
	if err := r.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, b); !reflect.DeepEqual(got, after) {
		t.Errorf("given back %v\nwant %v", got, after)
	}
}

// TestRestoreStays: where a switch follows, the services are left to it.
func TestRestoreStays(t *testing.T) {
	t.Parallel()
	b, r, _, _ := migrated(t)
	r.Start = false
	if err := r.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantUnits(t, "grafana.service inactive", "alerts.service inactive")
	if err := r.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantUnits(t, "grafana.service active", "alerts.service active")
}

// TestRestoreCut: cut off between any two operations, and the machine may have started the services meanwhile, it goes on
// to the snapshot, or back to what was there; cut off in that as well. Nothing that was there is lost.
func TestRestoreCut(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"on", "back", "back, cut too"} {
		cuts := 0
		for ended := false; !ended; cuts++ {
			b, r, before, after := migrated(t)
			err := r.Do(&fuse{t.Context(), cuts})
			ended = err == nil
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatalf("%s, cut at %d: %v", way, cuts, err)
			}
			if cuts%2 == 1 { // as after a reboot
				b.write(t, "/units/grafana.service", "active")
			}
			want := after
			if strings.HasSuffix(way, "on") {
				want = before
				err = r.Do(t.Context())
			} else {
				if strings.HasSuffix(way, "cut too") {
					_ = r.Undo(&fuse{t.Context(), cuts * 7 % 31})
				}
				err = r.Undo(t.Context())
			}
			if err != nil {
				t.Fatalf("%s, cut at %d: %v", way, cuts, err)
			}
			if got := contents(t, b); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s, cut at %d: got %v\nwant %v", way, cuts, got, want)
			}
			b.wantUnits(t, "grafana.service active", "alerts.service active")
			if text := everything(t, b); !strings.Contains(text, "migrated|") || !strings.Contains(text, "new shm|") {
				t.Fatalf("%s, cut at %d: lost; there is %q", way, cuts, text)
			}
		}
		if cuts < 20 {
			t.Errorf("%s: only %d operations", way, cuts)
		}
	}
}

// TestSnapshotCutAnywhere: cut off between any two operations, a snapshot is taken back, and the service runs again.
func TestSnapshotCutAnywhere(t *testing.T) {
	t.Parallel()
	cuts := 0
	for ended := false; !ended; cuts++ {
		b, s := grafana(t)
		before := contents(t, b)
		err := s.Do(&fuse{t.Context(), cuts})
		ended = err == nil
		if s.Undo(&fuse{t.Context(), cuts * 3 % 11}) != nil {
			err = s.Undo(t.Context())
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("cut at %d: %v", cuts, err)
		}
		b.wantUnits(t, "grafana.service active", "alerts.service active")
		b.wantGone(t, Root+"/3")
		if got := contents(t, b); !reflect.DeepEqual(got, before) {
			t.Fatalf("cut at %d: got %v\nwant %v", cuts, got, before)
		}
	}
	if cuts < 10 {
		t.Errorf("only %d operations", cuts)
	}
}

// everything is what all files of the data and beside it hold.
func everything(t *testing.T, b *box) (text string) {
	t.Helper()
	err := filepath.WalkDir(b.Path("/var/lib/grafana"), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(name)
		text += string(data) + "|"
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestRestoreRefused(t *testing.T) {
	t.Parallel()
	b, r, _, after := migrated(t)
	for name, change := range map[string]func(*Restore){
		"no snapshot":   func(r *Restore) { r.Dir = Place(4, 1) },
		"another place": func(r *Restore) { r.Dir = "/home/ada/3/1" },
		"another path":  func(r *Restore) { r.Path = "/var/lib/redis" },
		"no units":      func(r *Restore) { r.Units = nil },
	} {
		bad := *r
		change(&bad)
		if err := bad.Do(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// The way to the data leads elsewhere since.
	if err := errors.Join(os.Rename(b.Path("/var/lib/grafana"), b.Path("/var/lib/moved")), os.Symlink("moved", b.Path("/var/lib/grafana"))); err != nil {
		t.Fatal(err)
	}
	if err := r.Do(t.Context()); err == nil || !strings.Contains(err.Error(), "/var/lib/moved/data/grafana.db") {
		t.Errorf("error %v", err)
	}
	b.wantUnits(t, "grafana.service active")
	if err := errors.Join(os.Remove(b.Path("/var/lib/grafana")), os.Rename(b.Path("/var/lib/moved"), b.Path("/var/lib/grafana"))); err != nil {
		t.Fatal(err)
	}
	// A snapshot of a later nqd is not guessed at.
	b.write(t, r.Dir+"/snapshot.json", strings.Replace(b.read(t, r.Dir+"/snapshot.json"), `"version":1`, `"version":2`, 1))
	if err := r.Do(t.Context()); err == nil || !strings.Contains(err.Error(), "format 2") {
		t.Errorf("error %v", err)
	}
	if got := contents(t, b); !reflect.DeepEqual(got, after) {
		t.Errorf("data became %v", got)
	}
}

func TestRestoreIsData(t *testing.T) {
	t.Parallel()
	r := Restore{Data: Data{"grafana", db, "sqlite", []string{"grafana.service"}}, Dir: Place(3, 1), Deployment: 5}
	data, err := json.Marshal(r)
	want := `{"feature":"grafana","path":"` + db + `","kind":"sqlite","units":["grafana.service"],"dir":"/var/lib/nqd/snapshots/3/1","deployment":5,"start":false}`
	if err != nil || string(data) != want || r.Kind() != "state.restore" {
		t.Errorf("%s, %v", data, err)
	}
}

// TestSnapshotRestores: whatever data is made of and whatever becomes of it, a snapshot brings it back as it was.
func TestSnapshotRestores(t *testing.T) {
	t.Parallel()
	dir, count := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		count++
		root := filepath.Join(dir, fmt.Sprint(count))
		defer os.RemoveAll(root)
		b := newBox(t, root)
		b.write(t, "/units/qdrant.service", "active")
		const data = "/var/lib/private/qdrant"
		b.mkdir(t, path.Dir(data))
		grow(t, b.Path(data))
		s := &Snapshot{
			Data: Data{Feature: "qdrant", Path: data, Kind: "files", Units: []string{"qdrant.service"}},
			Dir:  Place(1, 1), Old: oldSystem, Machine: b.Machine, Sink: b.take,
		}
		before := b.picture(t, data)
		if err := s.Do(context.Background()); err != nil {
			t.Fatal(err)
		}
		b.wantPicture(t, data, before)
		change(t, b.Path(data))
		changed := b.picture(t, data)
		if err := s.Undo(context.Background()); err != nil {
			t.Fatal(err)
		}
		b.wantPicture(t, data, before)
		b.wantUnits(t, "qdrant.service active")
		if !reflect.DeepEqual(changed, before) {
			b.wantPicture(t, data+".kept-by-nqd-1/1/qdrant", changed)
		}
	})
}

// grow makes a random folder with files.
func grow(t *rapid.T, top string) {
	var fill func(name string, deep int)
	fill = func(name string, deep int) {
		err := os.Mkdir(name, 0o700)
		for i := range rapid.IntRange(0, 4-deep).Draw(t, "entries") {
			entry := filepath.Join(name, fmt.Sprint(i, rapid.SampledFrom([]string{"", " a", "\n", ".é"}).Draw(t, "name")))
			switch kind := rapid.SampledFrom([]string{"file", "folder", "link"}).Draw(t, "kind"); kind {
			case "file":
				err = errors.Join(err, os.WriteFile(entry, rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "content"), 0o600),
					unix.Setxattr(entry, "user.note", []byte(rapid.StringMatching(`[a-z]{1,5}`).Draw(t, "note")), 0))
			case "folder":
				fill(entry, deep+1)
				continue
			case "link":
				err = errors.Join(err, os.Symlink("../x", entry))
			}
			if os.Geteuid() == 0 {
				err = errors.Join(err, os.Lchown(entry, rapid.IntRange(0, 2).Draw(t, "owner"), 5))
			}
		}
		at := unix.NsecToTimespec(rapid.Int64Range(1, 2e18).Draw(t, "time"))
		err = errors.Join(err, unix.Chmod(name, rapid.SampledFrom([]uint32{0o755, 0o2750, 0o1777}).Draw(t, "mode")),
			unix.UtimesNanoAt(unix.AT_FDCWD, name, []unix.Timespec{at, at}, 0))
		if err != nil && !errors.Is(err, unix.ENOTSUP) {
			t.Fatal(err)
		}
	}
	fill(top, 0)
}

// change does to a folder what a newer program may do to its data.
func change(t *rapid.T, top string) {
	var names []string
	_ = filepath.WalkDir(top, func(name string, _ fs.DirEntry, _ error) error {
		names = append(names, name)
		return nil
	})
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		name := rapid.SampledFrom(names).Draw(t, "changed")
		info, err := os.Lstat(name)
		if err != nil {
			continue // gone by an earlier one
		}
		switch what := rapid.SampledFrom([]string{"write", "remove", "mode", "touch"}).Draw(t, "what"); {
		case what == "remove":
			err = os.RemoveAll(name)
		case info.Mode().Type() == fs.ModeSymlink:
		case what == "mode":
			err = os.Chmod(name, 0o711)
		case what == "touch":
			err = unix.UtimesNanoAt(unix.AT_FDCWD, name, []unix.Timespec{{Sec: 7}, {Sec: 7}}, 0)
		case info.IsDir():
			err = os.WriteFile(filepath.Join(name, "new"), []byte("new"), 0o644)
		default:
			err = os.WriteFile(name, slices.Concat([]byte("new"), []byte(name)), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
