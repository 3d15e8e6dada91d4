package document

import (
	"encoding/json"
	"testing"

	gotoml "github.com/pelletier/go-toml/v2"

	"github.com/masterofnull/nixos-quick-deploy/testing/toml"
)

func TestReadsLikeNix(t *testing.T) {
	var names []string
	var documents [][]byte
	for name, text := range toml.Alike {
		names = append(names, name)
		documents = append(documents, []byte(text))
	}
	toml.EachNix(t, func(t *testing.T, nix toml.Nix) {
		for i, theirs := range nix.ReadAll(t, documents) {
			d := Read(names[i], documents[i])
			if len(d.errs) > 0 {
				t.Errorf("Nix reads %q, Go: %v", documents[i], d.errs)
			} else if err := Compare(d.Tree, theirs); err != nil {
				t.Errorf("%s: %q: %v", names[i], documents[i], err)
			}
		}
	})
}

func TestRefusesWhatNixDoes(t *testing.T) {
	for name, text := range toml.OnlyGo {
		if err := gotoml.Unmarshal([]byte(text), new(map[string]any)); err != nil {
			t.Errorf("%s: go-toml refuses it by itself now: %v", name, err)
		}
	}
	for _, group := range []map[string]string{toml.OnlyGo, toml.Code, toml.Neither} {
		for name, text := range group {
			if d := Read(name, []byte(text)); len(d.errs) == 0 {
				t.Errorf("%s: Go reads %q as %v", name, text, d.Tree)
			}
		}
	}
	toml.EachNix(t, func(t *testing.T, nix toml.Nix) {
		for _, group := range []map[string]string{toml.OnlyGo, toml.Neither} {
			for name, text := range group {
				if theirs, err := nix.Read(t, []byte(text)); err == nil {
					t.Errorf("%s: %q: Nix reads %s", name, text, theirs)
				}
			}
		}
	})
}

// What Nix makes of a table with outPath is why such keys are refused.
func TestNixTakesOutPathForAPath(t *testing.T) {
	toml.EachNix(t, func(t *testing.T, nix toml.Nix) {
		theirs, err := nix.Read(t, []byte(`a.outPath = "/etc"`))
		if err != nil || string(theirs) != `{"a":"/etc"}` {
			t.Errorf("Nix reads %s, %v", theirs, err)
		}
	})
}

func TestCompareNamesTheFirstDifference(t *testing.T) {
	ours := map[string]any{
		"a": map[string]any{"b": []any{int64(1), "x"}, "odd key": true},
		"f": 1.0,
	}
	for nix, want := range map[string]string{
		`{"a":{"b":[1,"x"],"odd key":true},"f":1.0}`:         "",
		`{"a":{"b":[1,"y"],"odd key":false},"f":1.0}`:        `a.b[1]: nqd reads "x", Nix reads "y"`,
		`{"a":{"b":[1.0,"x"],"odd key":true},"f":1.0}`:       `a.b[0]: nqd reads 1, Nix reads 1.0`,
		`{"a":{"b":[1],"odd key":true},"f":1.0}`:             `a.b: nqd reads 2 elements, Nix 1`,
		`{"a":{"b":[1,"x"],"odd key":null},"f":1.0}`:         `a."odd key": nqd reads true, Nix reads null`,
		`{"a":{"b":[1,"x"]},"f":1.0}`:                        `a."odd key": nqd reads true, Nix does not see the key`,
		`{"a":{"b":[1,"x"],"odd key":true},"f":1.0,"g":[2]}`: `g: Nix reads [2], nqd does not see the key`,
		`{"a":{"b":[1,"x"],"odd key":true},"f":1}`:           `f: nqd reads 1, Nix reads 1`,
		`{"a":"/etc","f":1.0}`:                               `a: nqd reads {"b":[1,"x"],"odd key":true}, Nix reads "/etc"`,
		`[]`:                                                 `all of it: nqd reads {"a":{"b":[1,"x"],"odd key":true},"f":1}, Nix reads []`,
		``:                                                   `what Nix read is no JSON: EOF`,
	} {
		got := ""
		if err := Compare(ours, json.RawMessage(nix)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", nix, got, want)
		}
	}
}
