package store_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// TestUnreached: without roots that is all; with one, what nix calls dead where there is such a root.
func TestUnreached(t *testing.T) {
	withEach(t, func(t *testing.T, s *real) {
		known := drvs(s)
		db := s.open()
		all, err := db.Unreached(t.Context(), nil, store.Keeping{})
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Fields(s.run("", "nix-store", "--gc", "--print-dead")) // there are no roots
		if got := sorted(all); !slices.Equal(got, slices.Sorted(slices.Values(said))) || len(got) == 0 {
			t.Errorf("all are %q, nix says %q", got, said)
		}
		for _, root := range known {
			closure := closure(t, db, root)
			dead, err := db.Unreached(t.Context(), []machine.StorePath{root, pathOf("absent")}, store.Keeping{})
			if err != nil || len(dead)+len(closure) != len(all) {
				t.Errorf("%s keeps %d of %d, and %d go, %v", root, len(closure), len(all), len(dead), err)
			}
			for path := range closure {
				if _, goes := dead[path]; goes {
					t.Errorf("%s goes, which %s needs", path, root)
				}
			}
		}
	})
}

func sorted(paths map[machine.StorePath]int64) (names []string) {
	for path := range maps.Keys(paths) {
		names = append(names, string(path))
	}
	slices.Sort(names)
	return names
}
