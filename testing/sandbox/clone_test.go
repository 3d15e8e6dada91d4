package sandbox

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A copy has all that a machine has, leads to itself, and shares nothing that is ever written.
func TestClone(t *testing.T) {
	from, root := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "root")
	write(t, from, map[string]string{
		"nix/store/abc/file":                 "store",
		"nix/var/nix/db/db.sqlite":           "records",
		"nix/var/nix/gcroots/auto/x":         "->" + from + "/nix/var/nix/profiles/system-1-link",
		"nix/var/nix/profiles/system-1-link": "->/nix/store/abc",
		"home/ada/.profile":                  "mine",
	})
	profile := filepath.Join(from, "home/ada/.profile")
	when := time.Date(2021, 2, 3, 4, 5, 6, 7, time.UTC)
	if err := unix.Setxattr(profile, "user.x", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(profile, 0o640); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{profile, filepath.Join(from, "home/ada")} {
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
	}
	if err := Clone(from, root); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(root, "home/ada/.profile")
	info, err := os.Stat(copied)
	if err != nil || info.Mode().Perm() != 0o640 || !info.ModTime().Equal(when) {
		t.Errorf("%v, %v", info, err)
	}
	if info, err := os.Stat(filepath.Dir(copied)); err != nil || !info.ModTime().Equal(when) {
		t.Errorf("a folder: %v, %v", info, err)
	}
	value := make([]byte, 8)
	if n, err := unix.Getxattr(copied, "user.x", value); err != nil || string(value[:n]) != "1" {
		t.Errorf("extended attribute: %q, %v", value[:max(n, 0)], err)
	}
	if got, err := os.Readlink(filepath.Join(root, "nix/var/nix/gcroots/auto/x")); err != nil || got != root+"/nix/var/nix/profiles/system-1-link" {
		t.Errorf("a root leads to %q, %v", got, err)
	}
	if got, err := os.Readlink(filepath.Join(root, "nix/var/nix/profiles/system-1-link")); err != nil || got != "/nix/store/abc" {
		t.Errorf("a generation leads to %q, %v", got, err)
	}
	for name, shared := range map[string]bool{"nix/store/abc/file": true, "nix/var/nix/db/db.sqlite": false, "home/ada/.profile": false} {
		a, _ := os.Stat(filepath.Join(from, name))
		b, err := os.Stat(filepath.Join(root, name))
		if err != nil || os.SameFile(a, b) != shared {
			t.Errorf("%s: shared %t, %v", name, !shared, err)
		}
	}
	if err := Clone(from, root); err == nil {
		t.Error("a machine was cloned over another")
	}
}
