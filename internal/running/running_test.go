package running

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const hash = "0123456789abcdfghijklmnpqrsvwxyz"

// with is a sandbox of these files; with "-> " one is a link, and a name with a slash at its end is a directory.
func with(t *testing.T, files map[string]string) *machine.Machine {
	t.Helper()
	m, err := machine.Sandbox(t.TempDir())
	must(t, err)
	for name, text := range files {
		file := m.Path(name)
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		target, link := strings.CutPrefix(text, "-> ")
		switch {
		case strings.HasSuffix(name, "/"):
			must(t, os.MkdirAll(file, 0o755))
		case link:
			must(t, os.Symlink(target, file))
		default:
			must(t, os.WriteFile(file, []byte(text), 0o644))
		}
	}
	return m
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// snapshot is all that a machine has: names, types, texts, times.
func snapshot(t *testing.T, m *machine.Machine) string {
	t.Helper()
	var b strings.Builder
	must(t, filepath.WalkDir(m.Path("/"), func(file string, entry fs.DirEntry, err error) error {
		info, errInfo := entry.Info()
		b.WriteString(file + " " + info.Mode().String() + " " + info.ModTime().String() + "\n")
		return errors.Join(err, errInfo)
	}))
	return b.String()
}

// notRoot skips where permissions mean nothing.
func notRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
}
