package report

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/plan"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// Comparison asks for the difference between two systems. A system is the number of a deployment (what it deployed), a
// store path, or one of the words running and boot. Left empty, Second is what runs, and First what ran before the last
// committed deployment.
type Comparison struct {
	First, Second string
	// Why is a package of which is asked what pulls it into Second; empty where none is.
	Why string
}

// Diff tells what a comparison asks for.
func (r *Reporter) Diff(ctx context.Context, c Comparison) error {
	if c.First == "" {
		before, err := r.History.Return(0)
		if err != nil {
			return err
		}
		c.First = string(before.New)
	}
	old, err := r.system(c.First)
	if err != nil {
		return err
	}
	next, err := r.system(cmp.Or(c.Second, "running"))
	if err != nil {
		return err
	}
	closures, err := store.ReadAll(ctx, r.Machine, r.Nix, old, next)
	if err != nil {
		return err
	}
	r.Sink(store.Difference(old, next, closures[0], closures[1]))
	if c.Why != "" {
		r.Sink(plan.PulledIn(closures[1], next, c.Why))
	}
	return nil
}

// system is the store path that a word of the command line stands for.
func (r *Reporter) system(word string) (machine.StorePath, error) {
	switch word {
	case "running":
		running, err := r.Guard.Running()
		return running, guard.NotNixOS(err)
	case "boot":
		booted, err := r.Guard.VisibleBootDefault()
		return booted, guard.NotNixOS(err)
	}
	if id, err := strconv.Atoi(word); err == nil && id > 0 {
		recorded, err := r.History.One(id) // whatever became of it
		return recorded.Header.New, err
	}
	path, err := machine.ParseStorePath(word)
	if err != nil {
		return "", &NoSystemError{Word: word}
	}
	return path, nil
}

// NoSystemError is a word that names no system.
type NoSystemError struct{ Word string }

func (e *NoSystemError) Error() string { return fmt.Sprintf("%q: names no system", e.Word) }

// Hint says what does.
func (e *NoSystemError) Hint() string {
	return "a system is the number of a deployment (nqd history lists them), a store path, running or boot"
}
