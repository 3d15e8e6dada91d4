package step

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
)

// WorkspaceBack is the action that brings paths of the workspace back to what a rollback, the deployment with the number id,
// returns to. What the user did not commit is in a backup then.
func (t Tools) WorkspaceBack(ctx context.Context, header deployment.Header, id int, paths []string) (engine.Action, error) {
	target, err := t.Git.Lookup(ctx, header.Commit)
	if err != nil {
		return nil, &goneError{of: header.Of, cause: err}
	}
	head, err := t.Git.Head(ctx)
	if err != nil {
		return nil, err
	}
	action := &Workspace{Git: t.Git, Backups: t.Backups, Target: target, Before: head, Paths: paths, Of: header.Of}
	if dir, has := t.Machine.Within(t.Git.Dir); has {
		action.Dir = dir
	}
	changes, err := t.Git.Changes(ctx, paths...)
	if err != nil {
		return nil, err
	}
	for _, one := range changes {
		if one.Kind == git.Removed {
			action.Gone = append(action.Gone, one.Path)
		} else {
			edit, has := t.Machine.Within(filepath.Join(t.Git.Dir, one.Path))
			if !has {
				return nil, &outsideError{edit: one.Path}
			}
			action.Edits = append(action.Edits, edit)
		}
	}
	if len(action.Edits) > 0 {
		made, err := t.Backups.Create(ctx, backup.Reason{Text: fmt.Sprintf("uncommitted edits of the workspace, before it went back to deployment %d", header.Of), Deployment: id}, action.Edits)
		if err != nil {
			return nil, err
		}
		action.Backup = made.ID
		t.Sink(event.Note{Text: fmt.Sprintf("uncommitted edits of the workspace are kept in backup %d", made.ID), Hint: fmt.Sprintf("nqd backup show %d", made.ID)})
	}
	return action, nil
}

// goneError is a workspace that git does not have any more as a deployment had it.
type goneError struct {
	of    int
	cause error
}

func (e *goneError) Error() string {
	return fmt.Sprintf("the workspace of deployment %d: %v", e.of, e.cause)
}

func (e *goneError) Unwrap() error { return e.cause }

// Hint says what can be done.
func (*goneError) Hint() string {
	return "with --keep-workspace the workspace stays as it is, and the system goes back"
}

// outsideError is an uncommitted edit of a workspace that is not on the machine, where backups are.
type outsideError struct{ edit string }

func (e *outsideError) Error() string {
	return e.edit + ": has edits that are not committed, in a workspace outside of the sandbox"
}

// Hint says what can be done.
func (*outsideError) Hint() string { return "commit them, or give --keep-workspace" }
