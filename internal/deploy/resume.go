package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
)

// Resume goes on with the deployment that was cut off. One that was being taken back is taken back, and the error is
// *Reverted as it would have been. Where there is none it says so.
func (d *Deployer) Resume(ctx context.Context) error {
	unlock, err := d.lock()
	if err != nil {
		return err
	}
	defer unlock()
	open, err := d.unfinished()
	if err != nil {
		return err
	}
	if len(open) == 0 {
		return d.finish(ctx, "no deployment was cut off: there is nothing to resume")
	}
	one := open[0]
	if d.Guard.Switching(ctx) { // somebody else, or what was started then and goes on without nqd
		return guard.ErrSwitching
	}
	if overtaken, err := d.overtaken(one); err != nil {
		return err
	} else if overtaken {
		return &deployment.OvertakenError{ID: one.ID}
	}
	if there, err := d.Machine.Exists(string(one.Header.New)); err != nil || !there {
		return errors.Join(err, &deployment.NoneError{ID: one.ID, Problem: one.Header.New.Name() + " is not in the store any more: nqd abort takes the deployment back"})
	}
	d.announceRoot()
	d.Sink(event.Note{Text: fmt.Sprintf("going on with deployment %d, which %s", one.ID, where(one))})
	run, actions, err := d.reopen(one)
	if err != nil {
		return err
	}
	err = run.Resume(ctx)
	if errors.Is(err, engine.ErrTakingBack) {
		return d.endFailed(run, one.Header, undone(ctx, run, errors.New("it was being taken back when it was cut off")))
	}
	if err != nil {
		return d.endFailed(run, one.Header, err)
	}
	d.endCommitted(ctx, run, one.Header, actions)
	return nil
}

// AbortOptions say what Abort is for.
type AbortOptions struct {
	// Rebooted takes back a deployment only if the machine was started again since: its system is gone by itself then, and
	// what is left in homes needs no root.
	Rebooted bool
}

// Abort takes back every deployment that was cut off or could not be taken back. Where there is none it says so.
func (d *Deployer) Abort(ctx context.Context, options AbortOptions) error {
	unlock, err := d.lock()
	if options.Rebooted && errors.As(err, new(*engine.Busy)) {
		return nil // whoever works takes it back first
	}
	if err != nil {
		return err
	}
	defer unlock()
	open, err := d.unfinished()
	if err != nil {
		return err
	}
	if options.Rebooted {
		if len(open) == 0 {
			d.forgetLogin(ctx)
			return nil
		}
		if !d.rebootedSince(open[0]) {
			return nil
		}
	} else if len(open) > 0 {
		d.announceRoot()
	}
	if len(open) == 0 {
		return d.finish(ctx, "no deployment was cut off: there is nothing to take back")
	}
	for _, one := range open {
		d.Sink(event.Note{Text: fmt.Sprintf("taking back deployment %d: it %s", one.ID, where(one))})
		if err := d.takeBack(ctx, one, errAborted); err != nil {
			return err
		}
		running, _ := d.Guard.Running() // what somebody else switched to stays
		d.Sink(event.Outcome{Deployment: one.ID, Result: string(engine.Reverted), System: string(running)})
	}
	return nil
}

// errAborted is why an aborted deployment was not committed.
var errAborted = errors.New("it was cut off, and taken back by nqd abort")

// rebootedSince reports whether the machine was started again since the deployment began, before it was committed. One that
// was not tried yet leaves no mark that a boot takes away.
func (d *Deployer) rebootedSince(one deployment.Recorded) bool {
	trying, err := d.Guard.Trying()
	running, unknown := d.Guard.Running()
	now, then := d.Guard.Boot(), one.Header.Boot
	return err == nil && unknown == nil && !trying && running == one.Header.Old && !one.Began(guard.CommitKind) &&
		(one.Began(guard.TryKind) || now != "" && then != "" && now != then)
}

