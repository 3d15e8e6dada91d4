package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// system is a small closure: a circle with itself, a path that is reached twice, one without references.
var system = []object{
	{"system-1", 400, []string{"etc", "bash-5.2", "system-1"}},
	{"etc", 300, []string{"unit-x.service", "bash-5.2"}},
	{"unit-x.service", 200, []string{"x-1.0"}},
	{"x-1.0", 5000, []string{"glibc-2.40", "x-1.0"}},
	{"bash-5.2", 7000, []string{"glibc-2.40"}},
	{"glibc-2.40", 9000, nil},
	{"other-1", 1, []string{"glibc-2.40"}},
}

func same(t *testing.T, what string, got, want store.Closure) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func closure(t *testing.T, db *store.DB, path machine.StorePath) store.Closure {
	t.Helper()
	got, err := db.Closure(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// drvs instantiates derivations: c needs b, which needs a; d needs none of them.
func drvs(s *real) map[string]machine.StorePath {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "drvs.nix")
	err := os.WriteFile(file, []byte(`
		let make = name: needs: derivation {
		  inherit name needs;
		  system = "x86_64-linux";
		  builder = builtins.toFile "builder.sh" "echo";
		};
		in rec { a = make "a" [ ]; b = make "b" [ a ]; c = make "c" [ b ]; d = make "d" [ ]; }`), 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	found := make(map[string]machine.StorePath)
	for _, name := range []string{"a", "b", "c", "d"} {
		out := s.run("", "nix", "eval", "--raw", "--file", file, name+".drvPath")
		found[name] = machine.StorePath(out)
	}
	return found
}

// Nix itself says what a closure is.
func TestClosureAgreesWithNix(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, s *real) {
		s.register(system...)
		made := drvs(s)
		db := s.open()
		roots := slices.Collect(maps.Values(made))
		for _, o := range system {
			roots = append(roots, pathOf(o.name))
		}
		all, err := db.Closures(context.Background(), roots...)
		if err != nil {
			t.Fatal(err)
		}
		for i, root := range roots {
			want := s.said(root)
			same(t, root.Name()+" alone", closure(t, db, root), want)
			same(t, root.Name()+" with others", all[i], want)
		}
		if got := closure(t, db, pathOf("system-1")); len(got) != 6 || got[pathOf("x-1.0")].Size != 5000 {
			t.Errorf("system-1: %v", got)
		}
	})
}

func TestAbsent(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, s *real) {
		s.register(system...)
		db := s.open()
		absent := pathOf("nowhere")
		_, err := db.Closures(context.Background(), pathOf("etc"), absent)
		if !errors.Is(err, store.ErrAbsent) || err.Error() != string(absent)+": not in the store" {
			t.Errorf("Closures: %v", err)
		}
		if _, err := db.Reach(context.Background(), []machine.StorePath{absent}, nil); !errors.Is(err, store.ErrAbsent) {
			t.Errorf("Reach: %v", err)
		}
		got, err := db.Has(context.Background(), pathOf("etc"), absent, pathOf("glibc-2.40"))
		want := map[machine.StorePath]bool{pathOf("etc"): true, pathOf("glibc-2.40"): true}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Has: %v, %v", got, err)
		}
		if got, err := db.Has(context.Background()); err != nil || len(got) != 0 {
			t.Errorf("Has nothing: %v, %v", got, err)
		}
		if got, err := db.Closures(context.Background()); err != nil || len(got) != 0 {
			t.Errorf("Closures of nothing: %v, %v", got, err)
		}
	})
}

// A derivation reaches those that its build takes.
func TestReach(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, s *real) {
		made := drvs(s)
		roots := []machine.StorePath{made["c"], made["d"], made["b"], made["c"]}
		targets := []machine.StorePath{made["b"], made["a"], pathOf("nowhere"), made["c"]}
		got, err := s.open().Reach(context.Background(), roots, targets)
		want := map[machine.StorePath][]machine.StorePath{
			made["c"]: {made["a"], made["b"], made["c"]},
			made["b"]: {made["a"], made["b"]},
		}
		for _, reached := range want {
			slices.Sort(reached)
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v\nwant %v", got, err, want)
		}

		// A path reaches all of its closure, each once, also where it refers to itself.
		s.register(system...)
		root := pathOf("system-1")
		all := slices.Sorted(maps.Keys(closure(t, s.open(), root)))
		got, err = s.open().Reach(context.Background(), []machine.StorePath{root}, all)
		if err != nil || len(all) != 6 || !slices.Equal(got[root], all) {
			t.Errorf("got %v, %v\nwant %v", got, err, all)
		}
	})
}

