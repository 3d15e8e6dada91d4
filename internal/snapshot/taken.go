package snapshot

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Taken is a snapshot that is there, whole.
type Taken struct {
	Version    int `json:"version"`
	Deployment int `json:"deployment"`
	Data
	Dir  string    `json:"dir"`
	Made time.Time `json:"made"`
	// Old is the system whose data it is.
	Old machine.StorePath `json:"old"`
	// Real is where the data is, with all links followed; of PostgreSQL it is the folder of the server's own version.
	Real string `json:"real"`
	// Members are the names of the copies in Dir; none where there was no data. Those of an SQLite file are the file and
	// what SQLite has beside it.
	Members []string `json:"members"`
	// Size is that of the files in bytes.
	Size int64 `json:"size"`
}

const takenVersion = 1

// takenFile is written last: without it there is no snapshot.
const takenFile = "snapshot.json"

// begun is a snapshot of what is at a path without links, made now: to the second, more is not told of it.
func (s *Snapshot) begun(real string) Taken {
	return Taken{
		Version: takenVersion, Deployment: number(path.Dir(s.Dir)), Data: s.Data, Dir: s.Dir, Old: s.Old,
		Made: time.Now().UTC().Truncate(time.Second), Real: real, Members: []string{},
	}
}

// taken is the snapshot where it is whole and of this system, else nil: lost records let numbers begin again.
func (s *Snapshot) taken(ctx context.Context) (*Taken, error) {
	taken, err := read(ctx, s.Machine, s.Dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && taken.Old != s.Old {
		return nil, nil
	}
	return taken, err
}

func read(ctx context.Context, m *machine.Machine, dir string) (*Taken, error) {
	var taken Taken
	if err := readRecord(ctx, m, path.Join(dir, takenFile), &taken); err != nil {
		return nil, err
	}
	if taken.Version != takenVersion {
		return nil, fmt.Errorf("%s: snapshot of format %d; this nqd reads %d", dir, taken.Version, takenVersion)
	}
	return &taken, nil
}

func readRecord(ctx context.Context, m *machine.Machine, file string, record any) error {
	data, err := m.ReadPrivate(ctx, file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, record); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func writeRecord(ctx context.Context, m *machine.Machine, file string, record any) error {
	data, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return m.WritePrivate(ctx, file, append(data, '\n'))
}

// List tells the snapshots that are there, whole, oldest first. It asks for root.
func List(ctx context.Context, m *machine.Machine) ([]Taken, error) {
	tree, err := m.Tree(ctx, Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Taken
	for _, entry := range tree {
		dir, name := path.Split(entry.Path)
		if name != takenFile || ours(path.Join(Root, dir)) != nil {
			continue
		}
		taken, err := read(ctx, m, path.Join(Root, dir))
		if err != nil {
			return nil, err
		}
		all = append(all, *taken)
	}
	slices.SortFunc(all, func(a, b Taken) int {
		return cmp.Or(cmp.Compare(a.Deployment, b.Deployment), cmp.Compare(number(a.Dir), number(b.Dir)))
	})
	return all, nil
}

func number(dir string) int {
	n, _ := strconv.Atoi(path.Base(dir)) // ours looked at it
	return n
}

// Sizes are how many bytes the snapshots of each deployment take, by its number, those that are not whole too. What is
// shared with the data itself is counted as if it were not. It asks for root.
func Sizes(ctx context.Context, m *machine.Machine) (map[int]int64, error) {
	tree, err := m.Tree(ctx, Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sizes := map[int]int64{}
	for _, entry := range tree {
		top, _, _ := strings.Cut(entry.Path, "/")
		if deployment, err := strconv.Atoi(top); err == nil {
			sizes[deployment] += entry.Size
		}
	}
	return sizes, nil
}

// Remove takes away all snapshots of a deployment. None is no error. It asks for root.
func Remove(ctx context.Context, m *machine.Machine, deployment int) error {
	return m.RemoveTree(ctx, path.Join(Root, strconv.Itoa(deployment)))
}

// Of are the snapshots that hold the data as deployment left it, one for each path: those that the next one took that
// changed the version, of the newest committed states on. 0 stands for what was there before the first deployment.
func Of(all []Taken, deployment int) []Taken {
	var found []Taken
	for _, taken := range all { // oldest first
		known := slices.ContainsFunc(found, func(one Taken) bool { return one.Path == taken.Path })
		if taken.Deployment > deployment && !known {
			found = append(found, taken)
		}
	}
	return found
}
