package snapshot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const (
	oldSystem machine.StorePath = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old"
	newSystem machine.StorePath = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-new"
)

// program is testdata/program, compiled once: it runs where there is nothing but the sandbox.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nqd-snapshot-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-o", file, "testdata/program/main.go")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if file, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

// box is a machine that runs oldSystem, and what was told.
type box struct {
	*machine.Machine
	root  string
	notes []string
}

func newBox(t rapid.TB, root string) *box {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	b := &box{root: root}
	for _, dir := range []string{"/run", "/units", "/with", "/var/lib/grafana/data"} {
		b.mkdir(t, dir)
	}
	// A link and no copy: a file that was just written may not be run while another test forks.
	if err := os.Link(file, b.Path("/program")); err != nil {
		t.Fatal(err)
	}
	for _, system := range []machine.StorePath{oldSystem, newSystem} {
		for _, name := range []string{"systemctl", "pg_dumpall"} {
			b.mkdir(t, string(system)+"/sw/bin")
			if err := os.Symlink("/program", b.Path(string(system)+"/sw/bin/"+name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.runs(t, oldSystem)
	if b.Machine, err = machine.Sandbox(root); err != nil {
		t.Fatal(err)
	}
	return b
}

// Path is here so that it is there before the machine is.
func (b *box) Path(abs string) string { return filepath.Join(b.root, abs) }

func (b *box) mkdir(t rapid.TB, abs string) {
	t.Helper()
	if err := os.MkdirAll(b.Path(abs), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (b *box) write(t rapid.TB, abs, text string) {
	t.Helper()
	b.mkdir(t, filepath.Dir(abs))
	if err := os.WriteFile(b.Path(abs), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (b *box) read(t rapid.TB, abs string) string {
	t.Helper()
	data, err := os.ReadFile(b.Path(abs))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// runs makes the machine run a system.
func (b *box) runs(t rapid.TB, system machine.StorePath) {
	t.Helper()
	os.Remove(b.Path("/run/current-system"))
	if err := os.Symlink(string(system), b.Path("/run/current-system")); err != nil {
		t.Fatal(err)
	}
}

func (b *box) take(e event.Event) {
	if note, is := e.(event.Note); is {
		b.notes = append(b.notes, note.Text)
	}
}

// wantUnits compares the states of units, written "NAME STATE".
func (b *box) wantUnits(t rapid.TB, want ...string) {
	t.Helper()
	for _, one := range want {
		name, state, _ := strings.Cut(one, " ")
		if got := b.read(t, "/units/"+name); got != state {
			t.Errorf("%s is %s, want %s", name, got, state)
		}
	}
}

// wantGone wants that nothing is there.
func (b *box) wantGone(t rapid.TB, abs string) {
	t.Helper()
	if _, err := os.Lstat(b.Path(abs)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there: %v", abs, err)
	}
}

// picture is all of the tree at abs, read without the package that is tested.
func (b *box) picture(t rapid.TB, abs string) map[string]string {
	t.Helper()
	all := map[string]string{}
	top := b.Path(abs)
	err := filepath.WalkDir(top, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		text := fmt.Sprintf("%o %d:%d %d", stat.Mode, stat.Uid, stat.Gid, info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			value := make([]byte, 100)
			n, _ := unix.Lgetxattr(name, "user.note", value)
			text += fmt.Sprintf(" %q note %q", data, value[:max(n, 0)])
		}
		if target, err := os.Readlink(name); err == nil {
			text += " -> " + target
		}
		all[strings.TrimPrefix(name, top)] = text
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

func (b *box) wantPicture(t rapid.TB, abs string, want map[string]string) {
	t.Helper()
	if got := b.picture(t, abs); !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", abs, got, want)
	}
}
