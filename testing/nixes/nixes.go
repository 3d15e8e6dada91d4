// Package nixes runs tests with every Nix that there is.
package nixes

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// All are the directories of the nix programs that tests run with: those of NQD_TEST_NIX, else that of the one on PATH.
// `make test` sets the variable (scripts/prepare).
func All() []string {
	if list := os.Getenv("NQD_TEST_NIX"); list != "" {
		return filepath.SplitList(list)
	}
	nix, err := exec.LookPath("nix")
	if err != nil {
		return nil
	}
	return []string{filepath.Dir(nix)}
}

// Version is that of the nix in a directory, such as "2.34.8".
func Version(bin string) (string, error) {
	out, err := exec.Command(filepath.Join(bin, "nix"), "--version").Output()
	words := strings.Fields(string(out))
	if err != nil || len(words) == 0 {
		return "", fmt.Errorf("%s/nix --version: %q, %w", bin, out, err)
	}
	return words[len(words)-1], nil
}

// Each runs test with each of them, side by side, as a test named by its version, such as nix-2.34.8. Without any it is
// skipped.
func Each(t *testing.T, test func(t *testing.T, bin string)) {
	t.Helper()
	all := All()
	if len(all) == 0 {
		t.Skip("no nix: `make test` installs one")
	}
	for _, bin := range all {
		version, err := Version(bin)
		if err != nil {
			t.Fatal(err)
		}
		t.Run("nix-"+version, func(t *testing.T) {
			t.Parallel()
			test(t, bin)
		})
	}
}
