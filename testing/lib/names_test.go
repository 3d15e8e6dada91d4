package lib

import (
	"encoding/json"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// What is ours alone: two functions of Home Manager and of the table of options, and the release,
// which nixpkgs has in lib.trivial.
const ourNames = `{ ours, real }:
let
  own = import (/. + ours);
  theirs = import (/. + real);
  beyond = a: b: builtins.filter (name: !(b ? ${name})) (builtins.attrNames a);
  part = name: map (n: "${name}.${n}") (beyond own.${name} theirs.${name});
in
builtins.concatMap part [ "asserts" "attrsets" "debug" "fixedPoints" "generators" "lists" "meta" "trivial" "types" "versions" ]
++ beyond own (theirs // { dag = null; release = null; table = null; })`

// TestNames looks for names that only the stand-in has: what used them would evaluate here and
// nowhere else.
func TestNames(t *testing.T) {
	dirs := libraries(t)
	if dirs["nixpkgs"] == "" {
		t.Skip("NQD_REAL_LIB names no library to compare with")
	}
	reads(t, dirs["stand-in"])
	nixes.Each(t, func(t *testing.T, bin string) {
		out, err := eval(bin, ourNames, "--argstr", "ours", dirs["stand-in"], "--argstr", "real", dirs["nixpkgs"])
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		if err := json.Unmarshal(out, &names); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			t.Errorf("lib.%s: nixpkgs has no such name", name)
		}
	})
}
