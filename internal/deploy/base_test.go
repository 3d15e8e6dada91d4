package deploy

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const (
	oldSystem machine.StorePath = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old"
	newSystem machine.StorePath = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-new"
	third     machine.StorePath = "/nix/store/0f5z55vs9swzxwdmcms03bq2nakciwpa-third"
)

// What somebody else did to the machine since a deployment was cut off is not taken back with it.
func TestLeave(t *testing.T) {
	t.Parallel()
	before, after := machine.Generation{Number: 3, System: oldSystem}, machine.Generation{Number: 4, System: newSystem}
	forGood := machine.Generation{Number: 5, System: third}
	trying := []engine.Step{{Action: "deployment", State: "started"}, {Action: "try", State: "started"}}
	committing := append(slices.Clone(trying), engine.Step{Action: "commit", State: "started"})
	for name, c := range map[string]struct {
		steps   []engine.Step
		running machine.StorePath
		profile machine.Generation
		want    string
	}{
		"killed before try":            {trying[:1], oldSystem, before, ""},
		"killed while trying":          {trying, newSystem, before, ""},
		"half-activated, or rebooted":  {trying, oldSystem, before, ""},
		"killed while committing":      {committing, newSystem, after, ""},
		"committing, then rebooted":    {committing, oldSystem, after, ""},
		"committed by somebody else":   {trying, newSystem, after, "try"},
		"somebody else switched":       {trying, third, before, "try"},
		"somebody else, and for good":  {trying, third, forGood, "try"},
		"killed while taking it back":  {committing, newSystem, before, ""},
		"taken back but the loader":    {committing, oldSystem, before, ""},
		"half, then a third tried":     {committing, third, after, "try"},
		"half, then a third for good":  {committing, third, forGood, "try commit"},
		"half, and a third boots next": {committing, newSystem, forGood, "commit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := deployment.Recorded{
				Deployment: engine.Deployment{ID: 7, Steps: c.steps},
				Header:     deployment.Header{Old: oldSystem, New: newSystem, Before: before},
			}
			if got := strings.Join(base{old: c.running, before: c.profile}.leave(one), " "); got != c.want {
				t.Errorf("leaves %q, want %q", got, c.want)
			}
		})
	}
}

// What somebody else did to the machine since a deployment was cut off is not taken away by going on with it.
func TestOvertakes(t *testing.T) {
	t.Parallel()
	before, after := machine.Generation{Number: 3, System: oldSystem}, machine.Generation{Number: 4, System: newSystem}
	forGood := machine.Generation{Number: 5, System: third}
	began := []engine.Step{{Action: "deployment", State: "started"}}
	trying := append(slices.Clone(began), engine.Step{Action: "try", State: "started"})
	committing := append(slices.Clone(trying), engine.Step{Action: "commit", State: "started"})
	for name, c := range map[string]struct {
		steps   []engine.Step
		running machine.StorePath
		profile machine.Generation
		want    bool
	}{
		"killed before try":                  {began, oldSystem, before, false},
		"killed while trying":                {trying, newSystem, before, false},
		"half-activated, or rebooted":        {trying, oldSystem, before, false},
		"killed while committing":            {committing, newSystem, after, false},
		"committing, then rebooted":          {committing, oldSystem, after, false},
		"before try, the new one switched":   {began, newSystem, before, true},
		"before try, a third one":            {began, third, before, true},
		"before try, a third one for good":   {began, third, forGood, true},
		"before try, a third one boots next": {began, oldSystem, forGood, true},
		"trying, a third one boots next":     {trying, newSystem, forGood, true},
		"committed by somebody else":         {trying, newSystem, after, true},
		"somebody else switched":             {trying, third, before, true},
		"half, and a third boots next":       {committing, newSystem, forGood, true},
	} {
		one := deployment.Recorded{
			Deployment: engine.Deployment{ID: 7, Steps: c.steps},
			Header:     deployment.Header{Old: oldSystem, New: newSystem, Before: before},
		}
		if got := (base{old: c.running, before: c.profile}).overtakes(one); got != c.want {
			t.Errorf("%s: overtaken %t, want %t", name, got, c.want)
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
