package machine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/tree"
)

// picture is all of a tree that a copy has to have, read without what is tested. Names of one file share a number.
func picture(t rapid.TB, top string) map[string]string {
	t.Helper()
	all, files := map[string]string{}, map[uint64]int{}
	err := filepath.WalkDir(top, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		if _, known := files[stat.Ino]; !known {
			files[stat.Ino] = len(files)
		}
		text := fmt.Sprintf("%o %d:%d %d file %d", stat.Mode, stat.Uid, stat.Gid, info.ModTime().UnixNano(), files[stat.Ino])
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text += fmt.Sprintf(" %q", data)
			value := make([]byte, 100)
			if n, err := unix.Lgetxattr(name, "user.note", value); err == nil {
				text += " note " + string(value[:n])
			}
		}
		if target, err := os.Readlink(name); err == nil {
			text += " -> " + target
		}
		all[strings.TrimPrefix(name, top)] = text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// grow makes a random file or folder at a place where nothing is.
func grow(t *rapid.T, top string) {
	var files []string
	var fill func(name string, deep int)
	fill = func(name string, deep int) {
		kinds := []string{"file", "file", "folder", "link", "pipe", "again"}
		kind := rapid.SampledFrom(kinds).Draw(t, "kind of "+name)
		if deep == 0 && (kind == "link" || kind == "pipe" || kind == "again") || kind == "again" && len(files) == 0 {
			kind = "folder"
		}
		var err error
		switch kind {
		case "file":
			err = os.WriteFile(name, rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(t, "content"), 0o600)
			if note := rapid.StringMatching(`[a-z]{0,5}`).Draw(t, "note"); note != "" && err == nil {
				err = unix.Setxattr(name, "user.note", []byte(note), 0)
				if errors.Is(err, unix.ENOTSUP) {
					err = nil
				}
			}
			files = append(files, name)
		case "folder":
			err = os.Mkdir(name, 0o700)
			for i := range rapid.IntRange(0, 4-deep).Draw(t, "entries") {
				fill(filepath.Join(name, fmt.Sprintf("%d %s\n", i, rapid.StringMatching(`[a-z%é-]{0,3}`).Draw(t, "name"))), deep+1)
			}
		case "link":
			err = os.Symlink(rapid.SampledFrom([]string{"none", "/etc/passwd", "."}).Draw(t, "target"), name)
		case "pipe":
			err = unix.Mkfifo(name, 0o600)
		case "again":
			err = os.Link(rapid.SampledFrom(files).Draw(t, "file"), name)
		}
		if err == nil && os.Geteuid() == 0 {
			err = os.Lchown(name, rapid.IntRange(0, 3).Draw(t, "owner"), rapid.IntRange(0, 3).Draw(t, "group"))
		}
		if err == nil && kind != "link" {
			err = unix.Chmod(name, rapid.SampledFrom([]uint32{0o600, 0o755, 0o4711, 0o2770, 0o1777}).Draw(t, "mode"))
		}
		at := unix.NsecToTimespec(rapid.Int64Range(0, 2e18).Draw(t, "time"))
		if err = errors.Join(err, unix.UtimesNanoAt(unix.AT_FDCWD, name, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)); err != nil {
			t.Fatal(err)
		}
	}
	fill(top, 0)
}

// TestCopyTree: a copy is what its original is, by this package and by the program that does it on a real machine, and
// both tell the same of it.
func TestCopyTree(t *testing.T) {
	t.Parallel()
	dir, count := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		count++
		m := &Machine{root: filepath.Join(dir, fmt.Sprint(count))}
		if err := os.Mkdir(m.root, 0o755); err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(m.root)
		grow(t, m.Path("/a"))
		want := picture(t, m.Path("/a"))
		if err := m.CopyTree(context.Background(), "/a", "/b", false); err != nil {
			t.Fatal(err)
		}
		command(t, copyCommand(m.Path("/a"), m.Path("/c"), false))
		for _, name := range []string{"/a", "/b", "/c"} {
			if got := picture(t, m.Path(name)); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: got %v\nwant %v", name, got, want)
			}
			got, err := m.Tree(context.Background(), name)
			if err != nil {
				t.Fatal(err)
			}
			told, err := tree.Parse(command(t, treeCommand(m.Path(name))))
			if err != nil || !reflect.DeepEqual(got, told) {
				t.Fatalf("%s: %v\nfind tells %v, %v", name, got, told, err)
			}
		}
	})
}

