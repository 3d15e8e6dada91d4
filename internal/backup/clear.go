package backup

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
)

// Clear removes what stands at path if it is exactly what m has of it; a *ChangedError if it is not. Nothing there is
// no error. It may be called again after it was cut off.
func (s *Store) Clear(ctx context.Context, m Manifest, path string) error {
	dir, err := disk.Open(s.Root, filepath.Dir(path))
	if err != nil {
		return ignore(err, fs.ErrNotExist)
	}
	defer dir.Close()
	name := filepath.Base(path)
	if err := settle(dir, path); err != nil {
		return err
	}
	state, err := s.Compare(ctx, m, path)
	if err != nil || state == Gone {
		return err
	}
	if state == Changed {
		return &ChangedError{path}
	}
	if err := s.takeAway(ctx, m, path, dir); err != nil {
		return err
	}
	if err := s.hook.At("spent", path); err != nil {
		return err
	}
	return errors.Join(dir.Remove(disk.Spent.Of(name)), dir.Sync())
}

// settle takes away what an earlier call could not any more, and puts back what it took from its place and was not done
// with.
func settle(dir *disk.Dir, path string) error {
	name := filepath.Base(path)
	if err := errors.Join(dir.Remove(disk.Spent.Of(name)), dir.Remove(disk.Fresh.Of(name))); err != nil {
		return err
	}
	err := dir.Place(disk.Aside.Of(name), name)
	if errors.Is(err, fs.ErrExist) {
		return &ChangedError{filepath.Join(filepath.Dir(path), disk.Aside.Of(name))}
	}
	return ignore(err, fs.ErrNotExist)
}

// takeAway makes what stands at path spent, if it is exactly what m has of it also when nobody finds it any more. Else
// it is put back.
func (s *Store) takeAway(ctx context.Context, m Manifest, path string, dir *disk.Dir) error {
	name := filepath.Base(path)
	if err := s.hook.At("aside", path); err != nil {
		return err
	}
	if err := dir.Place(name, disk.Aside.Of(name)); err != nil {
		return err
	}
	if err := s.hook.At("compare", path); err != nil {
		return err
	}
	state, err := s.compare(ctx, m, path, filepath.Join(filepath.Dir(path), disk.Aside.Of(name)))
	if err == nil && state != Same {
		err = &ChangedError{path}
	}
	if err != nil {
		return errors.Join(err, dir.Place(disk.Aside.Of(name), name))
	}
	return dir.Place(disk.Aside.Of(name), disk.Spent.Of(name))
}

// Left says whether a call for path that was cut off left something beside it. Clear or Restore, called again, takes that
// away: whoever asks whether all was done has to ask this as well.
func (s *Store) Left(path string) (bool, error) {
	dir, err := disk.Open(s.Root, filepath.Dir(path))
	if err != nil {
		return false, ignore(err, fs.ErrNotExist)
	}
	defer dir.Close()
	for _, st := range []disk.Stage{disk.Fresh, disk.Aside, disk.Spent} {
		if _, err := dir.Stat(st.Of(filepath.Base(path))); !errors.Is(err, fs.ErrNotExist) {
			return err == nil, err
		}
	}
	return false, nil
}
