package deploy

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const (
	oldSystem machine.StorePath = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old"
	newSystem machine.StorePath = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-new"
	third     machine.StorePath = "/nix/store/0f5z55vs9swzxwdmcms03bq2nakciwpa-third"
)

// What a deployment that never ended left behind is not what the next one returns to.
func TestWithout(t *testing.T) {
	t.Parallel()
	before, after := machine.Generation{Number: 3, System: oldSystem}, machine.Generation{Number: 4, System: newSystem}
	header := Header{Old: oldSystem, New: newSystem, Before: before}
	trying := []engine.Step{{Action: "deployment", State: "started"}, {Action: "try", State: "started"}}
	committing := append(trying, engine.Step{Action: "commit", State: "started"})
	for name, c := range map[string]struct {
		steps   []engine.Step
		running machine.StorePath
		profile machine.Generation
		want    base
		left    bool
		half    bool // its commit is to be taken back
	}{
		"killed before try":           {trying[:1], oldSystem, before, base{old: oldSystem, before: before}, false, false},
		"killed while trying":         {trying, newSystem, before, base{old: oldSystem, before: before}, true, false},
		"half-activated, or rebooted": {trying, oldSystem, before, base{old: oldSystem, before: before}, true, false},
		"killed while committing":     {committing, newSystem, after, base{old: oldSystem, before: before}, true, true},
		"committing, then rebooted":   {committing, oldSystem, after, base{old: oldSystem, before: before}, true, true},
		"committed by somebody else":  {trying, newSystem, after, base{old: newSystem, before: after}, false, false},
		"somebody else switched":      {trying, third, before, base{old: third, before: before}, false, false},
		"killed while taking it back": {committing, newSystem, before, base{old: oldSystem, before: before}, true, true},
		"taken back but the loader":   {committing, oldSystem, before, base{old: oldSystem, before: before}, true, true},
		"half, then a third tried":    {committing, third, after, base{old: third, before: before}, true, true},
		"half, then a third for good": {committing, third, machine.Generation{Number: 5, System: third}, base{old: third, before: machine.Generation{Number: 5, System: third}}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := base{old: c.running, before: c.profile}
			b.without(engine.Deployment{ID: 7, Steps: c.steps}, header)
			if b.old != c.want.old || b.before != c.want.before {
				t.Errorf("starts from %s, %v; want %s, %v", b.old, b.before, c.want.old, c.want.before)
			}
			if (b.left != nil) != c.left || b.left != nil && (b.left.committing != c.half || b.left.id != 7) {
				t.Errorf("left %+v, want %t, commit to be taken back %t", b.left, c.left, c.half)
			}
			if b.is(b.old) != (!c.left && c.running == c.profile.System) {
				t.Errorf("nothing to do for %s: %t", b.old, b.is(b.old))
			}
		})
	}
}

// What is older than a committed deployment, or than a record that cannot be read and may be
// of one, says nothing of the machine.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	for results, want := range map[string]string{
		"committed interrupted":                   "1",
		"interrupted committed":                   "",
		"interrupted unreadable":                  "",
		"interrupted unreadable broken":           "2",
		"interrupted refused reverted":            "0",
		"broken reverted interrupted":             "2 0",
		"committed broken refused":                "1",
		"interrupted committed reverted reverted": "",
	} {
		var recorded []engine.Deployment
		for id, result := range strings.Fields(results) {
			recorded = append(recorded, engine.Deployment{ID: id, Result: engine.Result(result)})
		}
		var got []string
		for _, one := range unfinished(recorded) {
			got = append(got, fmt.Sprint(one.ID))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", results, got, want)
		}
	}
}

// The hint of a deployment that could not be taken back says what is so.
func TestBrokenHint(t *testing.T) {
	t.Parallel()
	program := string(oldSystem) + "/bin/switch-to-configuration"
	for boots, want := range map[machine.StorePath]string{
		oldSystem: "reboot, or as root run " + program + " test",
		newSystem: "as root run " + program + " switch, or choose it in the boot menu",
		"":        "as root run " + program + " switch, or choose it in the boot menu",
	} {
		b := Broken{ID: 1, Old: oldSystem, Running: newSystem, BootDefault: boots}
		state := "the machine runs " + string(newSystem) + " and boots " + string(cmp.Or(boots, "an unknown system")) + "\n"
		if got := b.Hint(); got != state+"to be back on what ran before, "+want {
			t.Errorf("boots %q: got %q", boots, got)
		}
	}
}