// settle takes back what earlier runs left, before this one begins: a machine between two systems is nothing to start from.
func (d *Deployer) settle(ctx context.Context) error {
	open, err := d.unfinished()
	if err != nil {
		return err
	}
	for i, one := range open {
		if i == 0 {
			d.announceRoot()
		}
		d.Sink(event.Note{
			Warning: true,
			Text:    fmt.Sprintf("deployment %d was neither committed nor taken back: it %s", one.ID, where(one)),
			Hint:    "it is taken back first; this run starts from what ran before it: " + string(one.Header.Old),
		})
		if err := d.takeBack(ctx, one, errors.New("it was cut off, and taken back by the next run")); err != nil {
			return err
		}
	}
	return d.finish(ctx, "")
}

// finish does what a committed deployment had not done yet when it was cut off. Where there is nothing to finish it
// tells otherwise.
func (d *Deployer) finish(ctx context.Context, otherwise string) error {
	all, err := d.History.All()
	if err != nil {
		return err
	}
	if len(all) == 0 || all[len(all)-1].Result != engine.Committed || all[len(all)-1].Closed {
		if otherwise != "" {
			d.Sink(event.Note{Text: otherwise})
		}
		return nil
	}
	last := all[len(all)-1]
	run, actions, err := d.reopen(last)
	if err != nil {
		return err
	}
	d.announceRoot()
	d.Sink(event.Note{Text: fmt.Sprintf("deployment %d was committed and then cut off: finishing it", last.ID)})
	d.after(ctx, run, last.Header, actions)
	return nil
}

// unfinished are the deployments that were cut off, newest first.
func (d *Deployer) unfinished() ([]deployment.Recorded, error) {
	all, err := d.History.All()
	return deployment.Unfinished(all), err
}

// takeBack undoes one cut off deployment, but for what somebody else changed since.
func (d *Deployer) takeBack(ctx context.Context, one deployment.Recorded, cause error) error {
	if d.Guard.Switching(ctx) {
		return guard.ErrSwitching
	}
	now, err := d.base()
	if err != nil {
		return err
	}
	leave := now.leave(one)
	run, _, err := d.reopen(one, leave...)
	if err != nil {
		return err
	}
	if len(leave) > 0 {
		d.Sink(event.Note{Warning: true, Text: fmt.Sprintf("somebody else switched the machine since deployment %d was cut off: its system stays as it is", one.ID)})
	}
	problem := undone(ctx, run, cause)
	if problem != cause {
		return d.endFailed(run, one.Header, problem)
	}
	if slices.Contains(leave, guard.TryKind) { // nothing is tried any more, whoever switched
		d.warn(d.Guard.EndTrying(ctx), "downloads begin at the next boot")
	}
	if err := run.End(engine.Reverted, cause); err != nil {
		return fmt.Errorf("deployment %d was taken back, and its record does not say so: %w", one.ID, err)
	}
	return nil
}

// undone takes a run back. The error is cause, or what could not be undone with it.
func undone(ctx context.Context, run *engine.Run, cause error) error {
	return cmp.Or(run.TakeBack(ctx, cause), cause)
}

// reopen continues the record of a deployment, with its actions. Those of the kinds in leave are not taken back.
func (d *Deployer) reopen(one deployment.Recorded, leave ...string) (*engine.Run, []engine.Action, error) {
	actions, err := d.tools().Open(one, leave...)
	if err != nil {
		return nil, nil, err
	}
	run, err := d.History.Reopen(one.ID, func(engine.Deployment) ([]engine.Action, error) { return actions, nil })
	return run, actions, err
}

// overtaken reports whether somebody else switched the machine since a deployment was cut off.
func (d *Deployer) overtaken(one deployment.Recorded) (bool, error) {
	now, err := d.base()
	return err == nil && now.overtakes(one), err
}

// where says how far a deployment came, by its last record.
func where(one deployment.Recorded) string {
	if one.Result == engine.Broken {
		return "could not be taken back"
	}
	last := one.Steps[len(one.Steps)-1] // the first record is always there
	if last.Action == "deployment" {
		return "was cut off at its beginning"
	}
	return fmt.Sprintf("was cut off at %s (%s)", last.Action, last.State)
}
