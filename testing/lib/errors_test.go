package lib

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

const listErrors = `{ lib, cases }:
builtins.mapAttrs (_: case: case.says) (import (/. + cases) { lib = import (/. + lib); })`

const runError = `{ lib, cases, name }:
(import (/. + cases) { lib = import (/. + lib); }).${name}.expr`

// TestErrors holds the errors of the library against what they have to say. One evaluation can
// only fail once, so each case is a process of its own.
func TestErrors(t *testing.T) {
	names, err := filepath.Glob("cases/errors/*.nix")
	if err != nil || len(names) == 0 {
		t.Fatal(err, "no cases")
	}
	reads(t, "cases")
	nixes.Each(t, func(t *testing.T, bin string) {
		for library, dir := range libraries(t) {
			reads(t, dir)
			for _, name := range names {
				t.Run(library+"/"+strings.TrimSuffix(filepath.Base(name), ".nix"), func(t *testing.T) {
					runErrors(t, bin, dir, name)
				})
			}
		}
	})
}

func runErrors(t *testing.T, bin, library, name string) {
	file, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	where := []string{"--argstr", "lib", library, "--argstr", "cases", file}
	out, err := eval(bin, listErrors, where...)
	if err != nil {
		t.Fatal(err)
	}
	var says map[string]string
	if err := json.Unmarshal(out, &says); err != nil || len(says) == 0 {
		t.Fatal(err, "no cases")
	}
	for name, want := range says {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := eval(bin, runError, slices.Concat(where, []string{"--argstr", "name", name})...)
			if err == nil {
				t.Fatalf("no error, but %s", out)
			}
			if got := lastError(err.Error()); !strings.Contains(got, want) {
				t.Errorf("\n got %s\nwant %s\n\n%v", got, want, err)
			}
		})
	}
}

var (
	colour     = regexp.MustCompile("\x1b\\[[0-9;]*m")
	errorLabel = regexp.MustCompile(`(?m)^\s*error: `)
)

// lastError is the error itself in what Nix said, without the way there, which quotes the case,
// and without line breaks, which follow the width of what comes before. It ends in END.
func lastError(said string) string {
	said = colour.ReplaceAllString(said, "")
	if labels := errorLabel.FindAllStringIndex(said, -1); len(labels) > 0 {
		said = said[labels[len(labels)-1][1]:]
	}
	return strings.Join(strings.Fields(said), " ") + " END"
}
