package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Dir is an open folder. What it is asked for is in that folder, wherever its path leads by now.
type Dir struct {
	fd   int
	name string
}

const asFolder = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

// Open opens the folder at the absolute path below root, without following links below root. A *LinkError says where
// something else than a folder stands; a missing folder is fs.ErrNotExist.
func Open(root, path string) (*Dir, error) {
	fd, err := unix.Open(filepath.Join("/", root), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "opening", Path: root, Err: err}
	}
	d := &Dir{fd: fd, name: "/"}
	for part := range strings.SplitSeq(filepath.Clean("/"+path), "/") {
		if part == "" {
			continue
		}
		next, err := d.Open(part)
		d.Close()
		if err != nil {
			var link *LinkError
			if errors.As(err, &link) {
				link.Path = path
			}
			return nil, err
		}
		d = next
	}
	return d, nil
}

// Open opens a folder in the folder.
func (d *Dir) Open(name string) (*Dir, error) {
	fd, err := unix.Openat(d.fd, name, asFolder, 0)
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		return nil, &LinkError{Path: d.path(name), At: d.path(name)}
	}
	if err != nil {
		return nil, d.problem("opening", name, err)
	}
	return &Dir{fd: fd, name: d.path(name)}, nil
}

// Close closes the folder.
func (d *Dir) Close() { _ = unix.Close(d.fd) }

func (d *Dir) path(name string) string { return filepath.Join(d.name, name) }

// at is a path for system calls that have no form with a folder: its last part is not followed by those that begin
// with l, and the rest of it is this open folder.
func (d *Dir) at(name string) string { return "/proc/self/fd/" + strconv.Itoa(d.fd) + "/" + name }

// Names are what is in the folder, in the order of the disk.
func (d *Dir) Names() ([]string, error) {
	fd, err := unix.Openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, d.problem("listing", "", err)
	}
	f := os.NewFile(uintptr(fd), d.name)
	defer f.Close()
	return f.Readdirnames(-1)
}

// Read opens the file of that name and says what it is. It waits for no fifo and follows no link.
func (d *Dir) Read(name string) (*os.File, Node, error) {
	fd, err := unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, Node{}, d.problem("opening", name, err)
	}
	f := os.NewFile(uintptr(fd), d.path(name))
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		f.Close()
		return nil, Node{}, d.problem("reading", name, err)
	}
	return f, nodeOf(&st), nil
}

// Create makes a file, for its owner only. Nothing may be of that name.
func (d *Dir) Create(name string) (*os.File, error) {
	fd, err := unix.Openat(d.fd, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, d.problem("making", name, err)
	}
	return os.NewFile(uintptr(fd), d.path(name)), nil
}

// Make makes a folder, link or fifo, for its owner only: Dress gives it the rest. Nothing may be of that name.
func (d *Dir) Make(name string, n Node) (err error) {
	switch n.Kind {
	case Folder:
		err = unix.Mkdirat(d.fd, name, 0o700)
	case Link:
		err = unix.Symlinkat(n.Target, d.fd, name)
	case Fifo:
		err = unix.Mknodat(d.fd, name, unix.S_IFIFO|0o600, 0)
	default:
		err = unix.EINVAL
	}
	if err != nil {
		return d.problem("making", name, err)
	}
	return nil
}

// Link gives what is of that name a second one: as, in the folder to.
func (d *Dir) Link(name string, to *Dir, as string) error {
	if err := unix.Linkat(d.fd, name, to.fd, as, 0); err != nil {
		return to.problem("linking", as, err)
	}
	return nil
}

// Replace puts from in the place of to, in the same folder.
func (d *Dir) Replace(from, to string) error { return d.rename(from, to, 0) }

// Place gives from the name to, in the same folder. Where something has that name it is fs.ErrExist.
func (d *Dir) Place(from, to string) error { return d.rename(from, to, unix.RENAME_NOREPLACE) }

func (d *Dir) rename(from, to string, flags uint) error {
	if err := unix.Renameat2(d.fd, from, d.fd, to, flags); err != nil {
		return d.problem("putting in place", to, err)
	}
	return nil
}

// Remove removes what is of that name, a folder with everything in it. Nothing there is no error.
func (d *Dir) Remove(name string) error {
	err := unix.Unlinkat(d.fd, name, 0)
	if err == nil || errors.Is(err, unix.ENOENT) {
		return nil
	}
	// Linux says EISDIR, POSIX EPERM.
	if !errors.Is(err, unix.EISDIR) && !errors.Is(err, unix.EPERM) {
		return d.problem("removing", name, err)
	}
	dir, openErr := d.Open(name)
	if openErr != nil {
		return d.problem("removing", name, err)
	}
	defer dir.Close()
	// Its mode may forbid what is to happen, and goes with it. Where that does not help, what follows says so.
	_ = unix.Chmod("/proc/self/fd/"+strconv.Itoa(dir.fd), 0o700)
	names, err := dir.Names()
	if err != nil {
		return err
	}
	for _, inside := range names {
		if err := dir.Remove(inside); err != nil {
			return err
		}
	}
	if err := unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR); err != nil && !errors.Is(err, unix.ENOENT) {
		return d.problem("removing", name, err)
	}
	return nil
}

// Sync makes the names in the folder durable.
func (d *Dir) Sync() error {
	fd, err := unix.Openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return d.problem("opening", "", err)
	}
	defer unix.Close(fd)
	if err := unix.Fsync(fd); err != nil {
		return d.problem("syncing", "", err)
	}
	return nil
}
