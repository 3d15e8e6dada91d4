// Package atomicfile writes files so that after a crash either the old or the new content is
// there, whole. It is the one place of nqd that makes a file durable.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
)

// Write replaces the file at path with data, with exactly mode (the umask does not count).
// The content goes to a temporary file in the same directory, is synced, renamed over path,
// and then the directory is synced: without that last step a rename can be lost on power
// failure (restic's local backend does the same). On an error path is as it was and the
// temporary file is gone.
func Write(path string, data []byte, mode fs.FileMode) error {
	return durable().write(path, data, mode)
}

// MkdirAll makes path and its missing parents with mode and syncs the parent of each new
// directory, so that files written below it cannot lose their directory in a crash.
func MkdirAll(path string, mode fs.FileMode) error { return durable().mkdirAll(path, mode) }

// Sweep removes what Write left in the directory when it was killed: the temporary files of the
// given names, or of any where none is given. Nobody may be writing there meanwhile.
func Sweep(dir string, names ...string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var problems []error
	for _, entry := range entries {
		parts := temporary().FindStringSubmatch(entry.Name())
		if parts == nil || !entry.Type().IsRegular() || len(names) > 0 && !slices.Contains(names, parts[1]) {
			continue
		}
		problems = append(problems, os.Remove(filepath.Join(dir, entry.Name())))
	}
	return errors.Join(problems...)
}

// temporary matches the names of the files that Write makes, as os.CreateTemp completes them.
func temporary() *regexp.Regexp { return regexp.MustCompile(`^\.(.+)\.tmp-[0-9]+$`) }

// SyncDir makes the entries of the directory durable.
func SyncDir(dir string) error { return durable().syncDir(dir) }

// syncer brings an open file or directory to the disk. It is a value so that tests see when
// that happens and let it go wrong.
type syncer func(*os.File) error

func durable() syncer { return (*os.File).Sync }

func (sync syncer) write(path string, data []byte, mode fs.FileMode) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if err = tmp.Chmod(mode); err != nil {
		return err
	}
	if err = sync(tmp); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return sync.syncDir(dir)
}

func (sync syncer) mkdirAll(path string, mode fs.FileMode) error {
	if info, err := os.Stat(path); err == nil {
		if !info.IsDir() {
			return &fs.PathError{Op: "mkdir", Path: path, Err: fmt.Errorf("exists and is not a directory")}
		}
		return nil
	}
	parent := filepath.Dir(path)
	if err := sync.mkdirAll(parent, mode); err != nil {
		return err
	}
	if err := os.Mkdir(path, mode); err != nil {
		// Another process may have made it meanwhile; a link to nowhere is no directory.
		if info, statErr := os.Stat(path); statErr != nil || !info.IsDir() {
			return err
		}
	}
	return sync.syncDir(parent)
}

func (sync syncer) syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return sync(d)
}
