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

// Action is one change that can be undone by itself. The engine calls Do once, and Undo at
// most once, after Do, also when Do returned an error: Undo takes back whatever part of Do
// happened, and nothing if that was none.
type Action interface {
	// Name is the action's word in the journal and in messages, such as "try".
	Name() string
	Do(ctx context.Context) error
	Undo(ctx context.Context) error
}

// UndoError is a run whose actions could not all be taken back: the machine is in neither
// the old nor the new state.
type UndoError struct {
	Cause error   // why the run was undone
	Undo  []error // what could not be undone
}

func (e *UndoError) Error() string {
	return fmt.Sprintf("%v; and undoing: %v", e.Cause, errors.Join(e.Undo...))
}

// Unwrap makes Cause and all of Undo visible to errors.Is and errors.As.
func (e *UndoError) Unwrap() []error { return append([]error{e.Cause}, e.Undo...) }

// Do runs the actions in order. At the first error all actions that were begun are undone,
// newest first, past any error, and the error is returned; as UndoError where undoing it
// did not succeed. Undo is not cancelled when ctx is. An action whose start cannot be
// recorded is not begun.
func (r *Run) Do(ctx context.Context, actions []Action) error {
	for i, action := range actions {
		if err := ctx.Err(); err != nil {
			return r.undo(context.WithoutCancel(ctx), actions[:i], context.Cause(ctx))
		}
		if err := r.journal.Append(action.Name(), journal.Started, nil); err != nil {
			return r.undo(context.WithoutCancel(ctx), actions[:i], err)
		}
		if err := r.take(ctx, action, i == len(actions)-1); err != nil {
			return r.undo(context.WithoutCancel(ctx), actions[:i+1], err)
		}
	}
	return nil
}

// take does one action. That the last one is done and that the deployment is committed is
// one record: no crash can come between the two.
func (r *Run) take(ctx context.Context, action Action, last bool) error {
	if err := action.Do(ctx); err != nil {
		return errors.Join(err, r.journal.Append(action.Name(), journal.Failed, problem{err.Error()}))
	}
	if last {
		return r.journal.Append(action.Name(), journal.Done, outcome{Result: Committed})
	}
	return r.journal.Append(action.Name(), journal.Done, nil)
}

func (r *Run) undo(ctx context.Context, begun []Action, cause error) error {
	var problems []error
	for i := len(begun) - 1; i >= 0; i-- {
		if err := r.takeBack(ctx, begun[i]); err != nil {
			problems = append(problems, err)
		}
	}
	if problems != nil {
		return &UndoError{Cause: cause, Undo: problems}
	}
	return cause
}

// takeBack undoes one action. It goes on where that cannot be recorded: a full disk must
// not keep a machine on a system that failed its checks. End then reports the journal.
func (r *Run) takeBack(ctx context.Context, action Action) error {
	_ = r.journal.Append(action.Name(), journal.Undoing, nil)
	if err := action.Undo(ctx); err != nil {
		_ = r.journal.Append(action.Name(), journal.Failed, problem{err.Error()})
		return err
	}
	_ = r.journal.Append(action.Name(), journal.Undone, nil)
	return nil
}

// problem is the data of a record about something that failed.
type problem struct {
	Problem string `json:"problem"`
}
