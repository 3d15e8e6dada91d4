package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// cloning is one Clone.
type cloning struct {
	onlyShared bool
	made       map[file]string // copies of files that have more than one name
}

type file struct{ device, inode uint64 }

// Clone copies a file, or a folder with all that is below it, to a place where nothing is, in a folder that is there: with
// owners, modes, times, extended attributes, links and hard links within it. Blocks are shared where the file system can;
// with ONLYSHARED a copy that would need room of its own is an error.
func Clone(ctx context.Context, from, to string, onlyShared bool) error {
	return cloning{onlyShared, map[file]string{}}.one(ctx, from, to)
}

// one copies what is at from, and what is below it.
func (c cloning) one(ctx context.Context, from, to string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	var stat unix.Stat_t
	if err := unix.Lstat(from, &stat); err != nil {
		return &fs.PathError{Op: "lstat", Path: from, Err: err}
	}
	this := file{stat.Dev, stat.Ino}
	if typeOf(stat.Mode) != 'd' && stat.Nlink > 1 {
		if first, known := c.made[this]; known {
			return os.Link(first, to)
		}
		c.made[this] = to
	}
	var err error
	switch typeOf(stat.Mode) {
	case 'f':
		err = c.content(from, to)
	case 'd':
		err = c.folder(ctx, from, to)
	case 'l':
		var target string
		if target, err = os.Readlink(from); err == nil {
			err = os.Symlink(target, to)
		}
	default:
		err = unix.Mknod(to, stat.Mode, int(stat.Rdev))
	}
	if err != nil {
		return err
	}
	return attributes(from, to, stat)
}

// folder copies a folder and what is in it.
func (c cloning) folder(ctx context.Context, from, to string) error {
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := c.one(ctx, filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// content shares the blocks of a file, or copies them.
func (c cloning) content(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	shared := unix.IoctlFileClone(int(out.Fd()), int(in.Fd()))
	if shared == nil {
		return nil
	}
	if c.onlyShared {
		return &fs.PathError{Op: "sharing the blocks of", Path: from, Err: shared}
	}
	_, err = io.Copy(out, in)
	return err
}

// attributes gives the copy what the original has beside its content. The owner comes first: a change of it takes
// setuid, setgid and some extended attributes away. The times come last.
func attributes(from, to string, stat unix.Stat_t) error {
	if err := os.Lchown(to, int(stat.Uid), int(stat.Gid)); err != nil {
		return err
	}
	if typeOf(stat.Mode) != 'l' {
		if err := unix.Chmod(to, stat.Mode&0o7777); err != nil {
			return &fs.PathError{Op: "chmod", Path: to, Err: err}
		}
	}
	if err := extended(from, to); err != nil {
		return fmt.Errorf("extended attributes of %s: %w", from, err)
	}
	return unix.UtimesNanoAt(unix.AT_FDCWD, to, []unix.Timespec{stat.Atim, stat.Mtim}, unix.AT_SYMLINK_NOFOLLOW)
}

// extended copies extended attributes, where the file system has them.
func extended(from, to string) error {
	names, err := attributeOf(func(buffer []byte) (int, error) { return unix.Llistxattr(from, buffer) })
	if errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	for start, i := 0, 0; err == nil && i < len(names); i++ {
		if names[i] != 0 {
			continue
		}
		name := string(names[start:i])
		start = i + 1
		var value []byte
		value, err = attributeOf(func(buffer []byte) (int, error) { return unix.Lgetxattr(from, name, buffer) })
		if err == nil {
			err = unix.Lsetxattr(to, name, value, 0)
		}
	}
	return err
}

// attributeOf calls read with a buffer that is large enough.
func attributeOf(read func([]byte) (int, error)) ([]byte, error) {
	size, err := read(nil)
	if err != nil || size == 0 {
		return nil, err
	}
	buffer := make([]byte, size)
	size, err = read(buffer)
	if err != nil {
		return nil, err
	}
	return buffer[:size], nil
}

// Flush brings what was written on the file system of abs to the disk, as sync(1) does with --file-system.
func Flush(abs string) error {
	dir, err := os.Open(abs)
	if err != nil {
		return err
	}
	defer dir.Close()
	return unix.Syncfs(int(dir.Fd()))
}
