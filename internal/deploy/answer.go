package deploy

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/plan"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Plan tells what Apply would do, as far as that is known without building. It writes into a
// temporary directory only.
func (d *Deployer) Plan(ctx context.Context, name string) error {
	h, err := d.read(name)
	if err != nil {
		return err
	}
	pending, err := d.Workspace.Pending()
	if err != nil {
		return err
	}
	from, changed, remove, err := d.planSource(ctx, pending)
	if err != nil {
		return err
	}
	defer remove()
	evaluation, err := d.evaluate(ctx, h, from)
	if err != nil {
		return err
	}
	base, err := d.base()
	if err != nil {
		return err
	}
	p, err := plan.Make(h, evaluation, base.old, d.manifestOf(base.old), plan.Files(pending, changed))
	if err != nil {
		return err
	}
	d.Sink(p)
	return nil
}

// planSource is the last commit where the workspace is as committed, or else a temporary
// tree of what Apply would commit.
func (d *Deployer) planSource(ctx context.Context, pending []workspace.File) (source, []string, func(), error) {
	keep := func() {}
	head, err := d.Git.Head(ctx)
	if err != nil && !errors.Is(err, git.ErrNoCommit) {
		return source{}, nil, keep, err
	}
	var changed []string
	if head.ID != "" {
		paths, err := d.Workspace.CommitPaths()
		if err != nil {
			return source{}, nil, keep, err
		}
		if changed, err = d.Git.Changed(ctx, paths...); err != nil {
			return source{}, nil, keep, err
		}
		if len(pending) == 0 && len(changed) == 0 {
			return d.committed(head), nil, keep, nil
		}
	}
	dir, err := os.MkdirTemp("", "nqd-plan-")
	if err != nil {
		return source{}, nil, keep, err
	}
	remove := func() { os.RemoveAll(dir) }
	if head.ID != "" {
		err = d.Git.Export(ctx, head, dir)
	}
	if err == nil {
		err = d.Workspace.CopyTo(dir, pending)
	}
	if err != nil {
		remove()
		return source{}, nil, keep, err
	}
	return source{reference: reference("path", dir, "")}, changed, remove, nil
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
	if open := unfinished(recorded); len(open) > 0 {
		header, err := headerOf(open[0])
		if err != nil {
			return err
		}
		described := describe(open[0], header, now)
		status.Unfinished = &described
	}
	for i, deployment := range all {
		if deployment.Running && deployment.Result == string(engine.Committed) {
			status.Deployment = &all[i]
		}
	}
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

// Show tells one deployment with its steps and difference.
func (d *Deployer) Show(id int) error {
	now, err := d.present()
	if err != nil {
		return err
	}
	recorded, err := d.History.Get(id)
	if errors.Is(err, fs.ErrNotExist) {
		return &NoDeploymentError{ID: id, Problem: "no such deployment"}
	}
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
