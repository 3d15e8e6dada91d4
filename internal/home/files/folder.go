package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Folder is a folder on the way to a link, as it was.
type Folder struct {
	Path string `json:"path"` // absolute, on the machine
	// Missing says that no folder was there. Then the rest is empty.
	Missing bool   `json:"missing,omitempty"`
	Mode    uint32 `json:"mode,omitempty"` // as in chmod(2)
	UID     int    `json:"uid"`
	GID     int    `json:"gid"`
	// Inode and Born are those of another folder where it was made anew. The number of one that is gone may be given
	// again, and not every file system knows when a file was made.
	Inode    uint64    `json:"inode,omitempty"`
	Born     time.Time `json:"born,omitzero"`
	Modified time.Time `json:"modified,omitzero"`
	Names    string    `json:"names,omitempty"` // a digest of what was in it: of the names only
}

// FolderAt is the folder as it is now. Links are followed: what is recorded is the folder that they lead to.
func FolderAt(m *machine.Machine, abs string) (Folder, error) {
	missing := Folder{Path: abs, Missing: true}
	end, err := Followed(m, abs)
	if err != nil {
		return missing, UnlessMissing(err)
	}
	info, err := os.Lstat(m.Path(end))
	if err != nil || !info.IsDir() {
		return missing, UnlessMissing(err)
	}
	names, err := namesIn(m.Path(end))
	if err != nil {
		return missing, err
	}
	f := Folder{Path: abs, Modified: info.ModTime(), Names: names, Born: born(m.Path(end))}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		f.Mode, f.UID, f.GID, f.Inode = stat.Mode&0o7777, int(stat.Uid), int(stat.Gid), stat.Ino
	}
	return f, nil
}

// born is when a file was made; zero where the file system does not know (statx(2)).
func born(file string) time.Time {
	var stat unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, file, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BTIME, &stat); err != nil || stat.Mask&unix.STATX_BTIME == 0 {
		return time.Time{}
	}
	return time.Unix(stat.Btime.Sec, int64(stat.Btime.Nsec))
}

// Make makes a folder that was there and is gone. It has its name when it has its owner and mode: whoever finds it there
// need not ask whether a process was killed while it made it.
func (f Folder) Make(m *machine.Machine) error {
	file, err := At(m, f.Path)
	if err != nil {
		return err
	}
	if err := sweep(file); err != nil {
		return err
	}
	made := unnamed(file)
	if err := os.Mkdir(made, 0o700); err != nil {
		return err
	}
	err = f.own(made)
	if err == nil {
		err = unix.Renameat2(unix.AT_FDCWD, made, unix.AT_FDCWD, file, unix.RENAME_NOREPLACE)
	}
	if errors.Is(err, fs.ErrExist) {
		return sweep(file) // a link, or somebody's file: the next who needs the folder says so
	}
	if err != nil {
		return errors.Join(fmt.Errorf("making %s: %w", f.Path, err), sweep(file))
	}
	return atomicfile.SyncDir(filepath.Dir(file))
}

// unnamed is where a folder is made, beside its place.
func unnamed(file string) string {
	sum := sha256.Sum256([]byte(filepath.Base(file)))
	return filepath.Join(filepath.Dir(file), ".nqd-folder-"+hex.EncodeToString(sum[:8]))
}

// sweep removes what Make left when it was killed.
func sweep(file string) error {
	err := syscall.Rmdir(unnamed(file))
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	return &fs.PathError{Op: "rmdir", Path: unnamed(file), Err: err}
}

// Sweep removes what Make left beside the folder when it was killed.
func (f Folder) Sweep(m *machine.Machine) error {
	file, err := At(m, f.Path)
	if err == nil {
		err = sweep(file)
	}
	return UnlessMissing(err)
}

// own gives a folder that was made anew the owner and the mode that it had.
func (f Folder) own(file string) error {
	if os.Geteuid() == 0 {
		if err := os.Lchown(file, f.UID, f.GID); err != nil {
			return err
		}
	}
	return syscall.Chmod(file, f.Mode)
}

// Restore makes a folder that is there what it was, as far as it was not the user who changed it.
func (f Folder) Restore(m *machine.Machine) error {
	now, err := FolderAt(m, f.Path)
	if err != nil || now.Missing {
		return err
	}
	end, err := Followed(m, f.Path)
	if err != nil {
		return err
	}
	file := m.Path(end)
	if now.Inode != f.Inode || !now.Born.Equal(f.Born) {
		if err := f.own(file); err != nil {
			return err
		}
	}
	// Where there is something new in it, it did change.
	if now.Names != f.Names || now.Modified.Equal(f.Modified) {
		return nil
	}
	return os.Chtimes(file, time.Time{}, f.Modified)
}

// Parents are the folders on the way to the places, without the places themselves, below dir and dir too, in order.
func Parents(dir string, places []string) []string {
	found := []string{dir}
	for _, place := range places {
		for at := path.Dir(place); at != dir && Within(dir, at); at = path.Dir(at) {
			found = append(found, at)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Prune removes those folders that are empty, the inner ones first, and what Make left of them. It never follows a link.
func Prune(m *machine.Machine, folders []string) error {
	var problems []error
	sorted := slices.Sorted(slices.Values(folders))
	for _, folder := range slices.Backward(sorted) {
		problems = append(problems, Folder{Path: folder}.Sweep(m))
		info, file, err := Look(m, folder)
		if err == nil && info != nil && info.IsDir() {
			err = syscall.Rmdir(file)
			if err == nil {
				err = atomicfile.SyncDir(filepath.Dir(file))
			} else if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) {
				err = nil
			} else {
				err = &fs.PathError{Op: "rmdir", Path: folder, Err: err}
			}
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// Missing are the folders that were not there.
func Missing(folders []Folder) []string {
	var paths []string
	for _, f := range folders {
		if f.Missing {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// MakeParents makes the folders on the way to a place of the home: those that are in folders as they were, others as
// the innermost that is there.
func MakeParents(m *machine.Machine, folders []Folder, abs string) error {
	for i, r := range abs {
		if r != '/' || i == 0 {
			continue
		}
		dir := abs[:i]
		now, err := FolderAt(m, dir)
		if err != nil {
			return err
		}
		if !now.Missing {
			continue
		}
		was := slices.IndexFunc(folders, func(f Folder) bool { return f.Path == dir && !f.Missing })
		if was < 0 {
			above, err := FolderAt(m, path.Dir(dir))
			if err != nil {
				return err
			}
			folders = append(slices.Clone(folders), Folder{Path: dir, Mode: 0o755, UID: above.UID, GID: above.GID})
			was = len(folders) - 1
		}
		if err := folders[was].Make(m); err != nil {
			return err
		}
	}
	return nil
}

// namesIn is a digest of the names in a folder, found from here.
func namesIn(file string) (string, error) {
	entries, err := os.ReadDir(file)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, entry := range entries {
		hash.Write([]byte(entry.Name() + "\x00"))
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
