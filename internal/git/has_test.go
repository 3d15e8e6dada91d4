package git

import (
	"os"
	"path/filepath"
	"testing"
)

// TestHas: only a regular file with the very content counts.
func TestHas(t *testing.T) {
	t.Parallel()
	w := users(t)
	head, err := w.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wants := func(when, path string, want bool) {
		t.Helper()
		if has, err := w.Has(t.Context(), head, path); err != nil || has != want {
			t.Errorf("%s: %t, %v; want %t", when, has, err, want)
		}
	}
	wants("as committed", "tracked", true)
	w.write("fresh", "one")
	wants("never committed", "fresh", false)
	w.write("tracked", "two")
	wants("edited", "tracked", false)
	file := filepath.Join(w.Dir, "tracked")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	wants("gone", "tracked", false)
	if err := os.Symlink("fresh", file); err != nil {
		t.Fatal(err)
	}
	wants("a link to the same", "tracked", false)
	wants("below a file", "fresh/er", false)
}
