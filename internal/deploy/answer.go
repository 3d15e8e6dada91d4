package deploy

import (
	"context"
	"errors"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/plan"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Plan tells what Apply would do, as far as that is known without building, and, for a package name in why, what pulls
// that in. It writes into a temporary directory only.
func (d *Deployer) Plan(ctx context.Context, name, why string) error {
	h, err := d.read(name)
	if err != nil {
		return err
	}
	pending, err := d.Workspace.Pending()
	if err != nil {
		return err
	}
	planner := d.planner()
	from, changes, err := planner.Present(ctx, pending)
	if err != nil {
		return err
	}
	defer from.Release()
	base, err := d.base()
	if err != nil {
		return err
	}
	p, answer, err := planner.Plan(ctx, h, from, d.planFrom(name, base), plan.Files(pending, changes))
	if err != nil {
		return err
	}
	d.Sink(p)
	if why == "" {
		return nil
	}
	chains, err := planner.Why(ctx, answer, why)
	if err != nil {
		return err
	}
	d.Sink(chains)
	return nil
}

// planFrom is what a plan starts from.
func (d *Deployer) planFrom(name string, from base) plan.Old {
	return plan.Old{System: from.old, Manifest: d.manifestOf(from.old), Took: d.tookBefore(name)}
}

// planner says what this deployer would change.
func (d *Deployer) planner() *plan.Planner {
	return &plan.Planner{Evaluator: evaluation.Evaluator{
		Machine: d.Machine, Nix: d.Nix, Git: d.Git, Workspace: d.Workspace, Sink: d.Sink,
		Evaluations: d.Evaluations, Version: d.Version,
	}}
}

// present is what the machine uses now.
type present struct{ running, bootDefault machine.StorePath }

func (d *Deployer) present() (present, error) {
	running, err := d.Guard.Running()
	if err != nil {
		return present{}, notNixOS(err)
	}
	// A boot loader that cannot be read is no reason to say nothing else.
	bootDefault, _ := d.Guard.VisibleBootDefault()
	return present{running: running, bootDefault: bootDefault}, nil
}

// Status tells what the machine runs and what nqd knows about it.
func (d *Deployer) Status() error {
	now, err := d.present()
	if err != nil {
		return err
	}
	status := event.Status{Workspace: d.Workspace.Dir, Running: string(now.running), BootDefault: string(now.bootDefault)}
	if current, err := d.Guard.Profile.Current(); err == nil {
		status.Profile = string(current.System)
	}
	if status.Hosts, err = d.Workspace.Hosts(); err != nil && !errors.Is(err, workspace.ErrNone) {
		return err
	}
	recorded, err := d.History.List()
	if err != nil {
		return err
	}
	all, err := describeAll(recorded, now)
	if err != nil {
		return err
	}
	open := unfinished(recorded)
	for i, deployment := range all {
		switch {
		case len(open) > 0 && deployment.ID == open[0].ID:
			status.Unfinished = &all[i]
		case deployment.Running && deployment.Result == string(engine.Committed):
			status.Deployment = &all[i]
		}
	}
	status.Reboot, _ = activation.Reboot(d.Machine, activation.ReadBoot(d.Machine, string(now.running)))
	status.Busy = d.History.Busy()
	d.Sink(status)
	return nil
}

// Deployments tells the history.
func (d *Deployer) Deployments() error {
	now, err := d.present()
	if err != nil {
		return err
	}
	recorded, err := d.History.List()
	if err != nil {
		return err
	}
	all, err := describeAll(recorded, now)
	if err != nil {
		return err
	}
	d.Sink(event.History{Deployments: all})
	return nil
}

// Show tells one deployment with its steps and difference, for id 0 the newest.
func (d *Deployer) Show(id int) error {
	now, err := d.present()
	if err != nil {
		return err
	}
	if id == 0 {
		all, err := d.History.List()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return &NoDeploymentError{Problem: "nothing was deployed yet"}
		}
		id = all[len(all)-1].ID
	}
	recorded, err := d.recorded(id)
	if err != nil {
		return err
	}
	header, err := headerOf(recorded)
	if err != nil {
		return err
	}
	shown := event.Shown{Deployment: describe(recorded, header, now), Difference: &header.Difference}
	for _, step := range recorded.Steps {
		shown.Steps = append(shown.Steps, event.Step{Time: step.Time, Action: step.Action, State: step.State})
	}
	d.Sink(shown)
	return nil
}

func describeAll(recorded []engine.Deployment, now present) ([]event.Deployment, error) {
	all := []event.Deployment{}
	for _, one := range recorded {
		header, err := headerOf(one)
		if err != nil && one.Result != engine.Unreadable {
			return nil, err
		}
		all = append(all, describe(one, header, now))
	}
	return all, nil
}

func describe(recorded engine.Deployment, header Header, now present) event.Deployment {
	described := event.Deployment{
		ID: recorded.ID, Kind: string(header.Kind), Of: header.Of, Host: header.Host,
		Result: string(recorded.Result), Problem: recorded.Problem, Started: recorded.Started,
		Old: string(header.Old), New: string(header.New), Commit: header.Commit,
		Running: now.running == header.New, BootDefault: now.bootDefault == header.New,
	}
	if !recorded.Ended.IsZero() {
		described.Ended = &recorded.Ended
	}
	if header.Manifest != nil {
		described.Features = header.Manifest.Features
	}
	return described
}
