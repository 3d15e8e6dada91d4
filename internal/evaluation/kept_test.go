package evaluation

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func TestKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m, err := machine.Sandbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	k := keeper{dir: filepath.Join(dir, "cache/evaluations"), machine: m}
	file, err := k.file("orion", "tree")
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range [][]string{{"orion", "tree2"}, {"oriontree"}, {"orion"}, {"tree", "orion"}} {
		if same, err := k.file(other...); err != nil || same == file {
			t.Errorf("%q: %v, and the file of another", other, err)
		}
	}
	wantKept := func(why, file string, want bool) {
		t.Helper()
		e, got := k.read(file)
		if got != want || want && e.System != newSystem || !want && e.System != "" {
			t.Errorf("%s: got %+v, %t", why, e, got)
		}
	}
	wantKept("nothing kept", file, false)
	if err := k.write("", []byte(answer(t))); err != nil {
		t.Error(err)
	}
	wantKept("no name", "", false)
	if err := k.write(file, []byte(answer(t))); err != nil {
		t.Fatal(err)
	}
	wantKept("neither system nor derivation in the store", file, false)
	for _, there := range []string{newDrv, newSystem} {
		if err := os.MkdirAll(m.Path(there), 0o755); err != nil {
			t.Fatal(err)
		}
		wantKept(there, file, true)
		if err := os.Remove(m.Path(there)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, []byte(answer(t)[1:]), 0o600); err != nil {
		t.Fatal(err)
	}
	wantKept("damaged", file, false)
}
