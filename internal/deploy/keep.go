package deploy

import (
	"context"
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/survey"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
)

// survey is what there is to do in homes.
func (d *Deployer) survey(header deployment.Header) (*survey.Survey, error) {
	change := survey.Change{Login: d.Login, LoginHome: d.Home}
	var err error
	if change.Was, err = home.Of(d.Machine, header.Old); err != nil {
		return nil, err
	}
	if change.Will, err = home.Of(d.Machine, header.New); err != nil {
		return nil, err
	}
	if change.Displaced, err = d.History.Displaced(); err != nil {
		return nil, err
	}
	return survey.Look(d.tools().Homes(), change)
}

// tellBack says what a rollback does besides the system, before it is asked about. An apply has a plan that says so.
func (d *Deployer) tellBack(c *change, found *survey.Survey) {
	if c.back == nil {
		return
	}
	for _, file := range found.InTheWay() {
		d.Sink(event.Note{Text: "home: " + file + " is in the way, and is kept in a backup"})
	}
	for _, action := range found.After() {
		d.Sink(event.Note{Text: "home: " + action.Describe()})
	}
	switch {
	case c.header.Commit == "":
	case c.back.KeepWorkspace:
		d.Sink(event.Note{Text: "workspace: stays as it is", Hint: "the next nqd apply deploys what it says"})
	default:
		d.Sink(event.Note{Text: fmt.Sprintf("workspace: comes back to deployment %d, as a new commit", c.header.Of)})
	}
}

// homes are the actions in homes, those before the new system is tried and those after it. What is in the way of the
// new homes is in a backup when they are returned.
func (d *Deployer) homes(ctx context.Context, run *engine.Run, found *survey.Survey) (before, after []engine.Action, err error) {
	kept := 0
	if paths := found.InTheWay(); len(paths) > 0 {
		made, err := d.Backups.Create(ctx, backup.Reason{Text: fmt.Sprintf("in the way of deployment %d", run.ID), Deployment: run.ID}, paths)
		if err != nil {
			return nil, nil, err
		}
		kept = made.ID
	}
	return actions(found.Before(kept)), actions(found.After()), nil
}

// actions are those of package home as the engine takes them.
func actions(of []home.Action) []engine.Action {
	var all []engine.Action
	for _, one := range of {
		all = append(all, one)
	}
	return all
}

// keepState are the actions that keep data before another version changes it, or for a rollback bring it back.
func (d *Deployer) keepState(ctx context.Context, run *engine.Run, c *change) ([]engine.Action, error) {
	back, err := d.stateBack(ctx, run, c)
	if err != nil {
		return nil, err
	}
	// What is brought back keeps what stands there by itself.
	moves := slices.DeleteFunc(slices.Clone(c.moves), func(move event.StateChange) bool {
		return slices.ContainsFunc(back, func(one *snapshot.Restore) bool { return one.Data.Path == move.Path })
	})
	var all []engine.Action
	for _, one := range snapshot.Actions(moves, run.ID, c.header.Old, d.Machine, d.Sink) {
		all = append(all, one)
	}
	for _, one := range back {
		all = append(all, one)
	}
	return all, nil
}

// stateBack are the actions of a rollback that bring data back, if that is asked for; else it is told that it could be.
func (d *Deployer) stateBack(ctx context.Context, run *engine.Run, c *change) ([]*snapshot.Restore, error) {
	if c.back == nil || !c.back.RestoreState && len(c.moves) == 0 {
		return nil, nil
	}
	taken, err := snapshot.List(ctx, d.Machine)
	if err != nil {
		return nil, err
	}
	var back []*snapshot.Restore
	kept := snapshot.Of(taken, c.header.Of)
	if c.back.RestoreState && len(kept) == 0 {
		d.Sink(event.Note{Warning: true, Text: "no data was kept that could be put back: it stays as it is"})
	}
	for _, one := range kept {
		switch {
		case c.back.RestoreState:
			back = append(back, &snapshot.Restore{Data: one.Data, Dir: one.Dir, Deployment: run.ID, Machine: d.Machine, Sink: d.Sink})
		case one.Data.Kind != "postgres": // an older server has a folder of its own
			d.Sink(event.Note{
				Text: fmt.Sprintf("%s stays as the newer version left it", one.Data),
				Hint: "nqd rollback --restore-state brings back what was kept of it, and keeps what is there now",
			})
		}
	}
	return back, nil
}
