package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// db is the data of most tests: a database with what SQLite has beside it.
const db = "/var/lib/grafana/data/grafana.db"

// grafana is a machine with that data, of which deployment 3 takes a snapshot.
func grafana(t *testing.T) (*box, *Snapshot) {
	t.Helper()
	b := newBox(t, t.TempDir())
	b.write(t, db, "old")
	b.write(t, db+"-wal", "old wal")
	b.write(t, "/units/grafana.service", "active")
	b.write(t, "/units/alerts.service", "active")
	b.write(t, "/with/grafana.service", "alerts.service idle.service")
	b.write(t, "/units/idle.service", "inactive")
	return b, &Snapshot{
		Data: Data{Feature: "grafana", Path: db, Kind: "sqlite", Units: []string{"grafana.service", "none.service"}},
		Dir:  Place(3, 1), Old: oldSystem, Machine: b.Machine, Sink: b.take,
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	b, s := grafana(t)
	before := b.picture(t, "/var/lib/grafana")
	if held, err := s.Holds(t.Context()); err != nil || held {
		t.Errorf("holds before: %t, %v", held, err)
	}
	if err := s.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held, err := s.Holds(t.Context()); err != nil || !held {
		t.Errorf("holds after: %t, %v", held, err)
	}
	b.wantUnits(t, "grafana.service inactive", "alerts.service inactive")
	b.wantPicture(t, "/var/lib/grafana", before)
	for name, want := range map[string]string{"data": "old", "data-wal": "old wal"} {
		if got := b.read(t, s.Dir+"/"+name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	b.wantGone(t, s.Dir+"/data-shm")
	for _, dir := range []string{Root, path.Dir(s.Dir), s.Dir} {
		if info, err := os.Stat(b.Path(dir)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, info.Mode(), err)
		}
	}
	all, err := List(t.Context(), b.Machine)
	if err != nil || len(all) != 1 || all[0].Path != db || all[0].Deployment != 3 || all[0].Size != 10 || all[0].Old != oldSystem {
		t.Errorf("list %+v, %v", all, err)
	}

	// Nothing else ran: only what was stopped is started, and nothing is left.
	if err := s.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantUnits(t, "grafana.service active", "alerts.service active", "idle.service inactive")
	b.wantPicture(t, "/var/lib/grafana", before)
	b.wantGone(t, Root+"/3")
	if err := s.Undo(t.Context()); err != nil {
		t.Errorf("once more: %v", err)
	}
	if len(b.notes) > 0 {
		t.Errorf("told %q", b.notes)
	}
}

// TestSnapshotReverted: the new system ran, and changed the data. After the old one is back, so is its data, and what the
// new one wrote is beside it.
func TestSnapshotReverted(t *testing.T) {
	t.Parallel()
	b, s := grafana(t)
	before := b.picture(t, "/var/lib/grafana")
	if err := s.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.runs(t, newSystem)
	b.write(t, db, "migrated")
	b.write(t, db+"-shm", "new shm")
	os.Remove(b.Path(db + "-wal"))
	b.write(t, "/units/grafana.service", "failed")

	// It could not be taken back: nothing is done to data of a system that runs.
	var stranger *StrangerError
	if err := s.Undo(t.Context()); !errors.As(err, &stranger) || !strings.Contains(stranger.Hint(), s.Dir) {
		t.Errorf("undo while the new system runs: %v", err)
	}
	if held, err := s.Holds(t.Context()); err != nil || !held {
		t.Errorf("holds while the new system runs: %t, %v", held, err)
	}
	if err := s.Do(t.Context()); err != nil {
		t.Errorf("once more: %v", err)
	}
	if got := b.read(t, s.Dir+"/data"); got != "old" {
		t.Errorf("the snapshot was taken anew: %q", got)
	}

	b.runs(t, oldSystem)
	if err := s.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantUnits(t, "grafana.service active", "alerts.service active")
	const aside = db + ".kept-by-nqd-3"
	if got := b.read(t, aside+"/1/grafana.db") + b.read(t, aside+"/1/grafana.db-shm"); got != "migratednew shm" {
		t.Errorf("kept %q", got)
	}
	if err := os.RemoveAll(b.Path(aside)); err != nil {
		t.Fatal(err)
	}
	after := b.picture(t, "/var/lib/grafana")
	before["/data"], after["/data"] = "", "" // its time is that of what was moved in it
	if !reflect.DeepEqual(after, before) {
		t.Errorf("got %v\nwant %v", after, before)
	}
	b.wantGone(t, Root+"/3")
	if len(b.notes) != 1 || !strings.Contains(b.notes[0], aside) {
		t.Errorf("told %q", b.notes)
	}
}

// Where the records of deployments were lost, their numbers begin again: a snapshot of another system that lies there is
// neither put in place nor taken for this one.
func TestSnapshotOfAnotherSystem(t *testing.T) {
	t.Parallel()
	b, s := grafana(t)
	another := *s
	another.Old = newSystem
	b.runs(t, newSystem)
	if err := another.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.runs(t, oldSystem)
	b.write(t, db, "of today")
	if err := s.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.read(t, db); got != "of today" {
		t.Errorf("put %q in place", got)
	}
	if err := s.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.read(t, s.Dir+"/data"); got != "of today" {
		t.Errorf("the snapshot has %q", got)
	}
}

// TestSnapshotNotLate: a snapshot is never taken of what a new system left.
func TestSnapshotNotLate(t *testing.T) {
	t.Parallel()
	b, s := grafana(t)
	b.runs(t, newSystem)
	if err := s.Do(t.Context()); !errors.Is(err, ErrLate) {
		t.Errorf("error %v", err)
	}
	b.wantUnits(t, "grafana.service active")
	b.wantGone(t, s.Dir)
}

// TestSnapshotAnew: what the old system wrote after the snapshot, as after a reboot, is in it.
func TestSnapshotAnew(t *testing.T) {
	t.Parallel()
	b, s := grafana(t)
	if err := s.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.write(t, "/units/grafana.service", "active")
	if held, err := s.Holds(t.Context()); err != nil || held {
		t.Errorf("holds while the service runs: %t, %v", held, err)
	}
	b.write(t, db, "more of the old")
	os.Remove(b.Path(db + "-wal"))
	b.write(t, "/units/grafana.service", "inactive")
	if held, err := s.Holds(t.Context()); err != nil || held {
		t.Errorf("holds with other data: %t, %v", held, err)
	}
	b.write(t, "/units/grafana.service", "active")
	if err := s.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantUnits(t, "grafana.service inactive")
	if got := b.read(t, s.Dir+"/data"); got != "more of the old" {
		t.Errorf("kept %q", got)
	}
	b.wantGone(t, s.Dir+"/data-wal")
}

// TestSnapshotCut: killed anywhere before it is whole, what ran is started again.
func TestSnapshotCut(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(b *box, s *Snapshot){
		"before the record": func(b *box, s *Snapshot) {
			os.RemoveAll(b.Path(s.Dir))
			b.write(t, "/units/grafana.service", "active")
			b.write(t, "/units/alerts.service", "active")
		},
		"between record and stop": func(b *box, s *Snapshot) {
			os.Remove(b.Path(s.Dir + "/snapshot.json"))
			b.write(t, "/units/grafana.service", "active")
		},
		"between stop and copy": func(b *box, s *Snapshot) {
			for _, name := range []string{"data", "data-wal", "snapshot.json"} {
				os.Remove(b.Path(s.Dir + "/" + name))
			}
		},
		"in the copy": func(b *box, s *Snapshot) {
			os.Remove(b.Path(s.Dir + "/snapshot.json"))
			b.write(t, s.Dir+"/data", "ol")
		},
	} {
		b, s := grafana(t)
		before := b.picture(t, "/var/lib/grafana")
		if err := s.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		cut(b, s)
		if held, err := s.Holds(t.Context()); err != nil || held {
			t.Errorf("%s: holds %t, %v", name, held, err)
		}
		if err := s.Undo(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.wantUnits(t, "grafana.service active", "alerts.service active")
		b.wantPicture(t, "/var/lib/grafana", before)
		b.wantGone(t, Root+"/3")
	}
}

func TestSnapshotRefused(t *testing.T) {
	t.Parallel()
	b, s := grafana(t)
	for name, change := range map[string]func(*Snapshot){
		"no units":      func(s *Snapshot) { s.Units = nil },
		"an option":     func(s *Snapshot) { s.Units = []string{"--force"} },
		"no unit":       func(s *Snapshot) { s.Units = []string{"grafana"} },
		"relative":      func(s *Snapshot) { s.Path = "var/lib/grafana" },
		"up":            func(s *Snapshot) { s.Path = "/var/lib/../../etc" },
		"the root":      func(s *Snapshot) { s.Path = "/" },
		"another place": func(s *Snapshot) { s.Dir = "/home/ada/1" },
		"no number":     func(s *Snapshot) { s.Dir = Root + "/3/x" },
		"above":         func(s *Snapshot) { s.Dir = Root + "/3" },
		"out of it":     func(s *Snapshot) { s.Dir = Root + "/3/../../1" },
	} {
		bad := *s
		change(&bad)
		if err := bad.Do(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
		b.wantUnits(t, "grafana.service active")
	}
	b.write(t, "/stubborn", "")
	if err := s.Do(t.Context()); err == nil || !strings.Contains(err.Error(), "still running") {
		t.Errorf("a service that does not stop: %v", err)
	}
	b.wantGone(t, s.Dir+"/data")
	var units *UnitsError
	bad := *s
	bad.Units = nil
	if err := bad.Do(t.Context()); !errors.As(err, &units) || !strings.Contains(units.Hint(), "--accept-risk=state") {
		t.Errorf("error %v", err)
	}
}

// TestSnapshotIsData: what stands in a journal is all that it takes to go on.
func TestSnapshotIsData(t *testing.T) {
	t.Parallel()
	size := int64(5)
	changes := []event.StateChange{
		{Feature: "a", Path: "/var/lib/a", Kind: "files", Units: []string{"a.service"}, Snapshot: Root, Size: &size},
		{Feature: "b", Path: "/var/lib/b", Kind: "cache", Without: "cache"},
		{Feature: "c", Path: "/var/lib/c", Kind: "sqlite", Units: []string{"c.service"}, Snapshot: Root},
	}
	var lines []string
	for _, s := range Actions(changes, 7, oldSystem, nil, nil) {
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again Snapshot
		if err := json.Unmarshal(data, &again); err != nil || !reflect.DeepEqual(again, *s) {
			t.Errorf("%s is read as %+v, %v", data, again, err)
		}
		lines = append(lines, s.Kind()+": "+s.Describe(), string(data))
	}
	want := []string{
		"snapshot: copy /var/lib/a of a to /var/lib/nqd/snapshots/7/1 while its services are stopped",
		`{"feature":"a","path":"/var/lib/a","kind":"files","units":["a.service"],"dir":"/var/lib/nqd/snapshots/7/1","old":"` + string(oldSystem) + `"}`,
		"snapshot: copy /var/lib/c of c to /var/lib/nqd/snapshots/7/2 while its services are stopped",
		`{"feature":"c","path":"/var/lib/c","kind":"sqlite","units":["c.service"],"dir":"/var/lib/nqd/snapshots/7/2","old":"` + string(oldSystem) + `"}`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q", lines)
	}
}

// TestNoData: where there was none, there is none after it.
func TestNoData(t *testing.T) {
	t.Parallel()
	b, s := grafana(t)
	for _, name := range []string{db, db + "-wal"} {
		os.Remove(b.Path(name))
	}
	if err := s.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.write(t, db, "made by the new one")
	if err := s.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantGone(t, db)
	if got := b.read(t, db+".kept-by-nqd-3/1/grafana.db"); got != "made by the new one" {
		t.Errorf("kept %q", got)
	}
}

func TestListOfNothing(t *testing.T) {
	t.Parallel()
	b := newBox(t, t.TempDir())
	all, err := List(t.Context(), b.Machine)
	sizes, bad := Sizes(t.Context(), b.Machine)
	if err != nil || bad != nil || len(all) > 0 || len(sizes) > 0 {
		t.Errorf("%v, %v, %v, %v", all, err, sizes, bad)
	}
	if err := Remove(t.Context(), b.Machine, 3); err != nil {
		t.Error(err)
	}
}

func TestListSizesRemove(t *testing.T) {
	t.Parallel()
	b, s := grafana(t)
	for _, place := range []string{Place(10, 1), Place(3, 2), Place(3, 1)} {
		s.Dir = place
		if err := s.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.write(t, Place(4, 1)+"/data", "half") // was cut off
	all, err := List(t.Context(), b.Machine)
	var dirs []string
	for _, one := range all {
		dirs = append(dirs, strings.TrimPrefix(one.Dir, Root))
	}
	if err != nil || !slices.Equal(dirs, []string{"/3/1", "/3/2", "/10/1"}) {
		t.Errorf("list %q, %v", dirs, err)
	}
	for deployment, want := range map[int][]string{0: {"/3/1"}, 2: {"/3/1"}, 3: {"/10/1"}, 10: nil} {
		dirs = nil
		for _, one := range Of(all, deployment) {
			dirs = append(dirs, strings.TrimPrefix(one.Dir, Root))
		}
		if !slices.Equal(dirs, want) {
			t.Errorf("of %d: %q, want %q", deployment, dirs, want)
		}
	}
	sizes, err := Sizes(t.Context(), b.Machine)
	if err != nil || len(sizes) != 3 || sizes[4] != 4 || sizes[3] < 20 {
		t.Errorf("sizes %v, %v", sizes, err)
	}
	if err := Remove(t.Context(), b.Machine, 3); err != nil {
		t.Fatal(err)
	}
	b.wantGone(t, Root+"/3")
	if all, err := List(t.Context(), b.Machine); err != nil || len(all) != 1 {
		t.Errorf("left %v, %v", all, err)
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	size := func(n int64) *int64 { return &n }
	units := []string{"a.service"}
	got := decide([]event.StateChange{
		{Feature: "a", Kind: "files", Units: units, Size: size(60)},
		{Feature: "b", Kind: "sqlite", Units: units, Size: size(50)}, // not beside the first
		{Feature: "c", Kind: "sqlite", Units: units, Size: size(40)},
		{Feature: "d", Kind: "files", Units: units}, // the snapshot itself will see
		{Feature: "e", Kind: "cache", Units: units, Size: size(1000)},
		{Feature: "f", Kind: "files", Size: size(0)},
		{Feature: "g", Kind: "postgres"},
		{Feature: "h", Kind: "postgres", Size: size(1)},
	}, 100)
	var lines []string
	for _, change := range got {
		lines = append(lines, fmt.Sprint(change.Feature, " ", change.Snapshot, change.Without, " ", change.Lost()))
	}
	want := []string{
		"a /var/lib/nqd/snapshots false", "b room true", "c /var/lib/nqd/snapshots false", "d /var/lib/nqd/snapshots false", "e cache false",
		"f units true", "g /var/lib/nqd/snapshots false", "h room false",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got  %q\nwant %q", lines, want)
	}
}
