package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/content"
	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
	"github.com/masterofnull/nixos-quick-deploy/internal/backup/manifest"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Overwrite is the name of the risk that a restore replaces what was made or changed since.
const Overwrite = "overwrite"

// OverwriteError is a restore that would replace what differs from the backup, which nobody agreed to.
type OverwriteError struct {
	Backup int
	Paths  []string
}

func (e *OverwriteError) Error() string {
	return fmt.Sprintf("backup %d: restoring it would replace what differs from it: %s", e.Backup, strings.Join(e.Paths, ", "))
}

// Hint says how to agree.
func (e *OverwriteError) Hint() string {
	return "--accept-risk=" + Overwrite + " keeps them in a new backup first, then replaces them"
}

// SpecialError is a socket or device where a restore would put something: no backup can keep those.
type SpecialError struct{ Path string }

func (e *SpecialError) Error() string { return e.Path + ": a socket or device is in the way" }

// Hint says what to do.
func (e *SpecialError) Hint() string { return "end the program that it belongs to, or move it away" }

// Restore puts back what backup id has of paths, without any all of it. What stands there and differs is only replaced
// with overwrite, after a backup was made of it; else it is an *OverwriteError and nothing was changed. What the backup
// does not have stays as it is. It goes on past errors and returns them all. It may be called again after it was cut
// off.
func (s *Store) Restore(ctx context.Context, id int, paths []string, overwrite bool) (event.BackupRestored, error) {
	r := &restoration{
		Store: s, ctx: ctx, known: map[string]Entry{}, found: map[string]finding{},
		done: event.BackupRestored{Backup: id, Restored: []string{}},
	}
	if _, err := s.Get(id); err != nil {
		return r.done, err
	}
	unlock, err := s.lock(ctx)
	if err != nil {
		return r.done, err
	}
	defer unlock()
	if r.from, err = s.Get(id); err != nil {
		return r.done, err
	}
	if err := r.choose(paths); err != nil {
		return r.done, err
	}
	inTheWay, err := r.survey()
	if err != nil {
		return r.done, err
	}
	if err := r.keep(inTheWay, overwrite); err != nil {
		return r.done, err
	}
	for _, e := range r.wanted {
		r.problems = append(r.problems, r.put(e))
		if ctx.Err() != nil {
			break
		}
	}
	r.finish()
	return r.done, errors.Join(r.problems...)
}

// restoration is a backup that is being put back.
type restoration struct {
	*Store
	ctx      context.Context
	from     Manifest
	known    map[string]Entry // all folders that the backup has, by their path
	wanted   []Entry
	found    map[string]finding
	kept     Manifest // what stood in the way
	folders  []Entry  // those to get their attributes when all that is in them is there
	problems []error  // nil among them
	done     event.BackupRestored
}

// choose decides which entries are wanted.
func (r *restoration) choose(paths []string) error {
	for _, path := range paths {
		if !r.from.Holds(path) {
			return fmt.Errorf("%s: backup %d has nothing of it", path, r.from.ID)
		}
	}
	r.wanted = r.from.Only(func(at string) bool {
		return len(paths) == 0 || slices.ContainsFunc(paths, func(path string) bool { return manifest.Within(at, path) })
	})
	for _, e := range slices.Concat(r.from.Parents, r.from.Entries) {
		if e.Kind == disk.Folder {
			r.known[e.Path] = e
		}
	}
	return nil
}

// survey looks at the place of each entry, and says what would be lost. Nothing was changed then.
func (r *restoration) survey() (inTheWay []want, err error) {
	for _, e := range r.wanted {
		found, err := r.inspect(e)
		if err != nil {
			return nil, err
		}
		r.found[e.Path] = found
		if found.state == Changed && found.node.Kind == disk.Other {
			return nil, &SpecialError{e.Path}
		}
		if found.state == Changed && !found.equal {
			inTheWay = append(inTheWay, want{e.Path, e.Kind == disk.Folder && found.node.Kind == disk.Folder})
		}
	}
	return inTheWay, nil
}

// inspect is look for an entry whose folder may still have to be made.
func (r *restoration) inspect(e Entry) (finding, error) {
	if above, wanted := r.found[filepath.Dir(e.Path)]; wanted && above.node.Kind != disk.Folder {
		return finding{state: Gone}, nil
	}
	dir, err := disk.Open(r.Root, filepath.Dir(e.Path))
	if err != nil {
		return finding{state: Gone}, ignore(err, fs.ErrNotExist)
	}
	err = settle(dir, e.Path)
	dir.Close()
	if err != nil {
		return finding{}, err
	}
	found, err := r.look(r.ctx, r.from, e)
	if err == nil && found.state == Changed && e.Kind == disk.Folder && found.node.Kind == disk.Folder {
		// The time of a folder says only that something was made or removed in it: nobody misses that. It may also be
		// one that an earlier call was not done with.
		e.ModTime = found.node.ModTime
		if found.node.Mode == e.Mode|writable {
			e.Mode |= writable
		}
		var but finding
		but, err = r.look(r.ctx, r.from, e)
		found.equal = but.state == Same
	}
	return found, err
}

// keep makes a backup of what is in the way.
func (r *restoration) keep(inTheWay []want, overwrite bool) (err error) {
	if len(inTheWay) == 0 {
		return nil
	}
	if !overwrite {
		problem := &OverwriteError{Backup: r.from.ID}
		for _, one := range inTheWay {
			problem.Paths = append(problem.Paths, one.path)
		}
		return problem
	}
	r.kept, err = r.create(r.ctx, Reason{Text: fmt.Sprintf("before restoring backup %d", r.from.ID)}, inTheWay)
	if err != nil {
		return err
	}
	r.done.Replaced = r.kept.ID
	if len(r.kept.Skipped) > 0 {
		return &SpecialError{r.kept.Skipped[0].Path}
	}
	return nil
}

