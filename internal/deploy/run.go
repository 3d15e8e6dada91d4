package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/doctor"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// deploy takes the machine from base to header.New. Realise makes that system be in the
// store and link a root of it.
func (d *Deployer) deploy(ctx context.Context, header Header, from base, realise func(link string) error) error {
	header.Old, header.Before, header.Nqd = from.old, from.before, d.Version
	run, err := d.History.Next()
	if err != nil {
		return err
	}
	checks, err := d.prepare(ctx, run, &header, realise)
	if err == nil {
		d.announceRoot()
		err = d.settle(ctx, &from)
		header.Before = from.before
	}
	if err == nil {
		header.Took = d.Stopwatch.Read()
		err = run.Begin(header)
	}
	if err != nil {
		return errors.Join(err, run.Abandon())
	}
	if err := run.Do(ctx, d.actions(header, checks)); err != nil {
		return d.endFailed(run, header, err)
	}
	return d.endCommitted(ctx, run, header)
}

// prepare does what changes nothing that runs: the systems are in the store, the difference
// is known and confirmed.
func (d *Deployer) prepare(ctx context.Context, run *engine.Run, header *Header, realise func(link string) error) ([]doctor.Check, error) {
	// Both systems stay in the store while the deployment can go either way, and after it
	// as what a rollback returns to.
	if err := d.Nix.Root(ctx, header.Old, filepath.Join(run.Dir, "old")); err != nil {
		return nil, err
	}
	if err := realise(filepath.Join(run.Dir, "new")); err != nil {
		return nil, err
	}
	// Read while the old system runs: it says which display manager that has.
	header.Reboot, _ = activation.Reboot(d.Machine, activation.ReadBoot(d.Machine, string(header.New)))
	if err := d.show(ctx, header); err != nil {
		return nil, err
	}
	checks, err := header.checks()
	if err != nil {
		return nil, err
	}
	return checks, context.Cause(ctx)
}

// show tells the exact difference and asks whether to go on.
func (d *Deployer) show(ctx context.Context, header *Header) error {
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
	yes, err := d.Confirm(ctx, header.Difference)
	if err == nil && !yes {
		err = ErrDeclined
	}
	return err
}

// actions are the steps of a deployment that change what the machine runs, in order.
func (d *Deployer) actions(header Header, checks []doctor.Check) []engine.Action {
	var units []string
	if header.Manifest != nil {
		units = header.Manifest.Units
	}
	return []engine.Action{
		told{d, event.Try, string(header.New), &guard.Try{Guard: d.Guard, Old: header.Old, New: header.New, Units: units}},
		told{d, event.Check, fmt.Sprint(len(checks)), check{doctor.Doctor{Inside: d.inside(header), Sink: d.Sink}, checks}},
		told{d, event.Commit, string(header.New), guard.Commit{Guard: d.Guard, New: header.New, Before: header.Before}},
	}
}

// told is an action whose beginning and end are told as a station.
type told struct {
	deployer *Deployer
	station  event.Station
	subject  string
	engine.Action
}

func (t told) Do(ctx context.Context) error {
	return t.deployer.station(t.station, t.subject, func() error { return t.Action.Do(ctx) })
}

// check is the action between trying and committing.
type check struct {
	doctor doctor.Doctor
	checks []doctor.Check
}

func (check) Name() string { return "check" }

func (c check) Do(ctx context.Context) error { return c.doctor.Run(ctx, c.checks) }

// Undo does nothing: asking changes nothing.
func (check) Undo(context.Context) error { return nil }

// inside runs programs for checks, with the paths of the deployed system's user.
func (d *Deployer) inside(header Header) insideMachine {
	path := "/run/current-system/sw/bin"
	if header.Manifest != nil {
		path = "/etc/profiles/per-user/" + header.Manifest.User + "/bin:" + path
	}
	return insideMachine{d.Machine, path}
}

type insideMachine struct {
	machine *machine.Machine
	path    string
}

