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
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/systemd"
)

// Restore is the action that brings data back as a snapshot has it. What is there now is moved into a folder beside it,
// where it stays.
type Restore struct {
	Data
	// Dir is the folder of the snapshot.
	Dir string `json:"dir"`
	// Deployment is the number of the one that restores: what was there is kept under its name.
	Deployment int `json:"deployment"`
	// Start starts the services again that were stopped. Where a switch follows, it does so by itself.
	Start bool `json:"start"`

	Machine *machine.Machine `json:"-"`
	Sink    event.Sink       `json:"-"`
}

// Kind is the action's word.
func (*Restore) Kind() string { return "state.restore" }

// Describe says what Do does.
func (r *Restore) Describe() string {
	if r.Data.Kind == postgres {
		return "look whether the databases of " + r.Feature + " are where the older server has them"
	}
	return fmt.Sprintf("bring %s back from %s, and keep what is there beside it", r.Data, r.Dir)
}

// moving is how far a restore came. It is kept in the folder of what was moved aside.
type moving struct {
	Version int `json:"version"`
	// Snapshot and Made say which one is brought back.
	Snapshot string    `json:"snapshot"`
	Made     time.Time `json:"made"`
	// Stopped are the units that ran.
	Stopped []string `json:"stopped"`
	// Had are the suffixes of the files that were there before anything was moved; nil before that was looked at.
	Had []string `json:"had"`
	// Placed says that the copy is in place, Returned that what was there before is back.
	Placed   bool `json:"placed"`
	Returned bool `json:"returned"`
	// Back is the number of the folder that took the copy away again.
	Back int `json:"back"`

	dir string // of what was moved aside
}

const (
	movingVersion = 1
	movingFile    = "restore.json"
	stagedName    = "staged"
)

// of reports whether it is a restore of that snapshot.
func (w *moving) of(taken Taken) bool {
	return w.Version == movingVersion && w.Snapshot == taken.Dir && w.Made.Equal(taken.Made)
}

// Do stops what writes to the data, moves what is there aside, and puts the copy in its place.
func (r *Restore) Do(ctx context.Context) error {
	taken, err := r.snapshot(ctx)
	if err != nil {
		return err
	}
	if r.Data.Kind == postgres {
		return r.look(ctx, *taken)
	}
	if err := r.Data.check(); err != nil {
		return err
	}
	way, err := r.moving(ctx, *taken, true)
	if err != nil {
		return err
	}
	if !way.Placed {
		if err := r.place(ctx, *taken, way); err != nil {
			return err
		}
		r.tell(event.Note{Text: fmt.Sprintf("%s is as it was on %s; what was there since is kept in %s",
			r.Data, taken.Made.Local().Format("2 January 2006 15:04"), way.dir), Hint: "only root may look there; it is yours to remove"})
	}
	if r.Start {
		return systemd.Units{Names: way.Stopped, Machine: r.Machine}.Start(ctx)
	}
	return nil
}

// Holds reports whether the copy was put in place.
func (r *Restore) Holds(ctx context.Context) (bool, error) {
	taken, err := r.snapshot(ctx)
	if err != nil || r.Data.Kind == postgres {
		return false, err
	}
	way, err := r.moving(ctx, *taken, false)
	return way != nil && way.Placed && !way.Returned, err
}

// Undo moves back what was there, and starts what was stopped.
func (r *Restore) Undo(ctx context.Context) error {
	if r.Data.Kind == postgres {
		return nil
	}
	taken, err := r.snapshot(ctx)
	if err != nil {
		return err
	}
	way, err := r.moving(ctx, *taken, false)
	if err != nil || way == nil {
		return err
	}
	if !way.Returned {
		if err := r.giveBack(ctx, *taken, way); err != nil {
			return err
		}
	}
	ran := systemd.Units{Names: way.Stopped, Machine: r.Machine}
	if err := ran.Start(ctx); err != nil {
		return err
	}
	return r.tidy(ctx, *taken, way) // what ran stands there
}

func (r *Restore) units() systemd.Units {
	return systemd.Units{Names: r.Units, Machine: r.Machine}
}

func (r *Restore) tell(e event.Event) {
	if r.Sink != nil {
		r.Sink(e)
	}
}

// snapshot reads the one that is brought back.
func (r *Restore) snapshot(ctx context.Context) (*Taken, error) {
	if err := ours(r.Dir); err != nil {
		return nil, err
	}
	taken, err := read(ctx, r.Machine, r.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no snapshot of %s is there, or not a whole one", r.Dir, r.Data)
	}
	if err == nil && taken.Path != r.Path {
		return nil, fmt.Errorf("%s: a snapshot of %s, not of %s", r.Dir, taken.Data, r.Data)
	}
	return taken, err
}

