package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine/journal"
)

// History is the record of all deployments of one machine, in a directory with a folder for
// each: <number>/journal and what else belongs to it.
type History struct{ Dir string }

// List returns the recorded deployments, oldest first. A folder without a first record never
// began and is left out; one that cannot be read is listed as such, without a header.
func (h History) List() ([]Deployment, error) {
	ids, err := h.ids()
	if err != nil {
		return nil, err
	}
	var all []Deployment
	for _, id := range ids {
		d, err := h.Get(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			d = Deployment{ID: id, Result: Unreadable, Problem: err.Error()}
		}
		all = append(all, d)
	}
	return all, nil
}

// Get reads one deployment; errors.Is(err, fs.ErrNotExist) holds where there is none.
func (h History) Get(id int) (Deployment, error) {
	path := filepath.Join(h.Dir, strconv.Itoa(id), "journal")
	records, err := journal.Read(path)
	if err != nil {
		return Deployment{}, err
	}
	if len(records) == 0 {
		return Deployment{}, fmt.Errorf("deployment %d: %w", id, fs.ErrNotExist)
	}
	return fold(id, records)
}

// Sweep removes what runs left behind that were killed before their first record: they changed
// nothing, but what their folders keep from being collected would be kept for ever. It leaves
// the folder of the run with the number except, 0 for none. Half-written files of the history
// go as well. It may be called under the lock alone, and goes on past errors.
func (h History) Sweep(except int) error {
	ids, err := h.ids()
	if err != nil {
		return err
	}
	var problems []error
	for _, id := range ids {
		folder := filepath.Join(h.Dir, strconv.Itoa(id))
		if _, err := h.Get(id); errors.Is(err, fs.ErrNotExist) && id != except {
			problems = append(problems, os.RemoveAll(folder))
			continue
		}
		problems = append(problems, atomicfile.Sweep(folder))
	}
	if ids != nil {
		problems = append(problems, atomicfile.Sweep(h.Dir), atomicfile.SyncDir(h.Dir))
	}
	return errors.Join(problems...)
}

// ids lists the numbers of the folders in the history, in order.
func (h History) ids() ([]int, error) {
	entries, err := os.ReadDir(h.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, entry := range entries {
		if id, err := strconv.Atoi(entry.Name()); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
