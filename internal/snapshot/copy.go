package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/tree"
)

// The kinds of data that are told apart.
const (
	sqlite   = "sqlite"
	postgres = "postgres"
)

// suffixes are those of the files that make up data. SQLite has its last changes in files beside the database, without
// which it is an older one, or none (sqlite.org, "Temporary Files Used By SQLite"). The database itself is the last one:
// where it is, all is.
func suffixes(kind string) []string {
	if kind == sqlite {
		return []string{"-journal", "-wal", "-shm", ""}
	}
	return []string{""}
}

// copyName is the name of a copy in the folder of its snapshot.
func copyName(suffix string) string { return "data" + suffix }

// copies compares a snapshot with the data.
type copies struct {
	Taken
	machine *machine.Machine
}

// unchanged reports whether the data is still what was copied: the same files, with the same sizes and times.
func (c copies) unchanged(ctx context.Context) (bool, error) {
	for _, suffix := range suffixes(c.Kind) {
		now, err := c.machine.Tree(ctx, c.Real+suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		var then []tree.Entry
		if slices.Contains(c.Members, copyName(suffix)) {
			if then, err = c.machine.Tree(ctx, path.Join(c.Dir, copyName(suffix))); err != nil {
				return false, err
			}
		}
		if !slices.EqualFunc(now, then, sameEntry) {
			return false, nil
		}
	}
	return true, nil
}

// sameEntry compares what a copy has of its original.
func sameEntry(a, b tree.Entry) bool {
	same := a.Modified.Equal(b.Modified)
	a.Modified = b.Modified
	return same && a == b
}

// copy copies the data, compares the copy with it, and says at last that it is there.
func (s *Snapshot) copy(ctx context.Context) error {
	real, err := s.Machine.RealPath(ctx, s.Path)
	if err != nil {
		return err
	}
	taken := s.begun(real)
	if err := s.Machine.RemoveTree(ctx, path.Join(s.Dir, takenFile)); err != nil {
		return err
	}
	found, size, err := members(ctx, s.Machine, s.Data.Kind, taken.Real)
	if err != nil {
		return err
	}
	taken.Size = size
	onlyShared := size > room(s.Machine)
	for _, suffix := range suffixes(s.Data.Kind) {
		to := path.Join(s.Dir, copyName(suffix))
		if err := s.Machine.RemoveTree(ctx, to); err != nil {
			return err
		}
		if _, there := found[suffix]; !there {
			continue
		}
		err := s.Machine.CopyTree(ctx, taken.Real+suffix, to, onlyShared)
		if err != nil && onlyShared {
			err = &RoomError{Data: s.Data, Size: size, Free: room(s.Machine), Cause: err}
		}
		if err != nil {
			return err
		}
		taken.Members = append(taken.Members, copyName(suffix))
	}
	if err := s.Machine.Flush(ctx, s.Dir); err != nil {
		return err
	}
	same, err := copies{taken, s.Machine}.unchanged(ctx)
	if err == nil && !same {
		err = fmt.Errorf("copying %s: the copy is not like it; something writes to it that was not stopped", s.Data)
	}
	if err != nil {
		return err
	}
	return writeRecord(ctx, s.Machine, path.Join(s.Dir, takenFile), taken)
}

// members are the files that make up data, by suffix, and their size.
func members(ctx context.Context, m *machine.Machine, kind, real string) (found map[string]bool, size int64, err error) {
	found = map[string]bool{}
	for _, suffix := range suffixes(kind) {
		tree, err := m.Tree(ctx, real+suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		found[suffix] = true
		for _, entry := range tree {
			size += entry.Size
		}
	}
	return found, size, nil
}
