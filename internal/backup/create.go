package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/content"
	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
	"github.com/masterofnull/nixos-quick-deploy/internal/backup/manifest"
)

// BusyError is a file that somebody wrote to each time it was read.
type BusyError struct{ Path string }

func (e *BusyError) Error() string { return e.Path + ": it changes while it is read" }

// Hint says what to do.
func (*BusyError) Hint() string { return "close the program that writes it, then try again" }

// Create makes a backup of paths, with everything below them. The paths are absolute, on the machine. The backup is
// there whole or, with an error, not at all; the error names each file that could not be read. Sockets and devices are
// left out, and so is what vanished after its folder was listed: Skipped lists them. Files that no system call touched
// since the newest backup of the same path are not read again.
func (s *Store) Create(ctx context.Context, why Reason, paths []string) (Manifest, error) {
	wanted := make([]want, len(paths))
	for i, path := range paths {
		wanted[i] = want{path: path}
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return Manifest{}, err
	}
	defer unlock()
	return s.create(ctx, why, wanted)
}

// want is a path that a backup is asked to keep.
type want struct {
	path  string
	alone bool // a folder without what is in it
}

// create is Create under the lock.
func (s *Store) create(ctx context.Context, why Reason, wanted []want) (m Manifest, err error) {
	id, err := s.shelf().Next()
	if err != nil {
		return Manifest{}, err
	}
	c := &creation{
		Store: s, ctx: ctx, batch: content.Batch{Contents: s.contents()}, inodes: map[inode]int{},
		made: Manifest{ID: id, Made: s.clock().Round(0), Reason: why},
	}
	if c.wanted, err = s.disjoint(wanted); err != nil {
		return Manifest{}, err
	}
	if c.before, err = s.newest(c.wanted); err != nil {
		return Manifest{}, err
	}
	for _, one := range c.wanted {
		c.made.Paths = append(c.made.Paths, one.path)
		c.problem(c.keepPath(one))
	}
	if err := errors.Join(c.problems...); err != nil {
		return Manifest{}, errors.Join(err, s.clean())
	}
	if err := c.write(); err != nil {
		return Manifest{}, errors.Join(err, s.clean())
	}
	return c.made, nil
}

// disjoint are the wanted paths in order, without those that stand below another. All of them have to be there.
func (s *Store) disjoint(wanted []want) ([]want, error) {
	if len(wanted) == 0 {
		return nil, errors.New("backup: nothing was named to keep")
	}
	wanted = slices.Clone(wanted)
	slices.SortFunc(wanted, func(a, b want) int { return cmp.Compare(a.path, b.path) })
	var kept []want
	for _, one := range wanted {
		if !manifest.Absolute(one.path) {
			return nil, fmt.Errorf("%q: a backup needs an absolute path, and not the root of all", one.path)
		}
		if _, err := disk.Look(s.Root, one.path); err != nil {
			return nil, err
		}
		below := func(above want) bool {
			return above.path == one.path || !above.alone && manifest.Within(one.path, above.path)
		}
		if !slices.ContainsFunc(kept, below) {
			kept = append(kept, one)
		}
	}
	return kept, nil
}

// earlier is an entry of an older backup.
type earlier struct {
	Entry
	of Manifest
}

// newest is what the newest backup that has each path has of it. Damaged backups help nobody: their files are read.
func (s *Store) newest(wanted []want) (map[string]earlier, error) {
	ids, err := s.shelf().IDs()
	if err != nil {
		return nil, err
	}
	found := map[string]earlier{}
	missing := slices.Clone(wanted)
	for _, id := range slices.Backward(ids) {
		if len(missing) == 0 {
			break
		}
		m, err := s.Get(id)
		if err != nil {
			continue
		}
		missing = slices.DeleteFunc(missing, func(one want) bool {
			entries := m.Below(one.path)
			for _, e := range entries {
				found[e.Path] = earlier{e, m}
			}
			return len(entries) > 0
		})
	}
	return found, nil
}

// inode is which file it is of all on the machine.
type inode struct{ device, number uint64 }

// creation is a backup that is being made.
type creation struct {
	*Store
	ctx      context.Context
	wanted   []want
	before   map[string]earlier
	batch    content.Batch
	inodes   map[inode]int // of files with more than one name: where in the entries the first is
	made     Manifest
	problems []error
}

func (c *creation) problem(err error) {
	if err != nil {
		c.problems = append(c.problems, err)
	}
}

func (c *creation) skip(path, why string) {
	c.made.Skipped = append(c.made.Skipped, manifest.Skipped{Path: path, Why: why})
}

// keepPath takes up one wanted path and the folders above it.
func (c *creation) keepPath(one want) error {
	above := filepath.Dir(one.path)
	dir, err := disk.Open(c.Root, above)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := c.keepParents(above); err != nil {
		return err
	}
	c.keep(dir, one.path, one.alone)
	return nil
}

