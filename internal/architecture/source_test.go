package architecture

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// file is one parsed Go file of the tree.
type file struct {
	path  string // from the root of the repository
	test  bool
	lines int
	fset  *token.FileSet
	ast   *ast.File
}

func (f file) under(dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return strings.HasPrefix(f.path, dir+"/") })
}

// roots are the folders with Go code of ours.
var roots = []string{"cmd", "internal", "nixlib", "testing"}

// tree reads the repository.
func tree(t *testing.T) []file {
	t.Helper()
	files, err := read(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d Go files found: is this the root of the repository?", len(files))
	}
	return files
}

// read parses every Go file that the go command would see.
func read(fsys fs.FS) (files []file, err error) {
	for _, root := range roots {
		if _, err := fs.Stat(fsys, root); err != nil {
			continue
		}
		err := fs.WalkDir(fsys, root, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			hidden := strings.HasPrefix(d.Name(), "_") || strings.HasPrefix(d.Name(), ".")
			if d.IsDir() && (hidden || d.Name() == "testdata") {
				return fs.SkipDir
			}
			if d.IsDir() || hidden || path.Ext(name) != ".go" {
				return nil
			}
			text, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			fset := token.NewFileSet()
			parsed, err := parser.ParseFile(fset, name, text, parser.ParseComments)
			if err != nil {
				return err
			}
			files = append(files, file{name, strings.HasSuffix(name, "_test.go"), bytes.Count(text, []byte("\n")), fset, parsed})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// report fails the test with every complaint.
func report(t *testing.T, complaints []string) {
	t.Helper()
	for _, c := range complaints {
		t.Error(c)
	}
}

func source(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// bad is a file that spoils a good tree, and the complaint that this must raise. Without text the file is removed.
type bad struct{ path, text, want string }

// turnsRed shows that a check is silent about a good tree and complains, once, when one file of it goes bad.
func turnsRed(t *testing.T, good fstest.MapFS, check func([]file) []string, cases map[string]bad) {
	t.Helper()
	run := func(fsys fs.FS) []string {
		t.Helper()
		files, err := read(fsys)
		if err != nil {
			t.Fatal(err)
		}
		return check(files)
	}
	if got := run(good); len(got) > 0 {
		t.Errorf("complaints about a good tree: %q", got)
	}
	for name, c := range cases {
		spoiled := maps.Clone(good)
		if c.text == "" {
			delete(spoiled, c.path)
		} else {
			spoiled[c.path] = source(c.text)
		}
		if got := run(spoiled); len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: got %q, want one complaint with %q", name, got, c.want)
		}
	}
}
