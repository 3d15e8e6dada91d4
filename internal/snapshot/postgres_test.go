package snapshot

import (
	"errors"
	"os"
	"path"
	"strings"
	"testing"
)

// postgresBox is a machine with a server that runs, of which deployment 3 takes a dump.
func postgresBox(t *testing.T) (*box, *Snapshot) {
	t.Helper()
	b := newBox(t, t.TempDir())
	b.write(t, "/units/postgresql.service", "active")
	b.write(t, "/var/lib/postgresql/17/PG_VERSION", "17\n")
	b.write(t, "/run/postgresql/.s.PGSQL.5433.lock", "77\n/var/lib/postgresql/17\n1763900000\n5433\n/run/postgresql\n")
	b.write(t, "/databases", "CREATE DATABASE ada;\n")
	return b, &Snapshot{
		Data: Data{Feature: "postgresql", Path: "/var/lib/postgresql", Kind: "postgres", Units: []string{"postgresql.service"}},
		Dir:  Place(3, 1), Old: oldSystem, Machine: b.Machine, Sink: b.take,
	}
}

func TestDump(t *testing.T) {
	t.Parallel()
	b, s := postgresBox(t)
	if err := s.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held, err := s.Holds(t.Context()); err != nil || !held {
		t.Errorf("holds: %t, %v", held, err)
	}
	dump := path.Join(s.Dir, "dump.sql")
	if got := b.read(t, dump); got != "CREATE DATABASE ada;\n" {
		t.Errorf("dumped %q", got)
	}
	if info, err := os.Stat(b.Path(dump)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	b.wantUnits(t, "postgresql.service active")
	if got := b.read(t, "/calls"); got != "pg_dumpall --host=/run/postgresql --port=5433\n" {
		t.Errorf("ran %q", got)
	}
	all, err := List(t.Context(), b.Machine)
	if err != nil || len(all) != 1 || all[0].Real != "/var/lib/postgresql/17" || all[0].Size != 21 {
		t.Errorf("list %+v, %v", all, err)
	}

	// On the way back the older server finds its folder as it left it, and that is said.
	restore := &Restore{Data: s.Data, Dir: s.Dir, Deployment: 4, Machine: b.Machine, Sink: b.take}
	if err := restore.Do(t.Context()); err != nil || len(b.notes) != 1 || !strings.Contains(b.notes[0], "/var/lib/postgresql/17") {
		t.Errorf("told %q, %v", b.notes, err)
	}
	var gone *GoneError
	if err := os.RemoveAll(b.Path("/var/lib/postgresql/17")); err != nil {
		t.Fatal(err)
	}
	if err := restore.Do(t.Context()); !errors.As(err, &gone) || !strings.Contains(gone.Hint(), dump) {
		t.Errorf("error %v", err)
	}
	if err := restore.Undo(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantGone(t, Root+"/3")
}

func TestNoDump(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(b *box)
		want  string
	}{
		"no server":       {func(b *box) { os.RemoveAll(b.Path("/run/postgresql")) }, "no server runs"},
		"two":             {func(b *box) { b.write(t, "/run/postgresql/.s.PGSQL.5.lock", "8\n/var/lib/postgresql/16\n1\n5\n") }, "2 servers run"},
		"unknown content": {func(b *box) { b.write(t, "/run/postgresql/.s.PGSQL.5433.lock", "77\n") }, "unknown content"},
		"no port":         {func(b *box) { b.write(t, "/run/postgresql/.s.PGSQL.5433.lock", "7\n/d\n1\n--x\n") }, "unknown content"},
		"it does not say": {func(b *box) { os.Remove(b.Path("/databases")) }, "dumping the databases"},
		"nothing came":    {func(b *box) { b.write(t, "/databases", "") }, "nothing came"},
	} {
		b, s := postgresBox(t)
		c.spoil(b)
		if err := s.Do(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v", name, err)
		}
		if held, err := s.Holds(t.Context()); err != nil || held {
			t.Errorf("%s: holds %t, %v", name, held, err)
		}
		if err := s.Undo(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		b.wantGone(t, Root+"/3")
	}
}

// TestDumpOfAnotherFolder: a server with a folder elsewhere is the one, unless there is one where the feature has it.
func TestDumpOfAnotherFolder(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		b, s := postgresBox(t)
		want := "/var/lib/postgresql/17"
		b.write(t, "/run/postgresql/.s.PGSQL.6.lock", "77\n/srv/pg\n1\n6\n")
		if !there {
			os.Remove(b.Path("/run/postgresql/.s.PGSQL.5433.lock"))
			want = "/srv/pg"
		}
		if err := s.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all, err := List(t.Context(), b.Machine); err != nil || len(all) != 1 || all[0].Real != want {
			t.Errorf("list %+v, %v", all, err)
		}
	}
}