// Reading leaves every byte as it is, for root and for a user who owns nothing: with nobody at work, while a nix has the
// store open, and where nix left what it wrote in the write-ahead log.
func TestChangesNothing(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, s *real) {
		s.register(system...)
		want := s.said(pathOf("system-1"))
		readers := map[string]func() store.Closure{
			"root": func() store.Closure {
				db, err := store.Open(s.machine)
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				return closure(t, db, pathOf("system-1"))
			},
			"nobody": func() store.Closure { return asNobody(t, s, pathOf("system-1"))[0] },
		}
		everybody := func(when string) {
			t.Helper()
			for who, read := range readers {
				s.unchanged(who+" "+when, func() { same(t, who+" "+when, read(), want) })
			}
		}
		everybody("alone")

		end := s.working()
		everybody("while nix has it open")
		end()

		// A reader keeps nix from emptying the log.
		reader := s.busy()
		s.register(object{"late-1", 1, []string{"glibc-2.40"}})
		reader()
		if info, err := os.Stat(s.file("db.sqlite-wal")); err != nil || info.Size() == 0 {
			t.Fatalf("the log is empty, %v: nothing is tested", err)
		}
		everybody("with a log")
		for who, got := range map[string]store.Closure{
			"root": closure(t, s.open(), pathOf("late-1")), "nobody": asNobody(t, s, pathOf("late-1"))[0],
		} {
			if len(got) != 2 {
				t.Errorf("%s does not see what is in the log: %v", who, got)
			}
		}
	})
}

// working starts a nix that has the store open until end is called.
func (s *real) working() (end func()) {
	s.t.Helper()
	cmd := s.command("nix-store", "--serve", "--write")
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	// It answers a greeting once it has opened the store (nix, src/libstore/serve-protocol.hh: SERVE_MAGIC_1, version 2.7).
	greeting := []byte{0xeb, 0x9d, 0x0c, 0x39, 0, 0, 0, 0, 7, 2, 0, 0, 0, 0, 0, 0}
	answer := make([]byte, 16)
	_, err = in.Write(greeting)
	if err == nil {
		_, err = io.ReadFull(out, answer)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			s.t.Log(err) // it was cut off
		}
	}
}

// While nix adds paths, every answer is whole: that of some moment.
func TestWhileNixWrites(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, s *real) {
		s.register(system...)
		want := s.said(pathOf("system-1"))
		const rounds, each = 8, 300
		done := make(chan struct{})
		go func() {
			defer close(done)
			for round := range rounds {
				s.register(chain(round, each)...)
			}
		}()
		kept := s.open()
		for working := true; working; {
			select {
			case <-done:
				working = false
			default:
			}
			fresh, err := store.Open(s.machine)
			if err != nil {
				t.Fatal(err)
			}
			for _, db := range []*store.DB{kept, fresh} {
				same(t, "system-1", closure(t, db, pathOf("system-1")), want)
				for round := range rounds {
					got, err := db.Closure(context.Background(), pathOf(link(round, 0)))
					if err == nil && len(got) != each || err != nil && !errors.Is(err, store.ErrAbsent) {
						t.Errorf("round %d: %d paths, %v", round, len(got), err)
					}
				}
			}
			if err := fresh.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if got := closure(t, kept, pathOf(link(rounds-1, 0))); len(got) != each {
			t.Errorf("the end: %d paths", len(got))
		}
	})
}

func link(round, i int) string { return fmt.Sprintf("link-%d.%d", round, i) }

// chain is objects of which each refers to the next.
func chain(round, length int) []object {
	var objects []object
	for i := range length {
		o := object{name: link(round, i), size: int64(i)}
		if i+1 < length {
			o.references = []string{link(round, i+1)}
		}
		objects = append(objects, o)
	}
	return objects
}

// The name of a sandbox is data to SQLite's reader of file names.
func TestOddDirectory(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, s *real) {
		root := filepath.Join(s.root, "a b?c#d%20&e=f+ä;mode=rw")
		if err := os.Mkdir(root, 0o755); err != nil {
			t.Fatal(err)
		}
		odd := newReal(t, s.bin, root)
		odd.register(system...)
		same(t, "system-1", closure(t, odd.open(), pathOf("system-1")), odd.said(pathOf("system-1")))
	})
}

// busy reads until end is called.
func (s *real) busy() (end func()) {
	s.t.Helper()
	db, err := store.Open(s.machine)
	if err != nil {
		s.t.Fatal(err)
	}
	rows, err := db.Query()
	if err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := errors.Join(rows.Close(), db.Close()); err != nil {
			s.t.Fatal(err)
		}
	}
}
