// Package snapshot keeps the data of services whose format moves forward, before a newer version touches it.
package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/systemd"
)

// Root is the folder of all snapshots: root's, as the data of services is not for everybody.
const Root = "/var/lib/nqd/snapshots"

// Place is the folder of the nth snapshot of a deployment.
func Place(deployment, n int) string {
	return path.Join(Root, strconv.Itoa(deployment), strconv.Itoa(n))
}

// Data is what a feature leaves on the machine: a file or folder, of which kind, and the units that write to it.
type Data struct {
	Feature string   `json:"feature"`
	Path    string   `json:"path"`
	Kind    string   `json:"kind"` // files, sqlite, cache or postgres
	Units   []string `json:"units"`
}

func (d Data) String() string { return d.Path + " of " + d.Feature }

// Snapshot is the action that copies data before a newer version touches it. The services that write to the data stay
// stopped: the switch that follows starts those that the new system wants.
type Snapshot struct {
	Data
	// Dir is where the copy comes, as Place has it.
	Dir string `json:"dir"`
	// Old is the system that runs until then: with another one the data may be another already.
	Old machine.StorePath `json:"old"`

	Machine *machine.Machine `json:"-"`
	Sink    event.Sink       `json:"-"`
}

// Actions are the snapshots that a deployment takes, by its plan.
func Actions(changes []event.StateChange, deployment int, old machine.StorePath, m *machine.Machine, sink event.Sink) []*Snapshot {
	var all []*Snapshot
	for _, change := range changes {
		if change.Snapshot == "" {
			continue
		}
		all = append(all, &Snapshot{
			Data: Data{change.Feature, change.Path, change.Kind, change.Units},
			Dir:  Place(deployment, len(all)+1), Old: old, Machine: m, Sink: sink,
		})
	}
	return all
}

// Decide says in a plan of which data a snapshot is taken, and why not of the others.
func Decide(m *machine.Machine, changes []event.StateChange) []event.StateChange {
	return decide(changes, roomToPlan(m))
}

// decide knows what the file system of the snapshots has free, in bytes.
func decide(changes []event.StateChange, room int64) []event.StateChange {
	for i := range changes {
		change := &changes[i]
		switch {
		case change.Kind == "cache":
			change.Without = "cache"
			continue
		case len(change.Units) == 0 && change.Kind != postgres:
			change.Without = "units"
			continue
		case change.Size != nil && *change.Size > room:
			change.Without = "room"
			continue
		case change.Size != nil:
			room -= *change.Size
		}
		change.Snapshot = Root
	}
	return changes
}

// Kind is the action's word.
func (*Snapshot) Kind() string { return "snapshot" }

// Describe says what Do does.
func (s *Snapshot) Describe() string {
	if s.Data.Kind == postgres {
		return fmt.Sprintf("dump the databases of %s to %s", s.Feature, s.Dir)
	}
	return fmt.Sprintf("copy %s to %s while its services are stopped", s.Data, s.Dir)
}

// ErrLate is a snapshot that was not taken before another system ran.
var ErrLate = errors.New("the new system ran already: what is there now is no data of the old one")

// Do stops what writes to the data and copies it. It copies anew where the data changed since, as long as the old system
// runs, and never after that.
func (s *Snapshot) Do(ctx context.Context) error {
	taken, err := s.taken(ctx)
	if err != nil {
		return err
	}
	running, err := s.Machine.ReadLink("/run/current-system")
	switch {
	case err != nil:
		return err
	case running != s.Old && taken == nil:
		return fmt.Errorf("a snapshot of %s: %w", s.Data, ErrLate)
	case running != s.Old:
		return nil
	}
	if err := s.check(); err != nil {
		return err
	}
	if err := s.Machine.MakePrivate(ctx, Root, path.Dir(s.Dir), s.Dir); err != nil {
		return err
	}
	if s.Data.Kind == postgres {
		if taken != nil {
			return nil // a dump does not grow old: the folder that it is of stays
		}
		return s.dump(ctx)
	}
	if err := s.stop(ctx); err != nil {
		return err
	}
	if taken != nil {
		same, err := copies{*taken, s.Machine}.unchanged(ctx)
		if err != nil || same {
			return err
		}
	}
	return s.copy(ctx)
}

