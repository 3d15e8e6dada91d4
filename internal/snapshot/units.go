package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/systemd"
)

// UnitsError is data of which nobody says who writes to it: it cannot be copied while nobody does.
type UnitsError struct{ Data Data }

func (e *UnitsError) Error() string {
	return fmt.Sprintf("a snapshot of %s: the feature names no unit that could be stopped meanwhile", e.Data)
}

// Hint says what to do.
func (e *UnitsError) Hint() string {
	return "name the units in the feature.toml of " + e.Data.Feature + ", or go on without a snapshot: --accept-risk=state"
}

// check looks at what becomes paths and names of units.
func (d Data) check() error {
	if !path.IsAbs(d.Path) || path.Clean(d.Path) != d.Path || d.Path == "/" {
		return fmt.Errorf("%s: %q: not the path of data", d.Feature, d.Path)
	}
	if len(d.Units) == 0 && d.Kind != postgres {
		return &UnitsError{Data: d}
	}
	for _, unit := range d.Units {
		if !systemd.IsUnit(unit) {
			return fmt.Errorf("%s: %q: not a unit", d.Feature, unit)
		}
	}
	return nil
}

func (s *Snapshot) units() systemd.Units {
	return systemd.Units{Names: s.Units, Machine: s.Machine}
}

// stop stops what writes to the data. What ran is written down first: whoever is killed in between finds it there.
func (s *Snapshot) stop(ctx context.Context) error {
	before, err := s.stopped(ctx)
	if err != nil {
		return err
	}
	return s.units().Stop(ctx, func(running []string) error {
		return writeRecord(ctx, s.Machine, s.stoppedFile(), stoppedRecord{Version: 1, Units: union(before, running)})
	})
}

// stoppedRecord is what ran before a snapshot stopped it.
type stoppedRecord struct {
	Version int      `json:"version"`
	Units   []string `json:"units"`
}

func (s *Snapshot) stoppedFile() string { return path.Join(s.Dir, "stopped.json") }

// stopped are the units that this snapshot stopped; none where it stopped nothing.
func (s *Snapshot) stopped(ctx context.Context) ([]string, error) {
	var record stoppedRecord
	err := readRecord(ctx, s.Machine, s.stoppedFile(), &record)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return record.Units, err
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