// writable is what a folder needs that things are put into.
const writable = 0o700

// put makes an entry stand at its place, a folder without its time.
func (r *restoration) put(e Entry) error {
	found := r.found[e.Path]
	if e.Kind == disk.Folder {
		r.folders = append(r.folders, e)
	}
	if found.state == Same || found.equal && e.Kind == disk.Folder {
		r.done.Unchanged++
		return nil
	}
	if e.Kind != disk.Folder || found.node.Kind != disk.Folder {
		dir, err := r.open(filepath.Dir(e.Path))
		if err != nil {
			return err
		}
		defer dir.Close()
		if err := r.build(dir, e); err != nil {
			return errors.Join(err, dir.Remove(disk.Fresh.Of(filepath.Base(e.Path))))
		}
		if err := r.place(dir, e, found); err != nil {
			return errors.Join(err, dir.Remove(disk.Fresh.Of(filepath.Base(e.Path))))
		}
	}
	r.done.Restored = append(r.done.Restored, e.Path)
	return nil
}

// open opens a folder that things are put into, and makes it where it is missing.
func (r *restoration) open(path string) (*disk.Dir, error) {
	dir, err := disk.Open(r.Root, path)
	e, known := r.known[path]
	if !errors.Is(err, fs.ErrNotExist) || !known {
		return dir, err
	}
	above, err := r.open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer above.Close()
	name := filepath.Base(path)
	if err := errors.Join(r.build(above, e), above.Place(disk.Fresh.Of(name), name)); err != nil {
		return nil, err
	}
	r.folders = append(r.folders, e)
	return above.Open(name)
}

// build makes the entry beside its place.
func (r *restoration) build(dir *disk.Dir, e Entry) error {
	name := disk.Fresh.Of(filepath.Base(e.Path))
	if err := r.hook.At("build", e.Path); err != nil {
		return err
	}
	if err := dir.Remove(name); err != nil {
		return err
	}
	if e.Same != "" {
		first, err := disk.Open(r.Root, filepath.Dir(e.Same))
		if err != nil {
			return err
		}
		defer first.Close()
		return first.Link(filepath.Base(e.Same), dir, name)
	}
	if e.Kind == disk.File {
		return r.content(dir, name, e)
	}
	if err := dir.Make(name, e.Node); err != nil {
		return err
	}
	if e.Kind == disk.Folder {
		e.Mode |= writable // until all that is in it is there
	}
	return r.dress(dir, name, e)
}

// content makes a file and brings it to the disk. A damaged content is an error, and never a file.
func (r *restoration) content(dir *disk.Dir, name string, e Entry) error {
	f, err := dir.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var problem content.Problem
	if err := r.contents().Copy(r.ctx, f, e.Hash); errors.As(err, &problem) {
		return &DamageError{Backup: r.from.ID, Path: e.Path, Problem: problem.Error()}
	} else if err != nil {
		return err
	}
	if err := r.dress(dir, name, e); err != nil {
		return err
	}
	return f.Sync()
}

func (r *restoration) dress(dir *disk.Dir, name string, e Entry) error {
	lost, err := dir.Dress(name, e.Node)
	for _, what := range lost {
		r.done.Lost = append(r.done.Lost, e.Path+": "+what)
	}
	return err
}

// place gives what was built its name, and takes away what was found there, if it still is what was kept of it.
func (r *restoration) place(dir *disk.Dir, e Entry, found finding) error {
	name := filepath.Base(e.Path)
	if err := r.hook.At("place", e.Path); err != nil {
		return err
	}
	if found.state == Changed && (e.Kind == disk.Folder || found.node.Kind == disk.Folder) {
		if err := r.takeAway(r.ctx, r.kept, e.Path, dir); err != nil {
			return err
		}
		found.state = Gone
	}
	if found.state == Changed {
		if now, err := dir.Stat(name); err != nil || now.Inode != found.node.Inode || now.ModTime != found.node.ModTime || now.Size != found.node.Size {
			return errors.Join(err, &ChangedError{e.Path})
		}
		return dir.Replace(disk.Fresh.Of(name), name)
	}
	if err := dir.Place(disk.Fresh.Of(name), name); errors.Is(err, fs.ErrExist) {
		return &ChangedError{e.Path}
	} else if err != nil {
		return err
	}
	if err := r.hook.At("spent", e.Path); err != nil {
		return err
	}
	return dir.Remove(disk.Spent.Of(name))
}

// finish gives folders their attributes, the innermost first, and makes all that was put into them durable.
func (r *restoration) finish() {
	slices.SortStableFunc(r.folders, func(a, b Entry) int { return len(b.Path) - len(a.Path) })
	for _, e := range r.folders {
		r.problems = append(r.problems, r.finishFolder(e))
	}
	above := map[string]bool{}
	for _, path := range r.done.Restored {
		above[filepath.Dir(path)] = true
	}
	for path := range above {
		dir, err := disk.Open(r.Root, path)
		if err == nil {
			err = dir.Sync()
			dir.Close()
		}
		r.problems = append(r.problems, err)
	}
}

func (r *restoration) finishFolder(e Entry) error {
	n, err := disk.Look(r.Root, e.Path)
	if err != nil || n.Kind != disk.Folder || n.Like(e.Attainable(n)) {
		return err
	}
	if err := r.hook.At("dress", e.Path); err != nil {
		return err
	}
	dir, err := disk.Open(r.Root, filepath.Dir(e.Path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return r.dress(dir, filepath.Base(e.Path), e)
}
