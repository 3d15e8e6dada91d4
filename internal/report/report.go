// Package report answers questions about a machine and its deployments: status, history, one deployment, and the
// difference between two systems.
package report

import (
	"errors"
	"os"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Reporter answers for one machine.
type Reporter struct {
	Machine   *machine.Machine
	Nix       *nixcli.Nix
	Guard     *guard.Guard
	Workspace workspace.Workspace
	History   deployment.History
	Sink      event.Sink
	// Steps says what each action of a recorded deployment does; nil where that is not known.
	Steps func(deployment.Recorded) []event.PlannedStep
	// Resumable says whether one that was cut off could go on.
	Resumable func(deployment.Recorded) bool
}

// present is what the machine uses now.
type present struct{ running, bootDefault machine.StorePath }

func (r *Reporter) present() (present, error) {
	running, err := r.Guard.Running()
	if err != nil {
		return present{}, guard.NotNixOS(err)
	}
	// A boot loader that cannot be read is no reason to say nothing else.
	bootDefault, _ := r.Guard.VisibleBootDefault()
	return present{running: running, bootDefault: bootDefault}, nil
}

// Status tells what the machine runs and what nqd knows about it.
func (r *Reporter) Status() error {
	now, err := r.present()
	if err != nil {
		return err
	}
	status := event.Status{Workspace: r.Workspace.Dir, Running: string(now.running), BootDefault: string(now.bootDefault)}
	if current, err := r.Guard.Profile.Current(); err == nil {
		status.Profile = string(current.System)
	}
	if status.Hosts, err = r.Workspace.Hosts(); err != nil && !errors.Is(err, workspace.ErrNone) {
		return err
	}
	recorded, err := r.History.All()
	if err != nil {
		return err
	}
	all := describeAll(recorded, now)
	open := deployment.Unfinished(recorded)
	for i, one := range all {
		switch {
		case len(open) > 0 && one.ID == open[0].ID:
			status.Unfinished = &event.Underway{Deployment: one, Steps: []event.PlannedStep{}, Resumable: r.Resumable(open[0])}
			status.Unfinished.Steps = append(status.Unfinished.Steps, r.Steps(open[0])...)
		case one.Running && one.Result == string(engine.Committed):
			status.Deployment = &all[i]
		}
	}
	status.Reboot, _ = activation.Reboot(r.Machine, activation.ReadBoot(r.Machine, string(now.running)))
	status.Busy = r.History.Busy()
	r.Sink(status)
	return nil
}

// Deployments tells the history.
func (r *Reporter) Deployments() error {
	now, err := r.present()
	if err != nil {
		return err
	}
	recorded, err := r.History.All()
	if err != nil {
		return err
	}
	r.Sink(event.History{Deployments: describeAll(recorded, now)})
	return nil
}

// Show tells one deployment with its steps and difference, for id 0 the newest.
func (r *Reporter) Show(id int) error {
	now, err := r.present()
	if err != nil {
		return err
	}
	if id == 0 {
		all, err := r.History.List()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return &deployment.NoneError{Problem: "nothing was deployed yet"}
		}
		id = all[len(all)-1].ID
	}
	recorded, err := r.History.One(id)
	if err != nil {
		return err
	}
	shown := event.Shown{Deployment: describe(recorded, now), Difference: &recorded.Header.Difference}
	planned := r.Steps(recorded)
	for _, step := range recorded.Steps {
		told := event.Step{Time: step.Time, Action: step.Action, State: step.State}
		if step.Number > 0 && step.Number <= len(planned) {
			told.Does = planned[step.Number-1].Does
		}
		shown.Steps = append(shown.Steps, told)
	}
	if _, err := os.Stat(recorded.Header.Log); err == nil {
		shown.Log = recorded.Header.Log
	}
	r.Sink(shown)
	return nil
}

func describeAll(recorded []deployment.Recorded, now present) []event.Deployment {
	all := []event.Deployment{}
	for _, one := range recorded {
		all = append(all, describe(one, now))
	}
	return all
}

func describe(recorded deployment.Recorded, now present) event.Deployment {
	header := recorded.Header
	described := event.Deployment{
		ID: recorded.ID, Kind: string(header.Kind), Of: header.Of, Host: header.Host,
		Result: string(recorded.Result), Problem: recorded.Problem, Started: recorded.Started,
		Old: string(header.Old), New: string(header.New), Commit: header.Commit,
		Running:     header.New != "" && now.running == header.New,
		BootDefault: header.New != "" && now.bootDefault == header.New,
	}
	if !recorded.Ended.IsZero() {
		described.Ended = &recorded.Ended
	}
	if header.Manifest != nil {
		described.Features = header.Manifest.Features
	}
	return described
}
