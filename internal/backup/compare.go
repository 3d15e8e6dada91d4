package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/content"
	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
)

// State is how what stands at a path compares with a backup.
type State int

// The states of a path.
const (
	Same    State = iota // exactly what the backup has, whole folders too
	Gone                 // nothing stands there
	Changed              // something else, or more
)

// ChangedError is a path where something else stands than what the backup has.
type ChangedError struct{ Path string }

func (e *ChangedError) Error() string { return e.Path + ": it is not what the backup has" }

// Hint says what to do.
func (e *ChangedError) Hint() string {
	return "it was left as it is; move it away yourself if nobody needs it"
}

// Compare says whether what stands at path is exactly what m has of it, with everything below it: content, mode, owner,
// times, attributes, links. Owners and attributes that this process could not restore do not count.
func (s *Store) Compare(ctx context.Context, m Manifest, path string) (State, error) {
	return s.compare(ctx, m, path, path)
}

// compare says whether what stands at the path at is what m has of path.
func (s *Store) compare(ctx context.Context, m Manifest, path, at string) (State, error) {
	entries := m.Below(path)
	if len(entries) == 0 || entries[0].Path != path {
		return Changed, fmt.Errorf("%s: backup %d has nothing of it", path, m.ID)
	}
	inside := map[string]int{}
	for _, e := range entries {
		inside[filepath.Dir(e.Path)]++
	}
	for i, e := range entries {
		moved := e
		moved.Path = at + e.Path[len(path):]
		if e.Same != "" {
			moved.Same = at + e.Same[len(path):]
		}
		found, err := s.look(ctx, m, moved)
		if err != nil {
			return Changed, err
		}
		if found.state == Gone && i == 0 {
			return Gone, nil
		}
		if found.state != Same {
			return Changed, nil
		}
		if e.Kind != disk.Folder {
			continue
		}
		// All that the backup has in it is going to be looked at: one name more is something else.
		if names, err := s.count(moved.Path); err != nil || names != inside[e.Path] {
			return Changed, err
		}
	}
	return Same, nil
}

// finding is what stands at the place of an entry.
type finding struct {
	state State
	node  disk.Node // zero where it is Gone
	// equal says of one that is Changed that it only is another inode than the entry it should be the same as.
	equal bool
}

// look compares an entry, without what is below it, with what stands at its place.
func (s *Store) look(ctx context.Context, m Manifest, e Entry) (finding, error) {
	if err := context.Cause(ctx); err != nil {
		return finding{}, err
	}
	dir, err := disk.Open(s.Root, filepath.Dir(e.Path))
	if err != nil {
		return finding{state: Gone}, ignore(err, fs.ErrNotExist)
	}
	defer dir.Close()
	name := filepath.Base(e.Path)
	n, err := dir.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return finding{state: Gone}, nil
	}
	if err != nil || n.Kind != e.Kind {
		return finding{state: Changed, node: n}, err
	}
	equal, err := s.same(ctx, dir, m, e, n)
	if err != nil || !equal {
		return finding{state: Changed, node: n}, err
	}
	if e.Same != "" {
		if linked, err := s.linked(n, e.Same); err != nil || !linked {
			return finding{state: Changed, node: n, equal: true}, err
		}
	}
	return finding{state: Same, node: n}, nil
}

// same says whether n, which stands in dir, is what e says.
func (s *Store) same(ctx context.Context, dir *disk.Dir, m Manifest, e Entry, n disk.Node) (bool, error) {
	if m.Untouched(e, n) {
		return true, nil
	}
	name := filepath.Base(e.Path)
	if err := dir.Complete(name, &n); err != nil {
		return false, err
	}
	if !n.Like(e.Attainable(n)) || e.Kind != disk.File {
		return n.Like(e.Attainable(n)), nil
	}
	f, opened, err := dir.Read(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	hash, err := content.Copy(ctx, io.Discard, f)
	return hash == e.Hash && opened.Inode == n.Inode, err
}

// linked says whether n is also what stands at that path.
func (s *Store) linked(n disk.Node, path string) (bool, error) {
	first, err := disk.Look(s.Root, path)
	var link *disk.LinkError
	if errors.As(err, &link) {
		return false, nil
	}
	return err == nil && first.Inode == n.Inode && first.Device == n.Device, ignore(err, fs.ErrNotExist)
}

// count is how many names the folder at that path has.
func (s *Store) count(path string) (int, error) {
	dir, err := disk.Open(s.Root, path)
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	names, err := dir.Names()
	return len(names), err
}

func ignore(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}
