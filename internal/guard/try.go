package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Try makes the machine run New without making it the boot default: a power cut now ends in
// Old. It is an action of the engine.
type Try struct {
	Guard *Guard            `json:"-"`
	Old   machine.StorePath `json:"old"`
	New   machine.StorePath `json:"new"`
	// Units are the units whose failure counts. What else fails, or failed before, is
	// somebody else's (design-review 5).
	Units []string `json:"units"`
	// Again says that a run which was cut off began it: what that one did has to be undone also where this one was refused.
	Again bool `json:"-"`

	// untouched is set while nothing was changed: before switch-to-configuration is run, and
	// when it refused. marked says that tryingDir is this run's.
	untouched, marked bool
}

// TryKind is the word for a Try in the journal.
const TryKind = "try"

// Kind is the action's word in the journal.
func (*Try) Kind() string { return TryKind }

// Describe says what Do does.
func (t *Try) Describe() string { return "run " + t.New.Name() + ", without booting it" }

// Holds reports whether the machine runs New. After a reboot it does not.
func (t *Try) Holds(context.Context) (bool, error) {
	running, err := t.Guard.Running()
	return running == t.New, err
}

// Do switches to New and judges by switch-to-configuration's exit code: 0 passes, 4 passes
// unless one of Units has newly failed, anything else does not.
func (t *Try) Do(ctx context.Context) error {
	t.untouched, t.Guard.reverting = !t.Again, ""
	if t.Guard.Switching(ctx) {
		return ErrSwitching
	}
	if running, err := t.Guard.Running(); err == nil && running != t.Old && running != t.New {
		return fmt.Errorf("the machine runs %s, which somebody else activated: %w", running, ErrNothingDone)
	}
	before, err := t.Guard.failedUnits(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNothingDone, err)
	}
	if err := t.mark(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrNothingDone, err)
	}
	t.untouched = false
	err = t.Guard.switchTo(ctx, t.New, "test")
	switch code := machine.ExitCode(err); code {
	case switchUnitsFailed:
		return t.judgeUnits(ctx, before, err)
	case switchLockHeld:
		t.untouched = !t.Again
		return ErrSwitching
	case switchNeedsReboot:
		t.untouched = !t.Again
		return fmt.Errorf("%w: its init cannot take over from the one that runs: %w", ErrRebootNeeded, ErrNothingDone)
	default:
		return err
	}
}

// ErrSwitching is a machine on which somebody else switches systems. It is an ErrNothingDone.
var ErrSwitching = fmt.Errorf("another switch-to-configuration is running: %w", ErrNothingDone)

// mark says that a system is being tried, unless one is already.
func (t *Try) mark(ctx context.Context) error {
	there, err := t.Guard.Machine.Exists(tryingDir)
	if err != nil || there {
		return err
	}
	if err := t.Guard.Machine.MakeDir(ctx, tryingDir); err != nil {
		return err
	}
	t.marked = true
	return nil
}

// judgeUnits says whether failed, an exit because of units, counts: it does where one of Units has newly failed.
func (t *Try) judgeUnits(ctx context.Context, before []string, failed error) error {
	after, err := t.Guard.failedUnits(ctx)
	if err != nil {
		return err
	}
	var ours []string
	for _, unit := range after {
		switch {
		case slices.Contains(before, unit):
		case slices.Contains(t.Units, unit):
			ours = append(ours, unit)
		default:
			t.Guard.Sink(event.Note{Warning: true, Text: unit + " failed; it belongs to no enabled feature", Hint: "journalctl -u " + unit})
		}
	}
	if len(ours) > 0 {
		units := &UnitsFailed{Units: ours}
		var said *SwitchError
		if errors.As(failed, &said) {
			units.Lines = said.Lines
		}
		return units
	}
	return nil
}

// UnitsFailed is a tried system on which units of enabled features do not run, with the last
// lines of its switch-to-configuration, which says how they failed.
type UnitsFailed struct{ Units, Lines []string }

func (e *UnitsFailed) Error() string {
	return "starting " + strings.Join(e.Units, ", ") + ": failed on the new system" + quoted(e.Lines)
}

// tryingDir is a directory that is there while a system is tried: nothing that downloads starts
// then (nixlib/features/base). It does not outlive a boot.
const tryingDir = "/run/nqd/trying"

// Trying reports whether a system is being tried, or was when nqd was cut off: not since the machine was started.
func (g *Guard) Trying() (bool, error) { return g.Machine.Exists(tryingDir) }

// EndTrying says that what the machine runs is there to stay. Undo of Try does so by itself.
func (g *Guard) EndTrying(ctx context.Context) error { return g.Machine.RemoveDir(ctx, tryingDir) }

// Undo goes back to Old, by its recorded path, and proves it. A system that somebody else
// activated meanwhile is left alone. Where nothing says that a system is being tried, the try was
// not begun, or was taken back, or the machine was started again: then Old runs already.
func (t *Try) Undo(ctx context.Context) error {
	if t.untouched && !t.marked {
		return nil
	}
	if t.untouched {
		return t.Guard.EndTrying(ctx)
	}
	running, err := t.Guard.Running()
	if err == nil && running != t.Old && running != t.New {
		return fmt.Errorf("the machine runs %s, which somebody else activated", running)
	}
	if trying, unknown := t.Guard.Trying(); unknown == nil && !trying && err == nil && running == t.Old {
		return nil
	}
	// Also where the machine still says it runs Old: an activation that failed half-way
	// leaves that link alone, but units and /etc of New behind.
	t.Guard.tellRevert(t.Old)
	if err := t.Guard.returnTo(ctx, t.Old); err != nil {
		return err
	}
	if err := t.Guard.EndTrying(ctx); err != nil {
		t.Guard.Sink(event.Note{Warning: true, Text: err.Error(), Hint: "downloads begin at the next boot"})
	}
	return nil
}
