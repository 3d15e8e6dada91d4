package guard

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Commit makes New the boot default: it is set in the system profile, the boot loader is
// installed by New's own switch-to-configuration, and the loader's default is read back. It
// is an action of the engine.
type Commit struct {
	Guard *Guard            `json:"-"`
	New   machine.StorePath `json:"new"`
	// Before is the generation that the profile pointed at when the deployment began.
	Before machine.Generation `json:"before"`
	// There are the numbers of all generations that the profile had then; none where that is not known.
	There []int `json:"there,omitempty"`
}

// CommitKind is the word for a Commit in the journal.
const CommitKind = "commit"

// Kind is the action's word in the journal.
func (Commit) Kind() string { return CommitKind }

// Describe says what Do does.
func (c Commit) Describe() string { return "make " + c.New.Name() + " the boot default" }

// Holds reports whether New is the profile's and the loader's default.
func (c Commit) Holds(ctx context.Context) (bool, error) {
	now, err := c.Guard.Profile.Current()
	if err != nil || now.System != c.New {
		return false, err
	}
	loaded, err := c.Guard.BootDefault(ctx)
	if errors.Is(err, ErrUnknownLoader) {
		return true, nil
	}
	return loaded == c.New, err
}

// CommitError is a system that passed its checks and could not be made the boot default.
type CommitError struct{ Cause error }

func (e *CommitError) Error() string { return "committing: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *CommitError) Unwrap() error { return e.Cause }

// Do commits New. It refuses where the machine does not run New any more: somebody switched
// meanwhile. The error is *CommitError.
func (c Commit) Do(ctx context.Context) error {
	if err := c.commit(ctx); err != nil {
		return &CommitError{Cause: err}
	}
	return nil
}

func (c Commit) commit(ctx context.Context) error {
	running, err := c.Guard.Running()
	if err != nil {
		return err
	}
	if running != c.New {
		return fmt.Errorf("the machine runs %s, which somebody else activated", running.Name())
	}
	if err := c.Guard.Profile.Set(ctx, c.New); err != nil {
		return err
	}
	if err := c.Guard.switchTo(ctx, c.New, "boot"); err != nil {
		return err
	}
	return c.readBack(ctx)
}

// readBack proves that the boot loader will start New. switch-to-configuration can end with
// 0 although the boot partition is full (nixpkgs#23926, #189966).
func (c Commit) readBack(ctx context.Context) error {
	loaded, err := c.Guard.BootDefault(ctx)
	if errors.Is(err, ErrUnknownLoader) {
		c.Guard.Sink(event.Note{Warning: true, Text: "the boot loader's default could not be read back", Hint: "nqd reads systemd-boot and GRUB"})
		return nil
	}
	if err != nil {
		return err
	}
	if loaded != c.New {
		return fmt.Errorf("the boot loader's default is still %s", loaded.Name())
	}
	return nil
}

// Undo points the profile at the recorded generation again and makes that the default of
// the boot loader. A profile that points at neither the recorded generation nor New was set
// by somebody else, and stays.
func (c Commit) Undo(ctx context.Context) error {
	now, err := c.Guard.Profile.Current()
	if err != nil {
		return err
	}
	if now.System != c.Before.System && now.System != c.New {
		return fmt.Errorf("the system profile is at generation %d, %s, which somebody else set", now.Number, now.System.Name())
	}
	if now.System != c.Before.System {
		if err := c.switchBack(ctx); err != nil {
			return err
		}
	}
	if err := c.deleteMade(ctx); err != nil {
		return err
	}
	if loaded, err := c.Guard.BootDefault(ctx); err == nil && loaded == c.Before.System {
		return nil
	}
	c.Guard.tellRevert(c.Before.System)
	return c.Guard.switchTo(ctx, c.Before.System, "boot", "NIXOS_NO_CHECK=1")
}

// switchBack makes the recorded generation the current one.
func (c Commit) switchBack(ctx context.Context) error {
	err := c.Guard.Profile.Switch(ctx, c.Before.Number)
	if err == nil {
		return nil
	}
	// Its number may be gone: somebody deleted old generations. The system is rooted.
	if setErr := c.Guard.Profile.Set(ctx, c.Before.System); setErr != nil {
		return errors.Join(err, setErr)
	}
	return nil
}

// deleteMade deletes the generations that Do made: with them, every later boot menu would hold New
// and try to copy its kernel to a partition that may be full (design-review 10). A cut off Undo
// may have left one behind that is not the current one any more.
func (c Commit) deleteMade(ctx context.Context) error {
	all, err := c.Guard.Profile.Generations()
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.System != c.New || one.Number <= c.Before.Number || slices.Contains(c.There, one.Number) {
			continue
		}
		if err := c.Guard.Profile.Delete(ctx, one.Number); err != nil {
			return err
		}
	}
	return nil
}
