package nixlib

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Embedding drops symbolic links and folders with a go.mod without a word, and leaves out a new
// file beside embed.go; so both lists are made and compared.
func TestEmbeddedEqualsTree(t *testing.T) {
	embedded := files(t, FS)
	tree := slices.DeleteFunc(files(t, os.DirFS(".")), func(name string) bool {
		return filepath.Ext(name) == ".go"
	})
	if !slices.Equal(embedded, tree) {
		t.Fatalf("embedded: %q\nin the tree: %q", embedded, tree)
	}
	for _, name := range tree {
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: embedded text differs from the file", name)
		}
	}
}

// parameters is the set of arguments of a function, where it stands on one line.
var parameters = regexp.MustCompile(`\{ ([^{}]*) \}(?:@\w+)?:$`)

// The library is read by its users, in the shape that nixfmt gives (RFC 166). nixfmt is not there
// where this is tested; these are the rules that are broken by hand.
func TestShape(t *testing.T) {
	for _, name := range files(t, FS) {
		if filepath.Ext(name) != ".nix" {
			continue
		}
		text, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			if n := utf8.RuneCountInString(line); n > 100 {
				t.Errorf("%s:%d: %d columns; 100 fit", name, i+1, n)
			}
			if match := parameters.FindStringSubmatch(line); match != nil {
				if named := strings.Count(strings.TrimSuffix(match[1], ", ..."), ",") + 1; named > 2 {
					t.Errorf("%s:%d: %d arguments: one on each line", name, i+1, named)
				}
			}
			if strings.HasPrefix(strings.TrimSpace(line), "}:") && !strings.HasSuffix(lines[i-1], ",") && !strings.HasSuffix(lines[i-1], "...") {
				t.Errorf("%s:%d: the last argument has no comma", name, i)
			}
		}
	}
}

// files lists everything in fsys that is not a folder, links included.
func files(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}
