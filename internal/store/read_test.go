package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// asker answers in nix's place.
type asker struct {
	answer store.Closure
	err    error
	asked  []machine.StorePath
}

func (a *asker) Closure(_ context.Context, path machine.StorePath) (store.Closure, error) {
	a.asked = append(a.asked, path)
	return a.answer, a.err
}

// damages are what keeps the database from being read; each returns an error of its own making only.
var damages = map[string]func(*real) error{
	"none":         func(s *real) error { return os.RemoveAll(s.machine.Path("/nix/var")) },
	"no file":      func(s *real) error { return os.Remove(s.file("db.sqlite")) },
	"no log":       func(s *real) error { return os.Remove(s.file("db.sqlite-wal")) },
	"no index":     func(s *real) error { return os.Remove(s.file("db.sqlite-shm")) },
	"newer schema": func(s *real) error { return os.WriteFile(s.file("schema"), []byte("11"), 0o644) },
	"no schema":    func(s *real) error { return os.Remove(s.file("schema")) },
	"no tables":    func(s *real) error { return s.overwrite(100, 0, 16*1024) },
	"zeros":        func(s *real) error { return s.overwrite(4096, 0, 1<<20) },
	"garbage":      func(s *real) error { return s.overwrite(4096, 0xa5, 1<<20) },
	"not SQLite":   func(s *real) error { return s.overwrite(0, 'x', 100) },
	"empty":        func(s *real) error { return os.Truncate(s.file("db.sqlite"), 0) },
	"cut off":      func(s *real) error { return os.Truncate(s.file("db.sqlite"), 5000) },
	"a directory": func(s *real) error {
		return errors.Join(os.Remove(s.file("db.sqlite")), os.Mkdir(s.file("db.sqlite"), 0o755))
	},
	"a lost row":   func(s *real) error { return s.lose(pathOf("x-1.0")) },
	"another path": func(s *real) error { return s.replace(string(pathOf("x-1.0")), "/etc/"+strings.Repeat("x", 44)) },
}

// overwrite puts bytes of one value over those of the database, which keeps its length.
func (s *real) overwrite(from int, value byte, length int) error {
	data, err := os.ReadFile(s.file("db.sqlite"))
	if err != nil {
		return err
	}
	for i := from; i < min(from+length, len(data)); i++ {
		data[i] = value
	}
	return os.WriteFile(s.file("db.sqlite"), data, 0o644)
}

// lose takes a path out of the database that others refer to, which only SQLite allows, and not nix.
func (s *real) lose(path machine.StorePath) error {
	db, err := sql.Open("sqlite", s.file("db.sqlite"))
	if err == nil {
		_, err = db.Exec("DELETE FROM ValidPaths WHERE path = ?", path)
	}
	if err == nil {
		err = db.Close() // which removes the log
	}
	s.register(object{"another-1", 1, nil})
	return err
}

func (s *real) replace(old, new string) error {
	data, err := os.ReadFile(s.file("db.sqlite"))
	if err != nil || len(old) != len(new) || !strings.Contains(string(data), old) {
		return errors.Join(err, errors.New("nothing to replace"))
	}
	return os.WriteFile(s.file("db.sqlite"), []byte(strings.ReplaceAll(string(data), old, new)), 0o644)
}

// Where the database gives no answer nix is asked, and nothing is repaired, made or thrown away.
func TestReadAsksNix(t *testing.T) {
	t.Parallel()
	answer := store.Closure{pathOf("etc"): {Size: 7}}
	withEach(t, func(t *testing.T, s *real) {
		for name, damage := range damages {
			root := filepath.Join(s.root, strings.ReplaceAll(name, " ", "-"))
			if err := os.Mkdir(root, 0o755); err != nil {
				t.Fatal(err)
			}
			damaged := newReal(t, s.bin, root)
			damaged.register(system...)
			if err := damage(damaged); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			damaged.unchanged(name, func() {
				nix := &asker{answer: answer}
				got, err := store.Read(context.Background(), damaged.machine, nix, pathOf("system-1"))
				if err != nil || !reflect.DeepEqual(got, answer) || len(nix.asked) != 1 {
					t.Errorf("%s: got %v, %v; asked nix for %v", name, got, err, nix.asked)
				}
			})
		}
	})
}

func TestRead(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, s *real) {
		s.register(system...)
		ctx := context.Background()
		nix := &asker{err: errors.New("nix: no")}

		// Nix is not asked for what the database knows.
		both, err := store.ReadAll(ctx, s.machine, nix, pathOf("other-1"), pathOf("etc"))
		if err != nil || len(both) != 2 || len(nix.asked) != 0 {
			t.Fatalf("got %v, %v; asked nix for %v", both, err, nix.asked)
		}
		same(t, "first", both[0], s.said(pathOf("other-1")))
		same(t, "second", both[1], s.said(pathOf("etc")))

		// A path that the database does not have may be in another part of the store.
		if _, err = store.Read(ctx, s.machine, nix, pathOf("nowhere")); !errors.Is(err, nix.err) || len(nix.asked) != 1 {
			t.Errorf("absent: %v; asked nix for %v", err, nix.asked)
		}
		want := "nix: no (and its database: " + string(pathOf("nowhere")) + ": not in the store)"
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}

		// Nix is not started for somebody who does not wait any more.
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := store.Read(cancelled, s.machine, nix, pathOf("etc")); !errors.Is(err, context.Canceled) || len(nix.asked) != 1 {
			t.Errorf("cancelled: %v; asked nix for %v", err, nix.asked)
		}
	})
}