// Output implements doctor.Inside. env(1) of the machine looks the program up, on the
// machine's PATH and not on ours.
func (i insideMachine) Output(ctx context.Context, argv ...string) ([]byte, error) {
	return i.machine.Output(ctx, machine.Cmd{
		Doing:  "asking",
		Path:   "/run/current-system/sw/bin/env",
		Args:   argv,
		Env:    []string{"PATH=" + i.path, "LC_ALL=C.UTF-8"},
		Inside: true,
	})
}

// Reverted is a deployment that did not pass. The machine runs what ran before.
type Reverted struct {
	ID    int
	Old   machine.StorePath
	Cause error
}

func (e *Reverted) Error() string { return fmt.Sprintf("deployment %d: %v", e.ID, e.Cause) }

// Unwrap returns the cause.
func (e *Reverted) Unwrap() error { return e.Cause }

// Hint says what state this leaves.
func (e *Reverted) Hint() string {
	return "the machine is back on " + string(e.Old) + "\nwhat happened: nqd show " + fmt.Sprint(e.ID)
}

// Broken is a deployment that neither passed nor could be taken back.
type Broken struct {
	ID    int
	Old   machine.StorePath
	Cause error
	// Running and BootDefault are what the machine runs and boots now; empty where that
	// could not be read.
	Running, BootDefault machine.StorePath
}

func (e *Broken) Error() string {
	return fmt.Sprintf("deployment %d could not be taken back: %v", e.ID, e.Cause)
}

// Unwrap returns the cause.
func (e *Broken) Unwrap() error { return e.Cause }

// Hint says what state this is and how to get out of it by hand.
func (e *Broken) Hint() string {
	const unknown = "an unknown system"
	state := fmt.Sprintf("the machine runs %s and boots %s\n", cmp.Or(e.Running, unknown), cmp.Or(e.BootDefault, unknown))
	program := string(e.Old) + "/bin/switch-to-configuration"
	if e.BootDefault == e.Old {
		return state + "to be back on what ran before, reboot, or as root run " + program + " test"
	}
	return state + "to be back on what ran before, as root run " + program + " switch, or choose it in the boot menu"
}

func (d *Deployer) endFailed(run *engine.Run, header Header, cause error) error {
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

// endCommitted ends the record, keeps the workspace's commit by a reference of its own, and
// starts what may download. The system is committed: nothing here takes it back.
func (d *Deployer) endCommitted(ctx context.Context, run *engine.Run, header Header) error {
	ctx = context.WithoutCancel(ctx)
	// The last action's record says already that it is committed.
	d.warn(run.End(engine.Committed, nil), "the deployment is committed; its record has no end")
	if header.Commit != "" {
		name := fmt.Sprintf("refs/nqd/deployments/%d", run.ID)
		d.warn(d.Git.Ref(ctx, name, git.Commit{ID: header.Commit}), "the deployment is committed; git may one day forget its workspace")
	}
	d.warn(d.late(ctx, header), "the deployment is committed; downloads begin at the next boot")
	d.Sink(event.Outcome{Deployment: run.ID, Result: "committed", System: string(header.New), Reboot: header.Reboot})
	return nil
}

// warn tells of an error that changes nothing of what was asked for.
func (d *Deployer) warn(err error, hint string) {
	if err != nil {
		d.Sink(event.Note{Warning: true, Text: err.Error(), Hint: hint})
	}
}

// late lets downloads begin, and starts those that the system has.
func (d *Deployer) late(ctx context.Context, header Header) error {
	if err := d.Guard.EndTrying(ctx); err != nil {
		return err
	}
	if header.Manifest == nil || len(header.Manifest.LateUnits) == 0 {
		return nil
	}
	units := strings.Join(header.Manifest.LateUnits, ", ")
	return d.station(event.Late, units, func() error { return d.Guard.StartLate(ctx, header.Manifest.LateUnits) })
}
