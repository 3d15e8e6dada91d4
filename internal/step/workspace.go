package step

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
)

// Workspace brings nqd's part of the workspace to what an earlier commit has, as a new commit. What the user had not
// committed there is in a backup.
type Workspace struct {
	Git     *git.Repository `json:"-"`
	Backups *backup.Store   `json:"-"`
	// Dir is where the workspace is on the machine, whatever workspace the nqd that goes on with the deployment is about;
	// empty where it is not on the machine.
	Dir string `json:"dir,omitempty"`
	// Target is the commit to return to, Before the one that was checked out.
	Target git.Commit `json:"target"`
	Before git.Commit `json:"before"`
	Paths  []string   `json:"paths"` // of the workspace
	Of     int        `json:"of"`    // the deployment that is returned to
	// Edits are files with edits that were not committed, on the machine, as Backup has them; Gone are those that were
	// deleted. Backup is 0 where there are no edits.
	Edits  []string `json:"edits,omitempty"`
	Gone   []string `json:"gone,omitempty"`
	Backup int      `json:"backup,omitempty"`
}

// WorkspaceKind is the word for a Workspace in the journal.
const WorkspaceKind = "workspace"

// Kind is the action's word in the journal.
func (*Workspace) Kind() string { return WorkspaceKind }

// Describe says what Do does.
func (w *Workspace) Describe() string {
	return fmt.Sprintf("bring the workspace back to deployment %d, as a new commit", w.Of)
}

// Do commits the old tree.
func (w *Workspace) Do(ctx context.Context) error {
	if err := w.keepEdits(ctx); err != nil {
		return err
	}
	_, err := w.Git.Restore(ctx, w.Target, w.Paths, fmt.Sprintf("nqd: return to deployment %d", w.Of))
	return err
}

// Undo commits the tree from before, and puts back what was not committed.
func (w *Workspace) Undo(ctx context.Context) error {
	if err := w.keepEdits(ctx); err != nil {
		return err
	}
	if _, err := w.Git.Restore(ctx, w.Before, w.Paths, fmt.Sprintf("nqd: do not return to deployment %d", w.Of)); err != nil {
		return err
	}
	var problems []error
	if w.Backup != 0 {
		_, err := w.Backups.Restore(ctx, w.Backup, w.Edits, true)
		problems = append(problems, err)
	}
	for _, gone := range w.Gone {
		if err := os.Remove(filepath.Join(w.Git.Dir, gone)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// keepEdits makes a backup of what the user edited since the deployment began, be it while checks were asked or after it was
// cut off: both ways lead over it.
func (w *Workspace) keepEdits(ctx context.Context) error {
	changes, err := w.Git.Changes(ctx, w.Paths...)
	if err != nil {
		return err
	}
	var edits []string
	for _, change := range changes {
		if change.Kind == git.Removed {
			continue
		}
		edit, has := w.Git.Machine.Within(filepath.Join(w.Git.Dir, change.Path))
		known, err := w.isKnown(ctx, change.Path, edit)
		switch {
		case err != nil:
			return err
		case known:
		case !has:
			return fmt.Errorf("%s: has edits that are not committed, and no backup can be made of them outside of the machine", change.Path)
		default:
			edits = append(edits, edit)
		}
	}
	if len(edits) == 0 {
		return nil
	}
	made, err := w.Backups.Create(ctx, backup.Reason{Text: fmt.Sprintf("edits of the workspace during the return to deployment %d", w.Of)}, edits)
	if err != nil {
		return err
	}
	w.Git.Sink(event.Note{
		Warning: true,
		Text:    fmt.Sprintf("the workspace was edited meanwhile: the edits are kept in backup %d", made.ID),
		Hint:    fmt.Sprintf("nqd backup show %d", made.ID),
	})
	return nil
}

// isKnown reports whether a file is as one of the two commits has it, or as the backup has it, where edit is its path on the
// machine.
func (w *Workspace) isKnown(ctx context.Context, path, edit string) (bool, error) {
	for _, commit := range []git.Commit{w.Target, w.Before} {
		if has, err := w.Git.Has(ctx, commit, path); has || err != nil {
			return has, err
		}
	}
	if !slices.Contains(w.Edits, edit) {
		return false, nil
	}
	kept, err := w.Backups.Get(w.Backup)
	if err != nil {
		return false, err
	}
	state, err := w.Backups.Compare(ctx, kept, edit)
	return state == backup.Same, err
}

// Holds is false: doing it again finds out, and changes nothing then.
func (*Workspace) Holds(context.Context) (bool, error) { return false, nil }