// command runs what would be run as root on a real machine, by the programs of this one.
func command(t rapid.TB, c Cmd) []byte {
	t.Helper()
	name, found := strings.CutPrefix(c.Path, systemPrograms)
	if !found || !c.Root || !c.Inside {
		t.Fatalf("%+v is no program that root runs", c)
	}
	run := exec.Command(name, c.Args...)
	run.Env, run.Stdin = append(c.Env, "PATH="+os.Getenv("PATH")), c.Stdin
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%s %q: %v", name, c.Args, err)
	}
	return out
}

func TestCopyTreeIntoWhatIsThere(t *testing.T) {
	t.Parallel()
	m := linked(t, map[string]string{"/a": "new", "/b": "old", "/d/f": "x", "/e/f": "y"})
	for from, to := range map[string]string{"/a": "/b", "/d": "/e", "/none": "/f"} {
		if err := m.CopyTree(t.Context(), from, to, false); err == nil {
			t.Errorf("%s is copied over %s", from, to)
		}
	}
	if data, err := m.ReadFile("/b"); err != nil || string(data) != "old" {
		t.Errorf("%q, %v", data, err)
	}
	if err := m.MoveTree(t.Context(), "/a", "/b"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("moving over a file: %v", err)
	}
	if err := m.MoveTree(t.Context(), "/none", "/c"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("moving nothing: %v", err)
	}
	if _, err := m.Tree(t.Context(), "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading nothing: %v", err)
	}
	if _, err := m.ReadPrivate(t.Context(), "/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading nothing: %v", err)
	}
}

// A copy that may only share blocks takes no room: where it cannot, it is refused.
func TestCopyTreeOnlyShared(t *testing.T) {
	t.Parallel()
	m := linked(t, map[string]string{"/proc-like": "some text"})
	probe := exec.Command("cp", "--reflink=always", m.Path("/proc-like"), m.Path("/probe"))
	can := probe.Run() == nil
	if err := m.CopyTree(t.Context(), "/proc-like", "/copy", true); (err == nil) != can {
		t.Errorf("got %v; cp can: %t", err, can)
	}
}