// Holds reports whether the snapshot is there, whole, and still of the data that the new system will find.
func (s *Snapshot) Holds(ctx context.Context) (bool, error) {
	taken, err := s.taken(ctx)
	if err != nil || taken == nil {
		return false, err
	}
	running, err := s.Machine.ReadLink("/run/current-system")
	if err != nil || running != s.Old || s.Data.Kind == postgres {
		return err == nil, err
	}
	units, err := s.units().Active(ctx)
	if err != nil || len(units) > 0 {
		return false, err
	}
	return copies{*taken, s.Machine}.unchanged(ctx)
}

// Undo puts the data back where a newer version changed it, starts what was stopped, and removes the copy. What the
// newer version wrote is kept beside the data.
func (s *Snapshot) Undo(ctx context.Context) error {
	taken, err := s.taken(ctx)
	if err != nil {
		return err
	}
	stopped, err := s.stopped(ctx)
	if err != nil {
		return err
	}
	if taken == nil && stopped == nil {
		return s.remove(ctx)
	}
	running, err := s.Machine.ReadLink("/run/current-system")
	if err != nil {
		return err
	}
	if running != s.Old {
		return &StrangerError{Data: s.Data, Running: running, Dir: s.Dir}
	}
	if taken != nil && s.Data.Kind != postgres {
		if err := s.putBack(ctx, *taken); err != nil {
			return err
		}
	}
	ran := systemd.Units{Names: stopped, Machine: s.Machine}
	if err := ran.Start(ctx); err != nil {
		return err
	}
	return s.remove(ctx)
}

// putBack restores data that is not as it was when it was copied.
func (s *Snapshot) putBack(ctx context.Context, taken Taken) error {
	same, err := copies{taken, s.Machine}.unchanged(ctx)
	if err != nil || same {
		return err
	}
	restore := Restore{Data: s.Data, Dir: s.Dir, Deployment: taken.Deployment, Start: true, Machine: s.Machine, Sink: s.Sink}
	return restore.Do(ctx)
}

// remove takes the snapshot away, and the folder of its deployment with the last one.
func (s *Snapshot) remove(ctx context.Context) error {
	if err := ours(s.Dir); err != nil {
		return err
	}
	if err := s.Machine.RemoveTree(ctx, s.Dir); err != nil {
		return err
	}
	above := path.Dir(s.Dir)
	left, err := s.Machine.Tree(ctx, above)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(left) > 1:
		return nil
	}
	return s.Machine.RemoveTree(ctx, above)
}

// StrangerError is data that is left alone, as neither the old system runs nor is the new one taken back.
type StrangerError struct {
	Data    Data
	Running machine.StorePath
	Dir     string
}

func (e *StrangerError) Error() string {
	return fmt.Sprintf("%s: left as it is, as the machine runs %s", e.Data, e.Running.Name())
}

// Hint says where the copy is.
func (e *StrangerError) Hint() string {
	return "a copy of what was there before is in " + e.Dir + "; only root may look there"
}

// ours refuses every path that is not the place of a snapshot: it is removed with all that it has.
func ours(dir string) error {
	above, n := path.Split(dir)
	root, deployment := path.Split(path.Clean(above))
	_, bad := strconv.Atoi(n)
	_, worse := strconv.Atoi(deployment)
	if path.Clean(root) != Root || path.Clean(dir) != dir || bad != nil || worse != nil {
		return fmt.Errorf("%s: not the place of a snapshot", dir)
	}
	return nil
}

// check looks at what becomes paths and names of units.
func (s *Snapshot) check() error {
	if err := ours(s.Dir); err != nil {
		return err
	}
	return s.Data.check()
}
