package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// giveBack moves what was there before to its place again. What took its place is kept in the next folder, unless it is
// still the copy.
func (r *Restore) giveBack(ctx context.Context, taken Taken, way *moving) error {
	if err := r.stop(ctx, way); err != nil {
		return err
	}
	if way.Back == 0 {
		folder, err := r.folder(ctx, way)
		if err != nil {
			return err
		}
		way.Back = number(folder)
		if err := r.write(ctx, way); err != nil {
			return err
		}
	}
	if err := r.exchange(ctx, taken, way); err != nil {
		return err
	}
	if err := r.Machine.Flush(ctx, way.dir); err != nil {
		return err
	}
	way.Returned = true
	return r.write(ctx, way)
}

// exchange moves the files of the data, the database last: once it is back, all is.
func (r *Restore) exchange(ctx context.Context, taken Taken, way *moving) error {
	numbers, names, err := r.folders(ctx, way)
	if err != nil || way.Had == nil { // nothing was moved
		return err
	}
	// The first folder that has a file has what was there before.
	first := func(name string) string {
		for _, n := range numbers {
			if n != way.Back && slices.Contains(names[n], name) {
				return path.Join(way.dir, strconv.Itoa(n), name)
			}
		}
		return ""
	}
	base := path.Base(taken.Real)
	// Where the database never left, or is back, what stands beside it is its own.
	away := !slices.Contains(way.Had, "") || first(base) != ""
	found, _, err := members(ctx, r.Machine, r.Data.Kind, taken.Real)
	if err != nil {
		return err
	}
	for _, suffix := range suffixes(r.Data.Kind) {
		name := base + suffix
		was := first(name)
		if had := slices.Contains(way.Had, suffix); had && was == "" || found[suffix] && !away {
			continue
		}
		if found[suffix] {
			if err := r.Machine.MoveTree(ctx, taken.Real+suffix, path.Join(way.dir, strconv.Itoa(way.Back), name)); err != nil {
				return err
			}
		}
		if slices.Contains(way.Had, suffix) {
			if err := r.Machine.MoveTree(ctx, was, taken.Real+suffix); err != nil {
				return err
			}
		}
	}
	return nil
}

// tidy removes the folder beside the data where it has nothing but copies of the snapshot.
func (r *Restore) tidy(ctx context.Context, taken Taken, way *moving) error {
	numbers, names, err := r.folders(ctx, way)
	if err != nil {
		return err
	}
	base := path.Base(taken.Real)
	for _, n := range numbers {
		for _, name := range names[n] {
			copied := path.Join(taken.Dir, copyName(strings.TrimPrefix(name, base)))
			then, err := r.Machine.Tree(ctx, copied)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			now, err := r.Machine.Tree(ctx, path.Join(way.dir, strconv.Itoa(n), name))
			if err != nil {
				return err
			}
			if !slices.EqualFunc(then, now, sameEntry) {
				r.tell(event.Note{Text: fmt.Sprintf("%s is as it was before; what took its place is kept in %s", r.Data, way.dir)})
				return nil
			}
		}
	}
	return r.Machine.RemoveTree(ctx, way.dir)
}