func (c *creation) keepParents(path string) error {
	same := func(e Entry) bool { return e.Path == path }
	if path == "/" || slices.ContainsFunc(c.made.Parents, same) {
		return nil
	}
	if err := c.keepParents(filepath.Dir(path)); err != nil {
		return err
	}
	n, err := disk.Look(c.Root, path)
	c.made.Parents = append(c.made.Parents, Entry{Path: path, Node: n})
	return err
}

// keep takes up what stands at the path, whose last part is in dir, and everything below it.
func (c *creation) keep(dir *disk.Dir, path string, alone bool) {
	if err := context.Cause(c.ctx); err != nil {
		if len(c.problems) == 0 {
			c.problem(err)
		}
		return
	}
	e, err := c.entry(dir, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.skip(path, "it vanished while the backup was made")
		return
	case err != nil:
		c.problem(err)
		return
	case e.Kind == disk.Other:
		c.skip(path, "a socket or device, which has no content of its own")
		return
	case e.Kind == disk.Folder && c.isStore(e.Node):
		c.skip(path, "the backups themselves")
		return
	}
	if e.Names > 1 && e.Same == "" {
		c.inodes[inode{e.Device, e.Inode}] = len(c.made.Entries)
	}
	c.made.Entries = append(c.made.Entries, e)
	if e.Kind == disk.Folder && !alone {
		c.problem(c.keepFolder(dir, path))
	}
}

func (c *creation) keepFolder(dir *disk.Dir, path string) error {
	folder, err := dir.Open(filepath.Base(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	names, err := folder.Names()
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names {
		c.keep(folder, filepath.Join(path, name), false)
	}
	return nil
}

// isStore says whether the folder is the one that the backups are in.
func (c *creation) isStore(n disk.Node) bool {
	var st unix.Stat_t
	return unix.Stat(c.Dir, &st) == nil && st.Ino == n.Inode && uint64(st.Dev) == n.Device
}

// entry is what stands at the path, with its content stored or on the way there.
func (c *creation) entry(dir *disk.Dir, path string) (Entry, error) {
	name := filepath.Base(path)
	n, err := dir.Stat(name)
	if err != nil || n.Kind == disk.Other {
		return Entry{Node: n}, err
	}
	if first, seen := c.inodes[inode{n.Device, n.Inode}]; seen && n.Kind != disk.Folder {
		e := c.made.Entries[first]
		e.Path, e.Same = path, e.Path
		return e, nil
	}
	if old := c.before[path]; old.of.Untouched(old.Entry, n) && (old.Hash == "" || c.batch.Has(old.Hash)) {
		n.Target, n.Xattrs = old.Target, old.Xattrs
		return Entry{Path: path, Node: n, Hash: old.Hash}, nil
	}
	if n.Kind == disk.File {
		return c.file(dir, path)
	}
	e := Entry{Path: path, Node: n}
	return e, dir.Complete(name, &e.Node)
}

// attempts is how often a file is read that changes meanwhile.
const attempts = 3

// file reads a file until nobody wrote to it meanwhile.
func (c *creation) file(dir *disk.Dir, path string) (Entry, error) {
	for range attempts {
		e, err := c.read(dir, path)
		var busy *BusyError
		if !errors.As(err, &busy) {
			return e, err
		}
	}
	return Entry{}, &BusyError{path}
}

// read reads a file once: its content twice where that is new, as only then its place is known.
func (c *creation) read(dir *disk.Dir, path string) (Entry, error) {
	name := filepath.Base(path)
	f, before, err := dir.Read(name)
	if err != nil {
		return Entry{}, err
	}
	defer f.Close()
	if before.Kind != disk.File {
		return Entry{}, &BusyError{path}
	}
	if err := c.hook.At("read", path); err != nil {
		return Entry{}, err
	}
	e := Entry{Path: path, Node: before}
	if e.Hash, err = content.Copy(c.ctx, io.Discard, f); err != nil {
		return Entry{}, err
	}
	if !c.batch.Has(e.Hash) {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return Entry{}, err
		}
		if whole, err := c.batch.Stage(c.ctx, f, e.Hash); err != nil || !whole {
			return Entry{}, cmp.Or[error](err, &BusyError{path})
		}
	}
	if err := dir.Complete(name, &e.Node); err != nil {
		return Entry{}, err
	}
	if after, err := dir.Stat(name); err != nil || !before.Unchanged(after) {
		return Entry{}, cmp.Or[error](err, &BusyError{path})
	}
	return e, nil
}

// write makes the backup be there: contents first, manifest last.
func (c *creation) write() error {
	if err := c.batch.Keep(); err != nil {
		return err
	}
	if err := c.hook.At("manifest", c.shelf().File(c.made.ID)); err != nil {
		return err
	}
	if err := c.shelf().Write(c.made); err != nil {
		return err
	}
	// The backup is there. A mark that stays makes the next one look for what nobody needs.
	if c.contents().Begun() {
		_ = c.contents().End()
	}
	return nil
}
