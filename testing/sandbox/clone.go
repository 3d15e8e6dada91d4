package sandbox

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Clone makes ROOT, which must not exist, the same machine as FROM, whose services must be stopped.
// It is quick, as the files of the store, which nothing writes to, are shared by hard links. All
// else is copied, with owners, modes, times and extended attributes. Links that lead to FROM by its
// name on this computer, as garbage collector roots of a sandbox do, lead to ROOT.
func Clone(from, root string) error {
	c := cloner{from: filepath.Clean(from), root: filepath.Clean(root)}
	if err := c.folder("."); err != nil {
		return fmt.Errorf("cloning %s: %w", from, err)
	}
	return nil
}

type cloner struct{ from, root string }

// storeFolder is where files are shared.
const storeFolder = "nix/store/"

func (c cloner) folder(name string) error {
	source, target := filepath.Join(c.from, name), filepath.Join(c.root, name)
	info, err := os.Lstat(source)
	if err != nil {
		return err
	}
	if err := os.Mkdir(target, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		below := filepath.Join(name, entry.Name())
		switch {
		case entry.IsDir():
			err = c.folder(below)
		case entry.Type()&fs.ModeSymlink != 0:
			err = c.link(below)
		case entry.Type().IsRegular() && strings.HasPrefix(below, storeFolder):
			err = os.Link(filepath.Join(c.from, below), filepath.Join(c.root, below))
		case entry.Type().IsRegular():
			err = c.file(below)
		} // sockets and pipes of services that are stopped are left out
		if err != nil {
			return err
		}
	}
	return like(source, target, info)
}

func (c cloner) link(name string) error {
	source, target := filepath.Join(c.from, name), filepath.Join(c.root, name)
	info, err := os.Lstat(source)
	if err != nil {
		return err
	}
	leads, err := os.Readlink(source)
	if err != nil {
		return err
	}
	if rest, ours := strings.CutPrefix(leads, c.from+"/"); ours {
		leads = filepath.Join(c.root, rest)
	}
	if err := os.Symlink(leads, target); err != nil {
		return err
	}
	return like(source, target, info)
}

func (c cloner) file(name string) error {
	source, target := filepath.Join(c.from, name), filepath.Join(c.root, name)
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return like(source, target, info)
}

// like gives TARGET the owner, extended attributes, mode and times of SOURCE. A link has no mode.
func like(source, target string, info fs.FileInfo) error {
	status := info.Sys().(*syscall.Stat_t)
	if err := os.Lchown(target, int(status.Uid), int(status.Gid)); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		if err := copyAttributes(source, target); err != nil {
			return err
		}
		if err := unix.Chmod(target, status.Mode&0o7777); err != nil {
			return &fs.PathError{Op: "chmod", Path: target, Err: err}
		}
	}
	when := unix.NsecToTimespec(info.ModTime().UnixNano())
	now := unix.NsecToTimespec(time.Now().UnixNano())
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, target, []unix.Timespec{now, when}, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return &fs.PathError{Op: "utimensat", Path: target, Err: err}
	}
	return nil
}

func copyAttributes(source, target string) error {
	names := make([]byte, 4096)
	n, err := unix.Llistxattr(source, names)
	if err != nil || n == 0 {
		if err == unix.ENOTSUP {
			return nil
		}
		return err
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(names[:n]), "\x00"), "\x00") {
		value := make([]byte, 1<<16)
		size, err := unix.Lgetxattr(source, name, value)
		if err != nil {
			return &fs.PathError{Op: "getxattr " + name, Path: source, Err: err}
		}
		if err := unix.Lsetxattr(target, name, value[:size], 0); err != nil {
			return &fs.PathError{Op: "setxattr " + name, Path: target, Err: err}
		}
	}
	return nil
}
