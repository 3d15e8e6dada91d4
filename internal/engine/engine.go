// Package engine runs the actions of a deployment in order, records each step before and
// after it is taken, and takes them back when one does not succeed. It keeps the history of
// all deployments and lets one run at a time.
package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine/journal"
)

// Action is one change that can be undone by itself. It is data: its exported fields, as JSON,
// stand in the journal, and it is made from there again when the run goes on in another
// process.
type Action interface {
	// Kind is the action's word in the journal and in messages, such as "try".
	Kind() string
	// Describe says in a few words what Do does.
	Describe() string
	// Do makes the change. It may be called again after it was cut off anywhere, and after it
	// was done.
	Do(ctx context.Context) error
	// Undo takes back whatever part of Do happened, and nothing if that was none. It may be
	// called again as well.
	Undo(ctx context.Context) error
	// Holds reports whether what Do makes is there now.
	Holds(ctx context.Context) (bool, error)
}

// UndoError is a run whose actions could not all be taken back: the machine is in neither
// the old nor the new state.
type UndoError struct {
	Cause error   // why the run was undone; nil where nobody said
	Undo  []error // what could not be undone
}

func (e *UndoError) Error() string {
	undo := errors.Join(e.Undo...)
	if e.Cause == nil {
		return fmt.Sprintf("undoing: %v", undo)
	}
	return fmt.Sprintf("%v; and undoing: %v", e.Cause, undo)
}

// Unwrap makes Cause and all of Undo visible to errors.Is and errors.As.
func (e *UndoError) Unwrap() []error { return append([]error{e.Cause}, e.Undo...) }

// ErrTakingBack is a run that cannot go forward: taking it back was begun.
var ErrTakingBack = errors.New("taking the deployment back was begun already")

// Do takes the actions in order. At the first error all actions that were begun are undone,
// newest first, past any error, and the error is returned; as UndoError where undoing it
// did not succeed. Undo is not cancelled when ctx is. An action whose start cannot be
// recorded is not begun.
func (r *Run) Do(ctx context.Context) error {
	if r.journal == nil {
		return errNotBegun
	}
	return r.from(ctx, 0)
}

// Resume goes on with a reopened run as Do would have. Actions that were done and still hold
// are not done again; from the first on that does not hold, or cannot tell, all are. The
// error is ErrTakingBack, and nothing is done, where undoing was begun.
func (r *Run) Resume(ctx context.Context) error {
	if r.journal == nil {
		return errNotBegun
	}
	for _, one := range r.came {
		if one.undoing {
			return ErrTakingBack
		}
	}
	if r.committed {
		return nil
	}
	first := 0
	for first < len(r.actions) && r.came[first].done {
		if holds, err := r.actions[first].Holds(ctx); err != nil || !holds {
			break
		}
		first++
	}
	return r.from(ctx, first)
}

// TakeBack undoes what was begun and is not recorded as undone, newest first, past errors; a
// cancelled ctx does not stop it. The error is nil where all was taken back, or else an
// *UndoError with cause, which may be nil, as the reason. A committed run is an *EndedError.
func (r *Run) TakeBack(ctx context.Context, cause error) error {
	if r.journal == nil {
		return errNotBegun
	}
	if r.committed {
		return &EndedError{ID: r.ID, Result: Committed}
	}
	if problems := r.undo(context.WithoutCancel(ctx)); problems != nil {
		return &UndoError{Cause: cause, Undo: problems}
	}
	return nil
}

// from takes the actions from the index first on.
func (r *Run) from(ctx context.Context, first int) error {
	for i := first; i < len(r.actions); i++ {
		err := context.Cause(ctx)
		if err == nil {
			err = r.take(ctx, i)
		}
		if err == nil {
			continue
		}
		if problems := r.undo(context.WithoutCancel(ctx)); problems != nil {
			return &UndoError{Cause: err, Undo: problems}
		}
		return err
	}
	return nil
}

// take does one action. That the last one is done and that the deployment is committed is
// one record: no crash can come between the two.
func (r *Run) take(ctx context.Context, i int) error {
	if err := r.record(i, journal.Started, nil); err != nil {
		return err
	}
	if err := r.actions[i].Do(ctx); err != nil {
		return errors.Join(err, r.record(i, journal.Failed, problem{err.Error()}))
	}
	if i < len(r.actions)-1 {
		return r.record(i, journal.Done, nil)
	}
	err := r.record(i, journal.Done, outcome{Result: Committed})
	r.committed = err == nil
	return err
}

// undo takes back what was begun and returns what could not be.
func (r *Run) undo(ctx context.Context) (problems []error) {
	for i := len(r.actions) - 1; i >= 0; i-- {
		if last := r.came[i].last; last == "" || last == journal.Undone {
			continue
		}
		if err := r.takeBack(ctx, i); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

// takeBack undoes one action. It goes on where that cannot be recorded: a full disk must
// not keep a machine on a system that failed its checks. End then reports the journal.
func (r *Run) takeBack(ctx context.Context, i int) error {
	_ = r.record(i, journal.Undoing, nil)
	note(r.came, i, journal.Undoing)
	if err := r.actions[i].Undo(ctx); err != nil {
		_ = r.record(i, journal.Failed, problem{err.Error()})
		return err
	}
	_ = r.record(i, journal.Undone, nil)
	note(r.came, i, journal.Undone)
	return nil
}

// record notes how far the action at index i is.
func (r *Run) record(i int, state journal.State, data any) error {
	if err := r.journal.Append(i+1, r.actions[i].Kind(), state, data); err != nil {
		return err
	}
	note(r.came, i, state)
	return nil
}

// problem is the data of a record about something that failed.
type problem struct {
	Problem string `json:"problem"`
}
