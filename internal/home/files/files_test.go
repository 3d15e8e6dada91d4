package files

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const home = "/home/ada"

func sandbox(t *testing.T) *machine.Machine {
	t.Helper()
	m, err := machine.Sandbox(t.TempDir())
	if err == nil {
		err = os.MkdirAll(m.Path(home), 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFolderIsWholeFirst: a folder gets its name when it has its mode, so that a kill leaves no folder of another one.
func TestFolderIsWholeFirst(t *testing.T) {
	t.Parallel()
	m := sandbox(t)
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK)
	if err != nil {
		t.Skip("no inotify:", err)
	}
	defer unix.Close(watch)
	if _, err := unix.InotifyAddWatch(watch, m.Path(home), unix.IN_CREATE); err != nil {
		t.Fatal(err)
	}
	if err := MakeParents(m, []Folder{{Path: home + "/app", Mode: 0o750, UID: os.Getuid(), GID: os.Getgid()}}, home+"/app/file"); err != nil {
		t.Fatal(err)
	}
	told := make([]byte, 4096)
	n, err := unix.Read(watch, told)
	if err != nil || strings.Contains(string(told[:n]), "app\x00") {
		t.Errorf("made under its own name: %q, %v", told[:max(n, 0)], err)
	}
	if info, err := os.Stat(m.Path(home + "/app")); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("%v, %v", info, err)
	}
}

// TestFolderOfTheKilled: what a killed process left of a folder is gone when the folder is made, and when it is not wanted.
func TestFolderOfTheKilled(t *testing.T) {
	t.Parallel()
	m := sandbox(t)
	app := Folder{Path: home + "/app", Mode: 0o755, UID: os.Getuid(), GID: os.Getgid()}
	for name, clean := range map[string]func() error{
		"made":   func() error { return app.Make(m) },
		"pruned": func() error { return Prune(m, []string{app.Path}) },
		"swept":  func() error { return app.Sweep(m) },
		"taken": func() error {
			return errors.Join(os.WriteFile(m.Path(app.Path), []byte("mine"), 0o600), app.Make(m))
		},
	} {
		if err := os.Mkdir(unnamed(m.Path(app.Path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := clean(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := filepath.Glob(m.Path(home) + "/.nqd-*"); len(left) > 0 || err != nil {
			t.Errorf("%s: left %q, %v", name, left, err)
		}
		info, err := os.Lstat(m.Path(app.Path))
		if name == "taken" && (err != nil || !info.Mode().IsRegular()) {
			t.Errorf("%s: the user's file: %v, %v", name, info, err)
		}
		_ = os.Remove(m.Path(app.Path))
	}
}

// TestDressAgain: a link that a killed process made, and did not date, is the old one after a second call.
func TestDressAgain(t *testing.T) {
	t.Parallel()
	m := sandbox(t)
	was := Link{Path: home + "/link", Target: "there", UID: os.Getuid(), GID: os.Getgid(), Modified: time.Date(2001, 2, 3, 4, 5, 6, 7, time.UTC)}
	if os.Geteuid() == 0 {
		was.UID, was.GID = 1000, 100
	}
	if err := os.Symlink("there", m.Path(was.Path)); err != nil {
		t.Fatal(err)
	}
	if err := was.Dress(m); err != nil {
		t.Fatal(err)
	}
	now, _, err := ReadLink(m, was.Path)
	if err != nil || now == nil || now.UID != was.UID || now.GID != was.GID || !now.Modified.Equal(was.Modified) || now.Target != was.Target {
		t.Errorf("got %+v, %v; want %+v", now, err, was)
	}
}