// moving reads how far this restore came; where it was not begun, it is with begin, else the answer is nil. Numbers of
// deployments may begin anew: a folder of another restore is left alone.
func (r *Restore) moving(ctx context.Context, taken Taken, begin bool) (*moving, error) {
	real, err := r.Machine.RealPath(ctx, r.Path)
	if err != nil {
		return nil, err
	}
	if real != taken.Real {
		return nil, fmt.Errorf("%s: is at %s now; the snapshot is of %s", r.Path, real, taken.Real)
	}
	var last *moving // that was taken back again
	for n := 1; ; n++ {
		dir := fmt.Sprintf("%s.kept-by-nqd-%d", real, r.Deployment)
		if n > 1 {
			dir += "-" + strconv.Itoa(n)
		}
		way := &moving{dir: dir}
		err := readRecord(ctx, r.Machine, path.Join(dir, movingFile), way)
		switch {
		case err == nil && way.of(taken) && !way.Returned:
			return way, nil
		case err == nil && way.of(taken):
			last = way
			continue
		case err == nil:
			continue
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		if !begin {
			return last, nil
		}
		// A folder without a record is one that was just made, or somebody else's.
		tree, err := r.Machine.Tree(ctx, dir)
		if err == nil && len(tree) > 1 {
			continue
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err := r.Machine.MakePrivate(ctx, dir); err != nil {
			return nil, err
		}
		*way = moving{Version: movingVersion, Snapshot: taken.Dir, Made: taken.Made, dir: dir}
		return way, r.write(ctx, way)
	}
}

func (r *Restore) write(ctx context.Context, way *moving) error {
	return writeRecord(ctx, r.Machine, path.Join(way.dir, movingFile), way)
}

// stop stops what writes to the data and writes down what ran.
func (r *Restore) stop(ctx context.Context, way *moving) error {
	return r.units().Stop(ctx, func(running []string) error {
		way.Stopped = union(way.Stopped, running)
		return r.write(ctx, way)
	})
}

// place copies the snapshot beside the data, and then renames: the one away, the other to its place. Cut off anywhere it
// begins anew, and what stands there then is moved aside as well.
func (r *Restore) place(ctx context.Context, taken Taken, way *moving) error {
	if err := r.stage(ctx, taken, way); err != nil {
		return err
	}
	if err := r.stop(ctx, way); err != nil {
		return err
	}
	folder, err := r.folder(ctx, way)
	if err != nil {
		return err
	}
	found, _, err := members(ctx, r.Machine, r.Data.Kind, taken.Real)
	if err != nil {
		return err
	}
	if way.Had == nil {
		way.Had = []string{}
		for suffix := range found {
			way.Had = append(way.Had, suffix)
		}
		slices.Sort(way.Had)
		if err := r.write(ctx, way); err != nil {
			return err
		}
	}
	for _, suffix := range suffixes(r.Data.Kind) {
		if found[suffix] {
			if err := r.Machine.MoveTree(ctx, taken.Real+suffix, path.Join(folder, path.Base(taken.Real)+suffix)); err != nil {
				return err
			}
		}
	}
	for _, suffix := range suffixes(r.Data.Kind) {
		if slices.Contains(taken.Members, copyName(suffix)) {
			if err := r.Machine.MoveTree(ctx, path.Join(way.dir, stagedName, copyName(suffix)), taken.Real+suffix); err != nil {
				return err
			}
		}
	}
	if err := r.Machine.Flush(ctx, way.dir); err != nil {
		return err
	}
	way.Placed = true
	if err := r.write(ctx, way); err != nil {
		return err
	}
	return r.Machine.RemoveTree(ctx, path.Join(way.dir, stagedName))
}

// stage copies the snapshot to the file system of the data.
func (r *Restore) stage(ctx context.Context, taken Taken, way *moving) error {
	staged := path.Join(way.dir, stagedName)
	if err := r.Machine.RemoveTree(ctx, staged); err != nil {
		return err
	}
	if err := r.Machine.MakePrivate(ctx, staged); err != nil {
		return err
	}
	for _, name := range taken.Members {
		from, to := path.Join(taken.Dir, name), path.Join(staged, name)
		if err := r.Machine.CopyTree(ctx, from, to, false); err != nil {
			return err
		}
		then, err := r.Machine.Tree(ctx, from)
		if err != nil {
			return err
		}
		now, err := r.Machine.Tree(ctx, to)
		if err != nil {
			return err
		}
		if !slices.EqualFunc(then, now, sameEntry) {
			return fmt.Errorf("copying %s to %s: the copy is not like it", from, to)
		}
	}
	return r.Machine.Flush(ctx, staged)
}

// folder makes the next of the folders 1, 2, … in which what is moved aside comes.
func (r *Restore) folder(ctx context.Context, way *moving) (string, error) {
	numbers, _, err := r.folders(ctx, way)
	if err != nil {
		return "", err
	}
	next := 1
	if len(numbers) > 0 {
		next = slices.Max(numbers) + 1
	}
	folder := path.Join(way.dir, strconv.Itoa(next))
	return folder, r.Machine.MakePrivate(ctx, folder)
}

// folders are the numbers of what was moved aside, and the names of what is in each.
func (r *Restore) folders(ctx context.Context, way *moving) (numbers []int, names map[int][]string, err error) {
	tree, err := r.Machine.Tree(ctx, way.dir)
	names = map[int][]string{}
	for _, entry := range tree {
		top, name, below := strings.Cut(entry.Path, "/")
		n, bad := strconv.Atoi(top)
		switch {
		case bad != nil || strings.Contains(name, "/"):
		case below:
			names[n] = append(names[n], name)
		default:
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, names, err
}

// look says where the databases are that an older PostgreSQL had: a newer one does not touch their folder.
func (r *Restore) look(ctx context.Context, taken Taken) error {
	_, err := r.Machine.Tree(ctx, path.Join(taken.Real, "PG_VERSION"))
	switch {
	case err == nil:
		r.tell(event.Note{Text: fmt.Sprintf("the databases of %s are in %s as the older server left them; what the newer one was given since is not in them",
			r.Feature, taken.Real)})
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return &GoneError{Data: r.Data, Folder: taken.Real, Dump: path.Join(taken.Dir, dumpName)}
}

// GoneError is a folder of PostgreSQL that is not there any more: the server would begin with no databases.
type GoneError struct {
	Data         Data
	Folder, Dump string
}

func (e *GoneError) Error() string { return fmt.Sprintf("%s: %s is gone", e.Data, e.Folder) }

// Hint says how the databases come back.
func (e *GoneError) Hint() string {
	return "roll back without restoring data; then, as root, with the older server running: " +
		"setpriv --reuid=postgres --regid=postgres --init-groups psql --dbname=postgres < " + e.Dump
}
