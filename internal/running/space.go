package running

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Room is what a file system has room for, in bytes.
type Room struct {
	// Free is what users may still take; root may have some more.
	Free  int64
	Total int64
	// Device is the same for all paths on one file system.
	Device uint64
	// Inodes are how many files and directories it can have, FreeInodes how many more; both 0 where it makes them as
	// needed, as btrfs does.
	Inodes, FreeInodes int64
	// Memory says that it is kept in memory (tmpfs).
	Memory bool
}

// Files is how many files and directories that many bytes are, at the rate of what the file system has now. Where it is
// nearly empty that says little, and there is no lack of them.
func (r Room) Files(bytes int64) int64 {
	used, files := r.Total-r.Free, r.Inodes-r.FreeInodes
	if used <= 0 || files <= 0 {
		return 0
	}
	return int64(float64(bytes) / float64(used) * float64(files))
}

// Space tells the room on the file system that path is on, or will be on: where it is not there, its nearest parent
// says.
func Space(m *machine.Machine, abs string) (Room, error) {
	end, err := resolve(m, abs)
	for errors.Is(err, fs.ErrNotExist) || err == nil {
		var room Room
		if room, err = roomAt(m.Path(end)); err == nil {
			return room, nil
		}
		if !errors.Is(err, fs.ErrNotExist) || end == "/" {
			break
		}
		end, err = resolve(m, path.Dir(end))
	}
	return Room{}, err
}

// tmpfs is its number in statfs(2).
const tmpfs = 0x01021994

func roomAt(file string) (Room, error) {
	info, err := os.Stat(file)
	if err != nil {
		return Room{}, err
	}
	var stat syscall.Statfs_t
	if err := syscall.Statfs(file, &stat); err != nil {
		return Room{}, fmt.Errorf("%s: %w", file, err)
	}
	block := stat.Frsize // what blocks are counted in, where the file system says (statfs(2))
	if block == 0 {
		block = stat.Bsize
	}
	about, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return Room{}, fmt.Errorf("%s: the device is not known", file)
	}
	return Room{
		Free: int64(stat.Bavail) * block, Total: int64(stat.Blocks) * block, Device: about.Dev,
		Inodes: int64(stat.Files), FreeInodes: int64(stat.Ffree), Memory: int64(stat.Type) == tmpfs,
	}, nil
}

// mostEntries is how many files and directories DirSize looks at, so that a plan does not wait for a mail store.
const mostEntries = 200_000

// DirSize adds up the sizes of the files at path and below, in bytes, each once however many names it has; links are not
// followed, but for those in path itself. Nothing there is 0. It is false where something may not be read, where there
// are more than 200,000 entries, and when ctx ends.
func DirSize(ctx context.Context, m *machine.Machine, abs string) (int64, bool) {
	return dirSize(ctx, m, abs, mostEntries)
}

var errTooMany = errors.New("too many entries")

func dirSize(ctx context.Context, m *machine.Machine, abs string, most int) (size int64, known bool) {
	end, err := resolve(m, abs)
	if err != nil {
		return 0, errors.Is(err, fs.ErrNotExist)
	}
	type file struct{ device, inode uint64 }
	seen := make(map[file]bool)
	entries := 0
	err = filepath.WalkDir(m.Path(end), func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone meanwhile
		}
		if entries++; err == nil && entries > most {
			err = errTooMany
		}
		if err = errors.Join(err, ctx.Err()); err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if about, ok := info.Sys().(*syscall.Stat_t); ok && about.Nlink > 1 {
			this := file{about.Dev, about.Ino}
			if seen[this] {
				return nil
			}
			seen[this] = true
		}
		size += info.Size()
		return nil
	})
	if err != nil {
		return 0, false
	}
	return size, true
}
