package lib

import (
	"slices"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
	"github.com/masterofnull/nixos-quick-deploy/testing/shelf"
)

// builds is the question whether a system evaluates to what can be built, with all assertions
// passed; the answer is what it warns of.
const builds = `builtins.seq drvPath config.warnings`

// Each feature alone, and all that can be on together: on every release, on every Nix, and on
// aarch64 where the feature is for it.
func TestShelf(t *testing.T) {
	features, err := catalog.Load(nixlib.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	var cases []hostCase
	ids := shelf.IDs(features)
	for _, id := range ids {
		cases = append(cases, shelfCase(features, id, shelf.Closure(features, id)))
	}
	arm := shelfCase(features, "everything on aarch64", slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		systems := features.Features[id].Systems
		return len(systems) > 0 && !slices.Contains(systems, "aarch64-linux")
	}))
	arm.old, arm.new = `"x86_64-linux"`, `"aarch64-linux"`
	cases = append(cases, shelfCase(features, "nothing", nil), shelfCase(features, "everything", ids), arm)
	t.Logf("%d features", len(ids))
	askAll(t, cases)
}

// shelfCase is a host with exactly these features.
func shelfCase(features *catalog.Catalog, name string, on []string) hostCase {
	c := hostCase{name: name, more: shelf.Tables(features, on), local: shelf.Login("ada-l"), files: map[string]string{}, ask: builds, want: `[]`}
	for _, secret := range shelf.Secrets(features, "orion", on) {
		c.files[secret] = "age"
	}
	return c
}
