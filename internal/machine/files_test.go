package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// linked is a sandbox within a directory that has a file of the same name outside of it. Each
// entry is a file, or with "-> " a link.
func linked(t *testing.T, entries map[string]string) *Machine {
	t.Helper()
	outside := t.TempDir()
	root := filepath.Join(outside, "machine")
	write := func(file, text string) {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, link := strings.CutPrefix(text, "-> "); link {
			err = os.Symlink(strings.ReplaceAll(target, "OUTSIDE", outside), file)
		} else {
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "etc/secret"), "outside")
	write(filepath.Join(root, "etc/secret"), "inside")
	for name, text := range entries {
		write(filepath.Join(root, name), text)
	}
	m, err := Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	const store = "/nix/store/" + hash + "-etc/etc"
	m := linked(t, map[string]string{
		store + "/os-release": "ID=nixos\n", "/etc/static": "-> " + store, "/etc/os-release": "-> /etc/static/os-release",
		"/etc/relative": "-> static/./os-release", "/etc/up": "-> ../../../../etc/secret", "/etc/dir/above": "-> ../secret",
		"/etc/same": "-> OUTSIDE/etc/secret", "/etc/through": "-> /etc/static/../etc/os-release",
		"/etc/dangling": "-> /etc/none", "/etc/loop": "-> pool", "/etc/pool": "-> /etc/loop", "/etc/root": "-> /",
		"/etc/below-file": "-> /etc/secret/../secret", "/etc/below-none": "-> /etc/none/../secret",
	})
	for name, want := range map[string]string{
		"/etc/secret": "inside", "/etc/os-release": "ID=nixos\n", "/etc/relative": "ID=nixos\n", "/etc/up": "inside",
		"/etc/dir/above": "inside", "/etc/root/etc/root/etc/secret": "inside", "/../etc//./secret": "inside",
		"/etc/through": "ID=nixos\n", "/etc/static/../../" + hash + "-etc/etc/os-release": "ID=nixos\n",
	} {
		if data, err := m.ReadFile(name); err != nil || string(data) != want {
			t.Errorf("%s: %q, %v; want %q", name, data, err, want)
		}
		if there, err := m.Exists(name); err != nil || !there {
			t.Errorf("%s: exists %t, %v", name, there, err)
		}
	}
	for name, want := range map[string]error{
		"/etc/none": fs.ErrNotExist, "/etc/dangling": fs.ErrNotExist, "/etc/same": fs.ErrNotExist,
		"/etc/none/x": fs.ErrNotExist, "/etc/below-none": fs.ErrNotExist,
		"/etc/loop": syscall.ELOOP, "/etc/below-file": syscall.ENOTDIR, "/etc/secret/x": syscall.ENOTDIR,
	} {
		data, err := m.ReadFile(name)
		if !errors.Is(err, want) || data != nil {
			t.Errorf("%s: %q, %v; want %v", name, data, err, want)
		}
		there, err := m.Exists(name)
		if gone := want == fs.ErrNotExist; there || gone != (err == nil) || !gone && !errors.Is(err, want) {
			t.Errorf("%s: exists %t, %v; want %v", name, there, err, want)
		}
	}
	if _, err := m.ReadFile("/etc/loop"); err == nil || !strings.HasPrefix(err.Error(), "/etc/loop: ") {
		t.Errorf("error %v", err)
	}
	if _, err := m.ReadFile("/etc"); err == nil {
		t.Error("a directory is read")
	}
}

