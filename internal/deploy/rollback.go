package deploy

import (
	"context"
	"fmt"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/preflight"
)

// Target is what a rollback returns to.
type Target struct {
	// ID is a committed deployment; 0 stands for what ran before the newest of them.
	ID int
	// RestoreState puts back the data that was kept when a newer version took it over.
	RestoreState bool
	// KeepWorkspace leaves the workspace as it is: the next apply deploys what it says.
	KeepWorkspace bool
}

// Rollback returns to the system of a recorded deployment through the same stations as any other, and the workspace
// with it.
func (d *Deployer) Rollback(ctx context.Context, to Target) error {
	return d.returnTo(ctx, to, func() (deployment.Header, error) { return d.History.Return(to.ID) })
}

// RollbackBefore returns to what ran before the first deployment. The workspace stays as it is.
func (d *Deployer) RollbackBefore(ctx context.Context) error {
	return d.returnTo(ctx, Target{KeepWorkspace: true}, d.History.ReturnToFirst)
}

func (d *Deployer) returnTo(ctx context.Context, to Target, target func() (deployment.Header, error)) error {
	unlock, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	header, err := target()
	if err != nil {
		return err
	}
	base, err := d.base()
	if err != nil {
		return err
	}
	if base.is(header.New) {
		return d.onlyWorkspace(ctx, header, to)
	}
	if there, err := d.Machine.Exists(string(header.New)); err != nil || !there {
		return &deployment.CollectedError{ID: header.Of, System: string(header.New)}
	}
	if header.Manifest == nil {
		d.Sink(event.Note{Warning: true, Text: "nqd did not deploy " + header.New.Name() + ": there are no checks for it"})
	}
	moves := d.planner().Moves(ctx, header.Manifest, d.History.ManifestOf(base.old))
	if !to.RestoreState {
		if err := preflight.State(moves, d.Risks); err != nil {
			return err
		}
	}
	return d.deploy(ctx, base, change{
		header: header, back: &to, moves: moves,
		realise: func(link string) error { return d.Nix.Root(ctx, header.New, link) },
	})
}

// onlyWorkspace brings the workspace back where the machine runs the system already. It needs no journal: nothing else
// changes, and it may be done again.
func (d *Deployer) onlyWorkspace(ctx context.Context, header deployment.Header, to Target) error {
	back, err := d.workspaceBack(ctx, 0, &change{header: header, back: &to})
	if err != nil {
		return err
	}
	before, err := d.Git.Head(ctx)
	if err != nil && len(back) > 0 {
		return err
	}
	for _, action := range back {
		if err := action.Do(ctx); err != nil {
			return err
		}
		if now, err := d.Git.Head(ctx); err != nil || now != before {
			d.Sink(event.Note{Text: fmt.Sprintf("the workspace is back at deployment %d, as a new commit", header.Of)})
		}
	}
	d.Sink(event.Outcome{Result: "unchanged", System: string(header.New)})
	return nil
}

// workspaceBack is the action that brings the workspace back with a rollback.
func (d *Deployer) workspaceBack(ctx context.Context, id int, c *change) ([]engine.Action, error) {
	if c.back == nil || c.back.KeepWorkspace || c.header.Commit == "" {
		return nil, nil
	}
	paths, err := d.Workspace.HostPaths(c.header.Host)
	if err != nil {
		return nil, err
	}
	action, err := d.tools().WorkspaceBack(ctx, c.header, id, paths)
	return []engine.Action{action}, err
}
