package deploy

import (
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// steps says what each action of a recorded deployment does, and how far it came; nil where its record cannot be read.
func (d *Deployer) steps(one deployment.Recorded) []event.PlannedStep {
	if one.Result == engine.Unreadable {
		return nil
	}
	steps, err := d.tools().Underway(one)
	if err != nil {
		return nil // of a newer nqd: what its record has is told all the same
	}
	return steps
}

// resumable reports whether Resume could go on with a deployment, as far as can be seen without doing it.
func (d *Deployer) resumable(one deployment.Recorded) bool {
	if one.TakingBack() || d.steps(one) == nil {
		return false
	}
	if overtaken, err := d.overtaken(one); err != nil || overtaken {
		return false
	}
	there, err := d.Machine.Exists(string(one.Header.New))
	return err == nil && there
}
