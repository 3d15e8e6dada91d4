package sandbox

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// times are the times of change of every file below DIR.
func times(t *testing.T, dir string) map[string]time.Time {
	t.Helper()
	found := map[string]time.Time{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		found[path] = info.ModTime()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestPrepare(t *testing.T) {
	dir := t.TempDir()
	inputs, err := Prepare(t.Context(), dir, Release)
	if err != nil {
		t.Fatal(err)
	}
	want := Inputs{Nixpkgs: "path:" + filepath.Join(dir, "nixpkgs"), HomeManager: "path:" + filepath.Join(dir, "home-manager")}
	if inputs != want {
		t.Errorf("got %+v, want %+v", inputs, want)
	}
	for _, name := range []string{"nixpkgs/flake.nix", "nixpkgs/mk", "home-manager/flake.nix"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}

	before := times(t, dir)
	if _, err := Prepare(t.Context(), dir, Release); err != nil {
		t.Fatal(err)
	}
	if after := times(t, dir); !maps.Equal(before, after) {
		t.Error("a second call wrote files")
	}

	// What does not belong there goes, and what was changed comes back.
	write(t, dir, map[string]string{"nixpkgs/lib/old/x.nix": "", "nixpkgs/old.nix": ""})
	if err := os.WriteFile(filepath.Join(dir, "nixpkgs/flake.nix"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Prepare(t.Context(), dir, Release); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"nixpkgs/lib/old", "nixpkgs/old.nix"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "nixpkgs/flake.nix")); err != nil || info.Size() == 0 {
		t.Errorf("flake.nix did not come back: %v", err)
	}

	// Another release is another nixpkgs.
	if _, err := Prepare(t.Context(), dir, "26.11"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "nixpkgs/release")); err != nil || string(text) != "26.11\n" {
		t.Errorf("release: %q, %v", text, err)
	}
}
