package home

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

// Return puts back what an earlier deployment cleared away, where no home takes the place any more.
type Return struct {
	Tools   `json:"-"`
	Home    string         `json:"home"`
	Path    string         `json:"path"` // absolute, on the machine; its parents are no links
	Backup  int            `json:"backup"`
	Folders []files.Folder `json:"folders"`        // on the way to it, as they were
	With    []string       `json:"with,omitempty"` // the others that the deployment puts back
	// Taken says that something of the user's stood there before the deployment. Then that is all that is said.
	Taken bool `json:"taken,omitempty"`
}

// Kind is the action's word.
func (*Return) Kind() string { return KindReturn }

// Describe says what Do does.
func (a *Return) Describe() string {
	if a.Taken {
		return fmt.Sprintf("leave %s as it is: backup %d has what stood there once", a.Path, a.Backup)
	}
	return fmt.Sprintf("put %s back out of backup %d", a.Path, a.Backup)
}

// Do puts it back if the place is free. If it is not, that is told and no error: what stands there is the user's.
func (a *Return) Do(ctx context.Context) error {
	var changed *ChangedError
	var err error = &ChangedError{Path: a.Path, What: "something else stands there now", Backup: a.Backup}
	if !a.Taken {
		err = a.putBack(ctx, a.Path, a.Backup, a.Folders, func(path string) bool { return slices.Contains(a.With, path) })
	}
	if errors.As(err, &changed) {
		a.warn(changed.Error(), changed.Hint())
		return nil
	}
	return err
}

// Holds reports whether it is back.
func (a *Return) Holds(ctx context.Context) (bool, error) {
	if a.Taken {
		return true, nil
	}
	if left, err := a.Backups.Left(a.Path); left || err != nil {
		return false, err
	}
	state, err := a.state(ctx)
	return state == backup.Same, err
}

func (a *Return) state(ctx context.Context) (backup.State, error) {
	kept, err := a.Backups.Get(a.Backup)
	if err != nil {
		return backup.Changed, err
	}
	return a.Backups.Compare(ctx, kept, a.Path)
}

// Undo takes it away again if it still is exactly what was put back.
func (a *Return) Undo(ctx context.Context) error {
	if a.Taken {
		return nil
	}
	kept, err := a.Backups.Get(a.Backup)
	if err != nil {
		return err
	}
	info, file, err := files.Look(a.Machine, a.Path)
	if err != nil {
		return err
	}
	left, err := a.Backups.Left(a.Path)
	if err != nil || info == nil && !left {
		return err
	}
	if info != nil && info.Mode().Type() == fs.ModeSymlink {
		target, err := os.Readlink(file)
		if err != nil || running.OfHomeManager(target) {
			return err // it was never put back: Home Manager's link is still there
		}
	}
	// What was cut off is whole first: then it can be told from what the user did.
	_, err = a.Backups.Restore(ctx, a.Backup, []string{a.Path}, false)
	if err == nil {
		err = a.Backups.Clear(ctx, kept, a.Path)
	}
	var changed *backup.ChangedError
	var taken *backup.OverwriteError
	if errors.As(err, &changed) || errors.As(err, &taken) {
		return &ChangedError{Path: a.Path, What: "it changed after nqd put it back", Backup: a.Backup}
	}
	return err
}
