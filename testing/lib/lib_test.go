package lib

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// root is the folder of go.mod, as a test sees it.
const root = "../.."

// eval is the JSON of an expression; its error is what Nix said. No store is needed, as nothing
// is built.
func eval(bin, expression string, args ...string) ([]byte, error) {
	cmd := exec.Command(filepath.Join(bin, "nix-instantiate"), append([]string{
		"--store", "dummy://", "--readonly-mode", "--eval", "--strict", "--json", "--expr", expression,
	}, args...)...)
	cmd.Env = []string{"HOME=/homeless-shelter", "PATH=" + os.Getenv("PATH")}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, errors.New(string(exit.Stderr))
	}
	return out, err
}

// libraries are the folders of the libraries to test with: the stand-in's, and the real one of
// nixpkgs where NQD_REAL_LIB names it.
func libraries(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{"stand-in": filepath.Join(root, "testing/nixpkgs/lib")}
	if real := os.Getenv("NQD_REAL_LIB"); real != "" {
		found["nixpkgs"] = real
	}
	for name, dir := range found {
		abs, err := filepath.Abs(dir)
		if err != nil {
			t.Fatal(err)
		}
		found[name] = abs
	}
	return found
}

const runCases = `{ lib, nixlib, cases }:
let
  real = import (/. + lib);
  part = name: import (/. + nixlib + "/lib/${name}.nix") { lib = real; };
  made = import (/. + cases) { lib = real; soft = part "soft"; want = part "want"; };
in
builtins.mapAttrs (_: case: { inherit (case) expr expected; passed = case.expr == case.expected; }) made`

func TestCases(t *testing.T) {
	names, err := filepath.Glob("cases/*.nix")
	if err != nil || len(names) == 0 {
		t.Fatal(err, "no cases")
	}
	reads(t, "cases", filepath.Join(root, "nixlib"))
	nixes.Each(t, func(t *testing.T, bin string) {
		for library, dir := range libraries(t) {
			reads(t, dir)
			for _, name := range names {
				t.Run(library+"/"+strings.TrimSuffix(filepath.Base(name), ".nix"), func(t *testing.T) {
					runFile(t, bin, dir, name)
				})
			}
		}
	})
}

func runFile(t *testing.T, bin, library, name string) {
	var paths []string
	for _, argument := range [][2]string{{"lib", library}, {"nixlib", filepath.Join(root, "nixlib")}, {"cases", name}} {
		abs, err := filepath.Abs(argument[1])
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, "--argstr", argument[0], abs)
	}
	out, err := eval(bin, runCases, paths...)
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]struct {
		Passed         bool
		Expr, Expected json.RawMessage
	}
	if err := json.Unmarshal(out, &cases); err != nil || len(cases) == 0 {
		t.Fatal(err, "no cases")
	}
	for name, c := range cases {
		if !c.Passed {
			t.Errorf("%s:\n got %s\nwant %s", name, c.Expr, c.Expected)
		}
	}
}

// reads opens the Nix files of folders: what only a program started here reads, the go command
// does not see, and would take an old result for a new one.
func reads(t *testing.T, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			file, err := os.Open(path)
			if err != nil {
				return err
			}
			return file.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
