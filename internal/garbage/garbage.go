// Package garbage finds what nothing needs any more: old deployments, generations, and what only those keep in the store.
//
// What a machine cannot do without stays, whatever was asked for: what runs, what was booted, what the boot loader
// starts, the current generation, what is on trial, what a deployment that did not end may need, what a rollback returns
// to, and what a process holds open. Roots of others are not touched. All of it is read from the machine before anything
// is removed, and where one of these cannot be read, nothing is.
package garbage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// Collector collects the garbage of one machine.
type Collector struct {
	Machine *machine.Machine
	Nix     *nixcli.Nix
	Guard   *guard.Guard
	History deployment.History
	Sink    event.Sink
	// Confirm is asked once it is known what goes; false leaves everything as it is.
	Confirm func(context.Context, event.Garbage) (bool, error)
	// Backups are those that deployments made.
	Backups *backup.Store
}

// Options say how much is kept that nothing needs.
type Options struct {
	// Keep is how many committed deployments can be returned to, and how many generations of the system stay; 1 or more.
	Keep int
	// OlderThan keeps what is younger.
	OlderThan time.Duration
	// ForgetFirst lets go of what ran before nqd came too.
	ForgetFirst bool
	// DryRun only tells.
	DryRun bool
	// Now is the time of the run.
	Now time.Time
}

// ErrDeclined is a collection that the user did not confirm.
var ErrDeclined = errors.New("not confirmed: nothing was removed")

// ErrChanged is a machine that changed between the question and the answer.
var ErrChanged = errors.New("the machine changed meanwhile: nothing was removed; try again")

// Run tells what goes and what stays, asks, removes and collects. Killed anywhere, the next one finishes it.
func (c *Collector) Run(ctx context.Context, options Options) error {
	if !options.DryRun {
		unlock, err := c.History.Lock()
		if err != nil {
			return err
		}
		defer unlock()
	}
	p, err := c.plan(ctx, options)
	if err != nil {
		return err
	}
	c.Sink(p.told)
	if options.DryRun {
		return nil
	}
	if p.nothing() {
		return c.release()
	}
	if yes, err := c.Confirm(ctx, p.told); err != nil {
		return err
	} else if !yes {
		return ErrDeclined
	}
	// Somebody may have switched while the question stood there.
	if p, err = c.planAgain(ctx, options, p); err != nil {
		return err
	}
	before, err := c.sizes(ctx)
	if err != nil {
		return err
	}
	for _, step := range c.steps(p) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return c.tell(ctx, p.told, before)
}

// planAgain is the plan as the machine is now; the error is ErrChanged where more would go than was told.
func (c *Collector) planAgain(ctx context.Context, options Options, shown plan) (plan, error) {
	now, err := c.plan(ctx, options)
	for _, root := range now.told.Goes {
		if !slices.Contains(shown.told.Goes, root) {
			return plan{}, errors.Join(err, ErrChanged)
		}
	}
	return now, err
}

// tell says what is gone, by what the store had before and has now.
func (c *Collector) tell(ctx context.Context, told event.Garbage, before map[machine.StorePath]int64) error {
	after, err := c.sizes(ctx)
	if err != nil {
		return err
	}
	told.Collected, told.Stays, told.Paths, told.Freed = true, nil, 0, 0
	for path, size := range before {
		if _, there := after[path]; !there {
			told.Paths, told.Freed = told.Paths+1, told.Freed+size
		}
	}
	c.Sink(told)
	return nil
}

// sizes are all store paths and the sizes of their NARs.
func (c *Collector) sizes(ctx context.Context) (map[machine.StorePath]int64, error) {
	return c.unreached(ctx, nil, store.Keeping{})
}

func (c *Collector) unreached(ctx context.Context, roots []machine.StorePath, keep store.Keeping) (map[machine.StorePath]int64, error) {
	db, err := store.Open(c.Machine)
	if err != nil {
		return nil, &UnreadableError{err}
	}
	defer db.Close()
	return db.Unreached(ctx, roots, keep)
}

// UnreadableError is a store whose database cannot be read: what a collection would remove is not known.
type UnreadableError struct{ Cause error }

func (e *UnreadableError) Error() string { return fmt.Sprintf("looking at the store: %v", e.Cause) }

// Unwrap returns the cause.
func (e *UnreadableError) Unwrap() error { return e.Cause }

// Hint says how to go on without nqd.
func (*UnreadableError) Hint() string {
	return "nothing was removed; nix-collect-garbage collects without looking, and keeps what nqd recorded"
}

// dir is where the collector keeps what it needs for the time of a collection, beside the history.
func (c *Collector) dir() string { return filepath.Join(filepath.Dir(c.History.Dir), "garbage") }

// keeping reads the settings that make a collection keep more.
func (c *Collector) keeping(ctx context.Context) (store.Keeping, error) {
	derivations, err := c.Nix.Switched(ctx, "keep-derivations")
	if err != nil {
		return store.Keeping{}, err
	}
	outputs, err := c.Nix.Switched(ctx, "keep-outputs")
	return store.Keeping{Derivations: derivations, Outputs: outputs}, err
}