// TestReadShort: what is no ordinary file of that size at most is an error, and is not waited for.
func TestReadShort(t *testing.T) {
	t.Parallel()
	m := linked(t, map[string]string{"/etc/five": "five\n", "/etc/link": "-> /etc/five", "/etc/none": "-> /none"})
	if err := syscall.Mkfifo(m.Path("/etc/pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"/etc/five": "five\n", "/etc/link": "five\n"} {
		if data, err := m.ReadShort(name, 5); err != nil || string(data) != want {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	for name, want := range map[string]string{
		"/etc/pipe": "/etc/pipe: not an ordinary file", "/etc": "/etc: not an ordinary file", "/etc/link": "/etc/link: larger than 4 bytes",
		"/etc/none": "no such file",
	} {
		if data, err := m.ReadShort(name, 4); err == nil || data != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v; want %s", name, data, err, want)
		}
	}
	if data, err := Local().ReadShort("/dev/zero", 4); err == nil || data != nil {
		t.Errorf("a device: %q, %v", data, err)
	}
}

// TestReadFileLinkLimit: as many links as the kernel follows, and not one more.
func TestReadFileLinkLimit(t *testing.T) {
	t.Parallel()
	entries := map[string]string{"/0": "end"}
	for i := 1; i <= 41; i++ {
		entries[fmt.Sprintf("/%d", i)] = fmt.Sprintf("-> /%d", i-1)
	}
	m := linked(t, entries)
	if data, err := m.ReadFile("/40"); err != nil || string(data) != "end" {
		t.Errorf("40 links: %q, %v", data, err)
	}
	if data, err := m.ReadFile("/41"); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("41 links: %q, %v", data, err)
	}
}

// TestReadFileIsTheKernels: a path means what it means to the kernel, as long as it stays below
// the root; the folder is so deep that none of these leaves it.
func TestReadFileIsTheKernels(t *testing.T) {
	t.Parallel()
	const folder = "/1/2/3/4/5/6/a/b/"
	dir := t.TempDir()
	count, read := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		count++
		m := &Machine{root: filepath.Join(dir, fmt.Sprint(count))}
		if err := errors.Join(os.MkdirAll(m.Path(folder), 0o755), os.WriteFile(m.Path(folder+"f"), []byte("abf"), 0o644),
			os.WriteFile(m.Path(folder+"../f"), []byte("af"), 0o644)); err != nil {
			t.Fatal(err)
		}
		way := rapid.Custom(func(t *rapid.T) string {
			name := rapid.SampledFrom([]string{"f", "b", "l", "k", ".", "..", "../b", "../f", ""})
			return strings.Join(rapid.SliceOfN(name, 1, 3).Draw(t, "names"), "/")
		})
		for _, link := range []string{"l", "k"} {
			target := strings.TrimLeft(way.Draw(t, link), "/") + "/."
			if rapid.Bool().Draw(t, "may be a file") {
				target = "./" + strings.TrimSuffix(target, "/.")
			}
			if err := os.Symlink(target, m.Path(folder+link)); err != nil {
				t.Fatal(err)
			}
		}
		abs := folder + way.Draw(t, "path")
		got, gotErr := m.ReadFile(abs)
		want, wantErr := os.ReadFile(m.root + abs)
		if string(got) != string(want) || (gotErr == nil) != (wantErr == nil) || errors.Is(gotErr, fs.ErrNotExist) != errors.Is(wantErr, fs.ErrNotExist) {
			t.Fatalf("%s: got %q, %v; the kernel %q, %v", abs, got, gotErr, want, wantErr)
		}
		if wantErr == nil {
			read++
		}
	})
	if read == 0 {
		t.Error("no path led to a file")
	}
}

func TestLocalFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, []byte("text"), 0o600), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	m := Local()
	if data, err := m.ReadFile(link); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	for name, want := range map[string]bool{link: true, dir: true, dir + "/none": false} {
		if there, err := m.Exists(name); err != nil || there != want {
			t.Errorf("%s: exists %t, %v", name, there, err)
		}
	}
	if there, err := m.Exists(file + "/x"); there || !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("below a file: exists %t, %v", there, err)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	m := linked(t, map[string]string{
		"/etc/static": "-> /nix/etc", "/nix/etc/localtime": "-> ../zoneinfo/UTC", "/etc/localtime": "-> static/localtime",
		"/etc/loop": "-> loop", "/etc/below-none": "-> /none/a/b",
	})
	for name, want := range map[string][]string{
		"/etc/secret":     nil,
		"/etc/localtime":  {"/etc/static/localtime", "/nix/etc/localtime", "/nix/zoneinfo/UTC"},
		"/etc/below-none": {"/none/a/b"},
	} {
		if got, _ := m.Links(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if _, err := m.Links("/etc/below-none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if got, err := m.Links("/etc/loop"); len(got) != maxLinks || !errors.Is(err, syscall.ELOOP) {
		t.Errorf("%d links, %v", len(got), err)
	}
}