func TestPrivate(t *testing.T) {
	t.Parallel()
	m := linked(t, map[string]string{"/var/lib/x": ""})
	folders := []string{"/var/lib/nqd/private", "/var/lib/nqd/private/1"}
	for range 2 {
		if err := m.MakePrivate(t.Context(), folders...); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"one", "two"} {
		if err := m.WritePrivate(t.Context(), "/var/lib/nqd/private/1/f", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if data, err := m.ReadPrivate(t.Context(), "/var/lib/nqd/private/1/f"); err != nil || string(data) != text {
			t.Errorf("%q, %v", data, err)
		}
	}
	for name, want := range map[string]fs.FileMode{
		"/var/lib/nqd": 0o755, "/var/lib/nqd/private": 0o700, "/var/lib/nqd/private/1": 0o700, "/var/lib/nqd/private/1/f": 0o600,
	} {
		if info, err := os.Stat(m.Path(name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	for range 2 {
		if err := m.RemoveTree(t.Context(), "/var/lib/nqd/private"); err != nil {
			t.Fatal(err)
		}
	}
	if entries, err := os.ReadDir(m.Path("/var/lib/nqd")); err != nil || len(entries) > 0 {
		t.Errorf("left %v, %v", entries, err)
	}
}

// TestRealPath: links that root made are followed, those of others are refused.
func TestRealPath(t *testing.T) {
	t.Parallel()
	m := linked(t, map[string]string{
		"/var/lib/private/a/db": "x", "/var/lib/a": "-> private/a", "/var/lib/private/a/etc": "-> /etc",
	})
	for name, want := range map[string]string{
		"/var/lib/a/db": "/var/lib/private/a/db", "/var/lib/private/a/db": "/var/lib/private/a/db",
		"/var/lib/none/db": "/var/lib/none/db", "/var/lib/a/etc/secret": "/etc/secret",
	} {
		if got, err := m.RealPath(t.Context(), name); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, want)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("a link of somebody else needs root")
	}
	if err := os.Lchown(m.Path("/var/lib/private/a/etc"), 1234, 1234); err != nil {
		t.Fatal(err)
	}
	var foreign *LinkError
	if _, err := m.RealPath(t.Context(), "/var/lib/a/etc/secret"); !errors.As(err, &foreign) || foreign.Link != "/var/lib/a/etc" {
		t.Errorf("error %v", err)
	}
}

// What is run as root on a real machine, to the letter.
func TestRootCommands(t *testing.T) {
	t.Parallel()
	env := []string{"LC_ALL=C.UTF-8"}
	for _, c := range []struct{ got, want Cmd }{
		{copyCommand("/a", "/b", false), Cmd{
			Doing: "copying /a to /b", Path: "/run/current-system/sw/bin/cp",
			Args: []string{"--archive", "--reflink=auto", "--no-target-directory", "--", "/a", "/b"}, Env: env, Inside: true, Root: true,
		}},
		{copyCommand("/a", "/b", true), Cmd{
			Doing: "copying /a to /b", Path: "/run/current-system/sw/bin/cp",
			Args: []string{"--archive", "--reflink=always", "--no-target-directory", "--", "/a", "/b"}, Env: env, Inside: true, Root: true,
		}},
		{moveCommand("/a", "/b"), Cmd{
			Doing: "moving /a to /b", Path: "/run/current-system/sw/bin/mv",
			Args: []string{"--no-copy", "--update=none-fail", "--no-target-directory", "--", "/a", "/b"}, Env: env, Inside: true, Root: true,
		}},
		{treeCommand("/a"), Cmd{
			Doing: "reading /a", Path: "/run/current-system/sw/bin/find",
			Args: []string{"/a", "-printf", `%P\0%y\0%m\0%U\0%G\0%s\0%T@\0%l\0`}, Env: env, Inside: true, Root: true,
		}},
		{writeCommand("/a"), Cmd{
			Doing: "writing /a", Path: "/run/current-system/sw/bin/dd",
			Args: []string{"of=/a", "conv=fsync", "status=none"}, Env: env, Inside: true, Root: true,
		}},
		{foreignLinks("/a/b"), Cmd{
			Doing: "looking for /a/b", Path: "/run/current-system/sw/bin/find",
			Args: []string{"/a", "/a/b", "-maxdepth", "0", "-type", "l", "-not", "-uid", "0", "-print0"}, Env: env, Inside: true, Root: true,
		}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("got  %+v\nwant %+v", c.got, c.want)
		}
	}
}

func TestAbsence(t *testing.T) {
	t.Parallel()
	for stderr, absent := range map[string]bool{
		"find: ‘/a’: No such file or directory\n":    true,
		"cat: /a: No such file or directory\n":       true,
		"find: ‘/a’: Permission denied\n":            false,
		"sudo: a password is required\n":             false,
		"sudo: find: No such file or directory\n":    false,
		"find: ‘/a/b’: No such file or directory\nx": false,
	} {
		err := absence(&ExitError{Code: 1, Stderr: stderr}, "/a", nil)
		if errors.Is(err, fs.ErrNotExist) != absent {
			t.Errorf("%q: %v", stderr, err)
		}
	}
	if err := absence(&ExitError{Code: 1, Stderr: "find: ‘/a/b’: No such file or directory"}, "/a", []byte("x")); errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that went away meanwhile is taken for all of it")
	}
	if err := absence(nil, "/a", nil); err != nil {
		t.Error(err)
	}
}
