package answer

import (
	"bytes"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// TestGarbageAlike: a system that stays is told once for each reason, with all that keeps it; what goes is told one by one.
func TestGarbageAlike(t *testing.T) {
	root := func(name, system, why string) event.GarbageRoot {
		return event.GarbageRoot{Name: name, System: system, Why: why}
	}
	a, b := "/nix/store/aaaaaaaa-a", "/nix/store/bbbbbbbb-b"
	g := event.Garbage{
		DryRun: true,
		Stays: []event.GarbageRoot{
			root("deployment 1", a, "it runs"), root("deployment 2", b, "it ran"), root("generation 1", a, "it runs"),
			root("generation 2", a, "it was booted"), root("backup 1", "", "kept"), root("backup 2", "", "kept"),
		},
		Goes: []event.GarbageRoot{root("deployment 3", a, "old"), root("deployment 4", a, "old")},
	}
	var out bytes.Buffer
	Garbage(&out, g, 0)
	want := `stays  deployment 1, generation 1  aaaaaaaa-a: it runs
stays  deployment 2  bbbbbbbb-b: it ran
stays  generation 2  aaaaaaaa-a: it was booted
stays  backup 1: kept
stays  backup 2: kept
goes   deployment 3  aaaaaaaa-a: old
goes   deployment 4  aaaaaaaa-a: old
That would free: 0 paths of the store, 0 B. Nothing was changed.
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
	if g.Stays[0].Name != "deployment 1" {
		t.Errorf("the event is not the same any more: %s", g.Stays[0].Name)
	}
}
