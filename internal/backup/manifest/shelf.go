package manifest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
)

// Shelf is where the manifests of all backups stand: manifests/<number>.json below Dir.
type Shelf struct{ Dir string }

// Folder is the folder of the manifests.
func (s Shelf) Folder() string { return filepath.Join(s.Dir, "manifests") }

// File is the manifest of backup id.
func (s Shelf) File(id int) string { return filepath.Join(s.Folder(), strconv.Itoa(id)+".json") }

// UnknownError is a backup that there is not.
type UnknownError struct{ ID int }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("backup %d: there is none of that number", e.ID)
}

// Hint says where to look.
func (*UnknownError) Hint() string { return "nqd backup list shows those there are" }

// DamageError is a backup that does not hold what it was given.
type DamageError struct {
	Backup  int
	Path    string // of the entry; empty where it is the manifest
	Problem string
}

func (e *DamageError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("backup %d: %s", e.Backup, e.Problem)
	}
	return fmt.Sprintf("backup %d: %s: %s", e.Backup, e.Path, e.Problem)
}

// Hint says what can be done.
func (*DamageError) Hint() string {
	return "nqd backup verify lists all that is damaged; older and newer backups may have the same files whole"
}

// IDs are the numbers of all backups, oldest first.
func (s Shelf) IDs() ([]int, error) {
	names, err := os.ReadDir(s.Folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, file := range names {
		name, found := strings.CutSuffix(file.Name(), ".json")
		if id, err := strconv.Atoi(name); found && err == nil && id > 0 && strconv.Itoa(id) == name {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// List is all backups, oldest first. Those that cannot be read are in the error, the others are returned all the same.
func (s Shelf) List() ([]Manifest, error) {
	ids, err := s.IDs()
	if err != nil {
		return nil, err
	}
	var all []Manifest
	var problems []error
	for _, id := range ids {
		m, err := s.Get(id)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		all = append(all, m)
	}
	return all, errors.Join(problems...)
}

// Get is the backup with the number id: an *UnknownError where there is none, a *DamageError where it cannot be read.
func (s Shelf) Get(id int) (Manifest, error) {
	data, err := os.ReadFile(s.File(id))
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, &UnknownError{id}
	}
	if err != nil {
		return Manifest{}, err
	}
	m, err := decode(data)
	if err == nil && m.ID != id {
		err = fmt.Errorf("it calls itself backup %d", m.ID)
	}
	if err != nil {
		return Manifest{}, &DamageError{Backup: id, Problem: "its manifest is damaged: " + err.Error()}
	}
	return m, nil
}

// Write makes the backup be there, all at once.
func (s Shelf) Write(m Manifest) error {
	data, err := encode(m)
	if err != nil {
		return err
	}
	return atomicfile.Write(s.File(m.ID), data, 0o600)
}

// Clean takes away what a nqd left that was killed while it wrote.
func (s Shelf) Clean() error {
	names, err := os.ReadDir(s.Folder())
	if err != nil {
		return err
	}
	for _, file := range names {
		// As atomicfile names what it has not put in place yet.
		if strings.HasPrefix(file.Name(), ".") {
			if err := os.Remove(filepath.Join(s.Folder(), file.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Retire says that no number up to the highest is given again, also when that backup is gone.
func (s Shelf) Retire() error {
	next, err := s.Next()
	if err != nil {
		return err
	}
	return atomicfile.Write(s.last(), []byte(strconv.Itoa(next-1)+"\n"), 0o600)
}

func (s Shelf) last() string { return filepath.Join(s.Dir, "last") }

// Next is the number of the next backup. None is given twice: records of deployments name backups by it.
func (s Shelf) Next() (int, error) {
	ids, err := s.IDs()
	if err != nil {
		return 0, err
	}
	last := 0
	data, err := os.ReadFile(s.last())
	if err == nil {
		last, err = strconv.Atoi(strings.TrimSpace(string(data)))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%s: the number of the last backup cannot be read: %w", s.last(), err)
	}
	return max(last, slices.Max(append(ids, 0))) + 1, nil
}
