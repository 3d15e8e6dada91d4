package tree

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Room is what the file system has free that a file is on, or will be on, in bytes, and whether files there may share
// blocks (ioctl_ficlone(2)): with an old XFS they may not, and a copy that has to is refused. Where it cannot be asked it
// has room for all.
func Room(file string) (free int64, shares bool) {
	for {
		var stat unix.Statfs_t
		err := unix.Statfs(file, &stat)
		if err == nil {
			shares = int64(stat.Type) == unix.BTRFS_SUPER_MAGIC || int64(stat.Type) == unix.XFS_SUPER_MAGIC
			return int64(stat.Bavail) * stat.Bsize, shares
		}
		above := filepath.Dir(file)
		// Who may not look below a folder looks at the folder.
		if above == file || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return math.MaxInt64, false
		}
		file = above
	}
}
