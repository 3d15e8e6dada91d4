package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestMain is also the program that the tests below kill: with NQD_TEST_KILL it does one thing to a store, and ends
// itself by SIGKILL before the change of that number.
func TestMain(m *testing.M) {
	if os.Getenv("NQD_TEST_KILL") == "" {
		os.Exit(m.Run())
	}
	left, _ := strconv.Atoi(os.Getenv("NQD_TEST_KILL"))
	s := &Store{Dir: os.Getenv("NQD_TEST_DIR"), Root: os.Getenv("NQD_TEST_ROOT")}
	s.hook = func(string, string) error {
		if left--; left == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
	if err := victim(s, os.Getenv("NQD_TEST_WHAT")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func victim(s *Store, what string) error {
	ctx := context.Background()
	var err error
	switch what {
	case "create":
		_, err = s.Create(ctx, Reason{Text: "killed"}, []string{"/home/ada"})
	case "prune":
		_, err = s.Prune(ctx, Retention{Keep: 1}, nil, false)
	case "restore":
		_, err = s.Restore(ctx, 1, nil, true)
	case "return":
		_, err = s.Restore(ctx, 1, nil, false)
	case "clear":
		var m Manifest
		if m, err = s.Get(1); err == nil {
			err = s.Clear(ctx, m, "/home/ada/first")
		}
	}
	return err
}

// run lets another process do it, and says whether that was killed before the change of that number.
func (b *box) run(what string, kill int) (killed bool) {
	b.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NQD_TEST_KILL="+strconv.Itoa(kill), "NQD_TEST_WHAT="+what, "NQD_TEST_DIR="+b.Dir, "NQD_TEST_ROOT="+b.root)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		b.t.Fatalf("%s: %v\n%s", what, err, out)
	}
	return false
}

// scene is a machine with two backups; what stands there by now differs from both.
func scene(t *testing.T) (b *box, first map[string]string) {
	b = newBox(t)
	for i := range 4 {
		b.write(fmt.Sprintf("/home/ada/first/dir/%d", i), fmt.Sprintf("first %d", i))
	}
	b.write("/home/ada/first/same", "the same")
	b.write("/home/ada/turned/into/a/folder", "it is a file later")
	os.Chmod(b.root+"/home/ada/first/dir", 0o550)
	first = walk(t, b.root+"/home")
	b.create("/home/ada")
	b.write("/home/ada/second", "only in the second")
	b.create("/home/ada")
	return b, first
}

// spoil changes what stands there.
func (b *box) spoil() {
	os.RemoveAll(b.root + "/home/ada/turned")
	os.Remove(b.root + "/home/ada/second")
	b.write("/home/ada/turned", "a file")
	b.write("/home/ada/first/dir/1", "changed")
	os.RemoveAll(b.root + "/home/ada/first/dir/2")
	b.write("/home/ada/first/dir/2/x", "a folder now")
}

// whole holds a backup to come back as it was, on an empty machine.
func (b *box) whole(id int, want map[string]string) {
	b.t.Helper()
	other := &Store{Dir: b.Dir, Root: b.t.TempDir()}
	if _, err := other.Restore(context.Background(), id, nil, false); err != nil {
		b.t.Fatalf("backup %d: %v", id, err)
	}
	if diff := differences(want, walk(b.t, other.Root+"/home")); diff != "" {
		b.t.Fatalf("backup %d is not whole:\n%s", id, diff)
	}
}

// tidy holds the store to have what its backups need and nothing else.
func (b *box) tidy() {
	b.t.Helper()
	all, err := b.List()
	if err != nil {
		b.t.Fatal(err)
	}
	needed := map[string]bool{}
	for _, m := range all {
		for _, e := range m.Entries {
			needed[e.Hash] = needed[e.Hash] || e.Hash != ""
		}
	}
	delete(needed, "")
	objects := b.objects()
	for _, path := range objects {
		if !needed[filepath.Base(path)] {
			b.t.Errorf("nobody needs %s", path)
		}
	}
	if len(objects) != len(needed) {
		b.t.Errorf("%d contents for %d", len(objects), len(needed))
	}
	err = filepath.WalkDir(b.Dir, func(path string, file fs.DirEntry, err error) error {
		if err == nil && (file.Name() == "unfinished" || strings.Contains(file.Name(), "tmp")) {
			b.t.Errorf("left: %s", path)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// everyKill kills what is done before each of its changes, with after called each time, and then once not at all.
func everyKill(t *testing.T, what string, prepare func(*box), after func(*box, map[string]string, bool)) {
	for kill := 1; ; kill++ {
		b, first := scene(t)
		prepare(b)
		killed := b.run(what, kill)
		after(b, first, killed)
		if t.Failed() {
			t.Fatalf("killed before change %d", kill)
		}
		if !killed {
			if kill < 3 {
				t.Fatalf("there were only %d changes to kill it at", kill-1)
			}
			return
		}
	}
}

func TestKilledCreate(t *testing.T) {
	t.Parallel()
	prepare := func(b *box) { b.spoil() }
	everyKill(t, "create", prepare, func(b *box, first map[string]string, killed bool) {
		now := walk(t, b.root+"/home")
		b.whole(1, first)
		all, err := b.List()
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 3 {
			b.whole(3, now)
		} else if !killed {
			t.Error("there is no third backup")
		}
		m := b.create("/home/ada")
		b.whole(m.ID, now)
		b.tidy()
	})
}

func TestKilledPrune(t *testing.T) {
	t.Parallel()
	prepare := func(b *box) {
		b.spoil()
		b.create("/home/ada")
		b.create("/home/ada")
	}
	everyKill(t, "prune", prepare, func(b *box, first map[string]string, killed bool) {
		all, err := b.List()
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 0 || all[len(all)-1].ID != 4 || !killed && len(all) != 1 {
			t.Errorf("%d backups are left", len(all))
		}
		b.whole(4, walk(t, b.root+"/home"))
		if got, err := b.Verify(context.Background()); err != nil || len(got.Damaged) > 0 {
			t.Errorf("%+v (%v)", got, err)
		}
		if all[0].ID == 1 {
			b.whole(1, first)
		}
		if _, err := b.Prune(context.Background(), Retention{Keep: 1}, nil, false); err != nil {
			t.Error(err)
		}
		b.tidy()
	})
}

func TestKilledRestore(t *testing.T) {
	t.Parallel()
	var spoilt map[string]string
	prepare := func(b *box) {
		b.spoil()
		spoilt = walk(t, b.root+"/home")
	}
	everyKill(t, "restore", prepare, func(b *box, first map[string]string, _ bool) {
		b.whole(1, first)
		b.restore(1, true)
		got := walk(t, b.root+"/home")
		if diff := differences(first, got); diff != "" {
			t.Errorf("restored again, it is not as it was:\n%s", diff)
		}
		// What stood there before is in the first backup that was made of it, or in the second.
		os.RemoveAll(b.root + "/home")
		all, err := b.List()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range slices.Backward(all[2:]) {
			b.restore(m.ID, true)
		}
		kept := walk(t, b.root+"/home")
		for _, path := range []string{"/ada/turned", "/ada/first/dir/1", "/ada/first/dir/2/x"} {
			if kept[path] != spoilt[path] {
				t.Errorf("%s was replaced and is not kept", path)
			}
		}
		b.tidy()
	})
}

// TestKilledReturn: what a killed restore put there is nobody else's, so nobody is asked about it.
func TestKilledReturn(t *testing.T) {
	t.Parallel()
	prepare := func(b *box) { os.RemoveAll(b.root + "/home") }
	everyKill(t, "return", prepare, func(b *box, first map[string]string, _ bool) {
		b.restore(1, false)
		got := walk(t, b.root+"/home")
		delete(first, "") // the folder above is in no backup
		delete(got, "")
		if diff := differences(first, got); diff != "" {
			t.Errorf("restored again, it is not as it was:\n%s", diff)
		}
	})
}

func TestKilledClear(t *testing.T) {
	t.Parallel()
	everyKill(t, "clear", func(*box) {}, func(b *box, first map[string]string, _ bool) {
		b.whole(1, first)
		left, err := b.Left("/home/ada/first")
		if names, _ := filepath.Glob(b.root + "/home/ada/.nqd-*"); err != nil || left != (len(names) > 0) {
			t.Errorf("%q is left, and told is %v (%v)", names, left, err)
		}
		b.run("clear", 0)
		if left, err := os.ReadDir(b.root + "/home/ada"); err != nil || len(left) != 2 {
			t.Errorf("left: %v (%v)", left, err)
		}
	})
}

// TestTornManifest: what was left of a manifest that was being written is no backup, and goes.
func TestTornManifest(t *testing.T) {
	t.Parallel()
	b, first := scene(t)
	whole, err := os.ReadFile(b.shelf().File(2))
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(b.shelf().Folder(), ".3.json.tmp-123")
	if err := os.WriteFile(torn, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if all, err := b.List(); len(all) != 2 || err != nil {
		t.Errorf("%d backups (%v)", len(all), err)
	}
	os.Remove(b.root + "/home/ada/second") // only the second backup has it from now on
	if m := b.create("/home/ada"); m.ID != 3 {
		t.Errorf("the next one is %d", m.ID)
	}
	b.whole(1, first)
	b.tidy()
	// A manifest that is torn itself keeps its number and every content.
	if err := os.WriteFile(b.shelf().File(2), whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	objects := len(b.objects())
	var damage *DamageError
	if _, err := b.Prune(context.Background(), Retention{Keep: 1}, nil, false); !errors.As(err, &damage) || damage.Backup != 2 {
		t.Errorf("pruned beside a damaged manifest: %v", err)
	}
	if err := os.Mkdir(filepath.Join(b.Dir, "unfinished"), 0o700); err != nil {
		t.Fatal(err)
	}
	if m := b.create("/home/ada"); m.ID != 4 || len(b.objects()) != objects {
		t.Errorf("backup %d, %d contents of %d", m.ID, len(b.objects()), objects)
	}
	if got, err := os.ReadFile(b.shelf().File(2)); err != nil || !bytes.Equal(got, whole[:len(whole)/2]) {
		t.Error("the damaged manifest is not what it was")
	}
}
