package deploy

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/survey"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// change is a deployment that is being made ready.
type change struct {
	header deployment.Header
	// realise makes the new system be in the store, and link a root of it.
	realise func(link string) error
	// moves are the data that the new system may not leave as the old one can read it.
	moves []event.StateChange
	// back is what a rollback is asked for.
	back *Target
}

// deploy takes the machine from base to the new system of a change.
func (d *Deployer) deploy(ctx context.Context, from base, c change) error {
	c.header.Old, c.header.Before, c.header.Nqd, c.header.Log = from.old, from.before, d.Version, d.Log
	c.header.Boot = d.Guard.Boot()
	run, err := d.History.Next()
	if err != nil {
		return err
	}
	actions, err := d.prepare(ctx, run, &c)
	if err == nil {
		c.header.Took = d.Stopwatch.Read()
		err = run.Begin(d.recorded(c.header), actions)
	}
	if err != nil {
		return errors.Join(err, run.Abandon())
	}
	if err := run.Do(ctx); err != nil {
		return d.endFailed(run, c.header, err)
	}
	d.endCommitted(ctx, run, c.header, actions)
	return nil
}

// recorded is the header as the journal keeps it: values of options may be secrets.
func (d *Deployer) recorded(header deployment.Header) deployment.Header {
	if d.Secrets == nil || header.Manifest == nil {
		return header
	}
	manifest := *header.Manifest
	manifest.Lost, _ = d.Secrets.Any(manifest.Lost).([]event.Lost)
	manifest.Overrides, _ = d.Secrets.Any(manifest.Overrides).([]event.Override)
	header.Manifest = &manifest
	return header
}

// prepare does what changes nothing that runs: the systems are in the store, the difference
// is known and confirmed. It returns the actions of the deployment.
func (d *Deployer) prepare(ctx context.Context, run *engine.Run, c *change) ([]engine.Action, error) {
	// Both systems stay in the store while the deployment can go either way, and after it
	// as what a rollback returns to.
	if err := d.Nix.Root(ctx, c.header.Old, filepath.Join(run.Dir, "old")); err != nil {
		return nil, err
	}
	if err := c.realise(filepath.Join(run.Dir, "new")); err != nil {
		return nil, err
	}
	// Read while the old system runs: it says which display manager that has.
	c.header.Reboot, _ = activation.Reboot(d.Machine, activation.ReadBoot(d.Machine, string(c.header.New)))
	if err := d.show(ctx, &c.header); err != nil {
		return nil, err
	}
	found, err := d.survey(c.header)
	if err != nil {
		return nil, err
	}
	d.tellBack(c, found)
	if err := d.confirm(ctx, c.header.Difference); err != nil {
		return nil, err
	}
	if err := d.still(c.header); err != nil {
		return nil, err
	}
	d.announceRoot()
	actions, err := d.actions(ctx, run, c, found)
	if err != nil {
		return nil, err
	}
	return actions, context.Cause(ctx)
}

// actions are the steps of a deployment that change the machine, in order.
func (d *Deployer) actions(ctx context.Context, run *engine.Run, c *change, found *survey.Survey) ([]engine.Action, error) {
	tools := d.tools()
	checks, err := c.header.Checks()
	if err != nil {
		return nil, err
	}
	there, err := d.generations()
	if err != nil {
		return nil, err
	}
	state, err := d.keepState(ctx, run, c)
	if err != nil {
		return nil, err
	}
	before, after, err := d.homes(ctx, run, found)
	if err != nil {
		return nil, err
	}
	back, err := d.workspaceBack(ctx, run.ID, c)
	if err != nil {
		return nil, err
	}
	// What comes back into homes would be in the way of the old system's, were the machine started again now: so the checks
	// come first, and it is an instant only.
	actions := slices.Concat(state, before, []engine.Action{tools.Try(c.header), tools.Check(c.header, checks)},
		after, back, []engine.Action{tools.Commit(c.header, there)})
	return tools.Told(actions), nil
}

// generations are the numbers of those that the profile has.
func (d *Deployer) generations() ([]int, error) {
	all, err := d.Guard.Profile.Generations()
	var numbers []int
	for _, one := range all {
		numbers = append(numbers, one.Number)
	}
	return numbers, err
}

