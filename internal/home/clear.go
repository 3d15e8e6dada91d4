package home

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

// Clear takes a file, link or folder of which there is a backup out of the way of Home Manager.
type Clear struct {
	Tools  `json:"-"`
	Home   string `json:"home"`
	Path   string `json:"path"` // absolute, on the machine; its parents are no links
	Backup int    `json:"backup"`
	// Blocks says that Home Manager needs a folder there, and not the place itself.
	Blocks bool `json:"blocks,omitempty"`

	refused bool // to take away what changed; then there is nothing to take back
}

// Kind is the action's word.
func (*Clear) Kind() string { return KindClear }

// Describe says what Do does.
func (a *Clear) Describe() string {
	return fmt.Sprintf("move %s into backup %d", a.Path, a.Backup)
}

// Do removes what stands there if it is exactly what the backup has. Else it is a *ChangedError, and nothing is removed.
func (a *Clear) Do(ctx context.Context) error {
	a.refused = false
	if done, err := a.Holds(ctx); done || err != nil {
		return err
	}
	kept, err := a.Backups.Get(a.Backup)
	if err == nil && !kept.Holds(a.Path) {
		err = fmt.Errorf("%s: backup %d does not have it", a.Path, a.Backup)
	}
	if err != nil {
		a.refused = true
		return err
	}
	err = a.Backups.Clear(ctx, kept, a.Path)
	var changed *backup.ChangedError
	if errors.As(err, &changed) {
		a.refused = true
		return &ChangedError{Path: changed.Path, What: "it changed after nqd made a backup of it"}
	}
	return err
}

// Holds reports whether the place is free, or Home Manager's already, and nothing is left of a removal that was cut off.
func (a *Clear) Holds(context.Context) (bool, error) {
	if left, err := a.Backups.Left(a.Path); left || err != nil {
		return false, err
	}
	info, file, err := files.Look(a.Machine, a.Path)
	if err != nil || info == nil {
		return err == nil, err
	}
	if a.Blocks && info.IsDir() {
		return true, nil
	}
	if info.Mode().Type() != fs.ModeSymlink {
		return false, nil
	}
	target, err := os.Readlink(file)
	return err == nil && running.OfHomeManager(target), err
}

// Undo puts back what the backup has, exactly, and never over anything.
func (a *Clear) Undo(ctx context.Context) error {
	if a.refused {
		return nil
	}
	return a.putBack(ctx, a.Path, a.Backup, nil, anything)
}

// putBack puts a path back out of a backup, and with it the other names of the same file, of which nothing stands there
// and that may come back too. What stands there and differs is a *ChangedError and stays.
func (t Tools) putBack(ctx context.Context, abs string, id int, folders []files.Folder, may func(path string) bool) error {
	kept, err := t.Backups.Get(id)
	if err != nil {
		return err
	}
	paths := namesOf(kept, abs, may)
	for _, one := range paths {
		if err := files.MakeParents(t.Machine, folders, one); err != nil {
			return err
		}
	}
	_, err = t.Backups.Restore(ctx, id, paths, false)
	var taken *backup.OverwriteError
	if errors.As(err, &taken) && len(paths) > 1 {
		_, err = t.Backups.Restore(ctx, id, []string{abs}, false)
	}
	if errors.As(err, &taken) {
		return &ChangedError{Path: abs, What: "something else stands there now", Backup: id}
	}
	return err
}

// namesOf are abs and the other names that the backup has of the same file, without those in folders that it has whole.
func namesOf(kept backup.Manifest, abs string, may func(path string) bool) []string {
	group, whole := "", map[string]bool{}
	for _, e := range kept.Entries {
		whole[e.Path] = true
		if e.Path == abs {
			group = cmp.Or(e.Same, e.Path)
		}
	}
	paths := []string{abs}
	for _, e := range kept.Entries {
		if group != "" && cmp.Or(e.Same, e.Path) == group && e.Path != abs && !whole[path.Dir(e.Path)] && may(e.Path) {
			paths = append(paths, e.Path)
		}
	}
	return paths
}

func anything(string) bool { return true }

// Keep is for a file that stands where the home before wants a link, and the new one does not: it is left alone. But
// where the deployment is taken back, Home Manager of the old system may replace it, as it does with links that lead
// nowhere and with files that it was told to force.
type Keep struct {
	Tools  `json:"-"`
	Path   string `json:"path"` // absolute, on the machine; its parents are no links
	Backup int    `json:"backup"`
}

// Kind is the action's word.
func (*Keep) Kind() string { return KindKeep }

// Describe says what Do does.
func (a *Keep) Describe() string {
	return fmt.Sprintf("leave %s as it is: backup %d has it too", a.Path, a.Backup)
}

// Do does nothing.
func (*Keep) Do(context.Context) error { return nil }

// Holds is always true.
func (*Keep) Holds(context.Context) (bool, error) { return true, nil }

// Undo puts it back where it is gone.
func (a *Keep) Undo(ctx context.Context) error {
	if info, _, err := files.Look(a.Machine, a.Path); err != nil || info != nil {
		return err
	}
	return a.putBack(ctx, a.Path, a.Backup, nil, anything)
}
