package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Retention says which backups may go: those that are neither among the Keep newest nor younger than MaxAge.
type Retention struct {
	Keep   int
	MaxAge time.Duration
}

// Prune removes the backups that keep does not keep and protected does not name, and contents that no backup needs. With
// dryRun it only tells. A backup that was made in the future, by a clock that was wrong then or is now, is new. A
// damaged manifest is an error, and nothing was removed: what it needs is not known.
func (s *Store) Prune(ctx context.Context, keep Retention, protected func(Manifest) bool, dryRun bool) (event.BackupPruned, error) {
	told := event.BackupPruned{DryRun: dryRun, Removed: []event.Backup{}}
	if keep.Keep <= 0 && keep.MaxAge <= 0 {
		return told, errors.New("backup: neither a number nor an age says which backups stay")
	}
	if _, err := os.Stat(s.Dir); errors.Is(err, fs.ErrNotExist) {
		return told, nil
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return told, err
	}
	defer unlock()
	all, err := s.List()
	if err != nil {
		return told, err
	}
	gone := map[int]bool{}
	for i, m := range all {
		newer := len(all) - 1 - i
		if newer < keep.Keep || s.clock().Sub(m.Made) < keep.MaxAge || protected != nil && protected(m) {
			continue
		}
		gone[m.ID] = true
		told.Removed = append(told.Removed, m.Summary())
	}
	needed, err := s.needed(gone)
	if err != nil {
		return told, err
	}
	unneeded, err := s.contents().Unneeded(needed)
	if err != nil {
		return told, err
	}
	for _, size := range unneeded {
		told.Freed += size
	}
	if dryRun || len(unneeded)+len(gone) == 0 {
		return told, nil
	}
	return told, s.remove(gone, needed)
}

// remove takes the manifests away first: a backup is there whole or not at all.
func (s *Store) remove(gone map[int]bool, needed func(string) bool) error {
	if err := s.shelf().Retire(); err != nil {
		return err
	}
	if err := s.contents().Begin(); err != nil {
		return err
	}
	for id := range gone {
		if err := s.hook.At("remove", s.shelf().File(id)); err != nil {
			return err
		}
		if err := os.Remove(s.shelf().File(id)); err != nil {
			return err
		}
	}
	if err := atomicfile.SyncDir(s.shelf().Folder()); err != nil {
		return err
	}
	return s.contents().Sweep(needed)
}

// Verify reads what backups hold, without ids all, and compares it with what they were given.
func (s *Store) Verify(ctx context.Context, ids ...int) (event.BackupVerified, error) {
	told := event.BackupVerified{Damaged: []event.BackupProblem{}}
	there, err := s.shelf().IDs()
	if err != nil || len(there)+len(ids) == 0 {
		return told, err
	}
	for _, id := range ids {
		if !slices.Contains(there, id) {
			return told, &UnknownError{ID: id}
		}
	}
	if len(ids) == 0 {
		ids = there
	}
	lock := s.lockFile()
	if _, err := lock.TryRLockContext(ctx, patience); err != nil {
		return told, fmt.Errorf("%s: waiting for another nqd: %w", s.Dir, err)
	}
	defer func() { _ = lock.Unlock() }()
	seen := map[string]error{}
	for _, id := range ids {
		told.Backups++
		m, err := s.Get(id)
		var damage *DamageError
		switch {
		case errors.As(err, &damage):
			told.Damaged = append(told.Damaged, event.BackupProblem{Backup: id, Problem: damage.Problem})
		case err != nil:
			return told, err
		}
		told.Files += len(m.Entries)
		damaged, err := s.verify(ctx, m, seen)
		told.Damaged = append(told.Damaged, damaged...)
		if err != nil {
			return told, err
		}
	}
	return told, nil
}

// verify reads the contents of one backup that were not seen before.
func (s *Store) verify(ctx context.Context, m Manifest, seen map[string]error) (damaged []event.BackupProblem, err error) {
	for _, e := range m.Entries {
		if e.Hash == "" {
			continue
		}
		problem, known := seen[e.Hash]
		if !known {
			problem = s.contents().Copy(ctx, io.Discard, e.Hash)
			seen[e.Hash] = problem
		}
		if err := context.Cause(ctx); err != nil {
			return damaged, err
		}
		if problem != nil {
			damaged = append(damaged, event.BackupProblem{Backup: m.ID, Path: e.Path, Problem: problem.Error()})
		}
	}
	return damaged, nil
}