// show tells the exact difference.
func (d *Deployer) show(ctx context.Context, header *deployment.Header) error {
	err := d.station(event.Show, string(header.New), func() error {
		closures, err := store.ReadAll(ctx, d.Machine, d.Nix, header.Old, header.New)
		if err != nil {
			return err
		}
		header.Difference = store.Difference(header.Old, header.New, closures[0], closures[1])
		return nil
	})
	if err != nil {
		return err
	}
	d.Sink(header.Difference)
	return nil
}

// confirm asks whether to go on.
func (d *Deployer) confirm(ctx context.Context, difference event.Difference) error {
	yes, err := d.Confirm(ctx, difference)
	if err == nil && !yes {
		err = ErrDeclined
	}
	return err
}

func (d *Deployer) endFailed(run *engine.Run, header deployment.Header, cause error) error {
	var undo *engine.UndoError
	switch {
	case errors.As(cause, &undo):
		broken := &Broken{ID: run.ID, Old: header.Old, Cause: errors.Join(cause, run.End(engine.Broken, cause))}
		broken.Running, _ = d.Guard.Running()
		broken.BootDefault, _ = d.Guard.VisibleBootDefault()
		return broken
	case errors.Is(cause, guard.ErrNothingDone):
		return fmt.Errorf("deployment %d: %w", run.ID, errors.Join(cause, run.End(engine.Refused, cause)))
	}
	return &Reverted{ID: run.ID, Old: header.Old, Cause: errors.Join(cause, run.End(engine.Reverted, cause))}
}

// endCommitted ends a run that is committed.
func (d *Deployer) endCommitted(ctx context.Context, run *engine.Run, header deployment.Header, actions []engine.Action) {
	d.after(ctx, run, header, actions)
	d.Sink(event.Outcome{Deployment: run.ID, Result: string(engine.Committed), System: string(header.New), Reboot: header.Reboot})
}

// after keeps the workspace's commit by a reference of its own, starts what may download, and ends the record. The
// system is committed, as the last action's record says: nothing here takes it back, and the next run does it again
// where it was cut off.
func (d *Deployer) after(ctx context.Context, run *engine.Run, header deployment.Header, actions []engine.Action) {
	ctx = context.WithoutCancel(ctx)
	if header.Commit != "" {
		name := fmt.Sprintf("refs/nqd/deployments/%d", run.ID)
		d.warn(d.Git.Ref(ctx, name, git.Commit{ID: header.Commit}), "the deployment is committed; git may one day forget its workspace")
	}
	for _, action := range actions {
		if action.Kind() == home.KindSettle { // it stands only while there may be something to put back
			d.warn(action.Undo(ctx), "the deployment is committed; the unit finds nothing to do")
		}
	}
	d.forgetLogin(ctx)
	d.warn(d.late(ctx, header), "the deployment is committed; downloads begin at the next boot")
	d.warn(run.End(engine.Committed, nil), "the deployment is committed; its record has no end")
}

// forgetLogin removes the user unit of a deployment whose record is gone.
func (d *Deployer) forgetLogin(ctx context.Context) {
	if d.Home != "" {
		d.warn(home.RemoveSettle(ctx, d.tools().Homes(), d.Home), "the unit finds nothing to do at the next login")
	}
}

// warn tells of an error that changes nothing of what was asked for.
func (d *Deployer) warn(err error, hint string) {
	if err != nil {
		d.Sink(event.Note{Warning: true, Text: err.Error(), Hint: hint})
	}
}

// late lets downloads begin, and starts those that the system has.
func (d *Deployer) late(ctx context.Context, header deployment.Header) error {
	if err := d.Guard.EndTrying(ctx); err != nil {
		return err
	}
	if header.Manifest == nil || len(header.Manifest.LateUnits) == 0 {
		return nil
	}
	units := strings.Join(header.Manifest.LateUnits, ", ")
	return d.station(event.Late, units, func() error { return d.Guard.StartLate(ctx, header.Manifest.LateUnits) })
}
