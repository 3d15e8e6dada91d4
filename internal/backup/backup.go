// Package backup keeps files as they were: one root, a manifest for each backup, and contents that backups share. A backup
// is there when its manifest is, and that is written last.
package backup

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/backup/content"
	"github.com/masterofnull/nixos-quick-deploy/internal/backup/manifest"
)

// What a backup knows of what it holds, and what can be wrong with it.
type (
	Manifest     = manifest.Manifest
	Entry        = manifest.Entry
	Reason       = manifest.Reason
	UnknownError = manifest.UnknownError
	DamageError  = manifest.DamageError
)

// Store is the root that all backups of a user on a machine stand in.
type Store struct {
	Dir  string // <state>/nqd/backups; made when the first backup is
	Root string // what stands before each recorded path; empty for this computer

	now  func() time.Time // nil: time.Now
	hook content.Hook     // for tests
}

func (s *Store) clock() time.Time {
	if s.now != nil {
		return s.now()
	}
	return time.Now()
}

func (s *Store) shelf() manifest.Shelf { return manifest.Shelf{Dir: s.Dir} }

func (s *Store) contents() content.Contents { return content.Contents{Dir: s.Dir, Hook: s.hook} }

// List is all backups, oldest first. Those that cannot be read are in the error, the others are returned all the same.
func (s *Store) List() ([]Manifest, error) { return s.shelf().List() }

// Get is the backup with the number id: an *UnknownError where there is none, a *DamageError where it cannot be read.
func (s *Store) Get(id int) (Manifest, error) { return s.shelf().Get(id) }

// patience is how long to wait between two looks whether another nqd is done with the backups.
const patience = 20 * time.Millisecond

func (s *Store) lockFile() *flock.Flock {
	return flock.New(filepath.Join(s.Dir, "lock"), flock.SetPermissions(0o600))
}

// lock waits until no other nqd writes backups, and makes the folders that there have to be.
func (s *Store) lock(ctx context.Context) (unlock func(), err error) {
	for _, dir := range []string{s.Dir, s.shelf().Folder(), s.contents().Folder()} {
		if err := atomicfile.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	lock := s.lockFile()
	if _, err := lock.TryLockContext(ctx, patience); err != nil {
		return nil, fmt.Errorf("%s: waiting for another nqd: %w", s.Dir, err)
	}
	if err := s.clean(); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return func() { _ = lock.Unlock() }, nil
}

// clean takes away what a killed nqd left.
func (s *Store) clean() error {
	if err := s.shelf().Clean(); err != nil || !s.contents().Begun() {
		return err
	}
	needed, err := s.needed(nil)
	if err != nil {
		// A damaged manifest may need any content: they stay.
		return s.contents().End()
	}
	return s.contents().Sweep(needed)
}

// needed says which contents a backup needs, without those that are gone.
func (s *Store) needed(gone map[int]bool) (func(hash string) bool, error) {
	all, err := s.List()
	hashes := map[string]bool{}
	for _, m := range all {
		for _, e := range m.Entries {
			if e.Hash != "" && !gone[m.ID] {
				hashes[e.Hash] = true
			}
		}
	}
	return func(hash string) bool { return hashes[hash] }, err
}
