package trace

import "golang.org/x/sys/unix"

// older are the calls that newer processors do without.
func older() map[uint64]shape {
	return map[uint64]shape{
		unix.SYS_RENAME:    between("rename", path(0), path(1)),
		unix.SYS_LINK:      between("link", path(0), path(1)),
		unix.SYS_SYMLINK:   on("symlink", path(1)),
		unix.SYS_UNLINK:    on("unlink", path(0)),
		unix.SYS_MKDIR:     on("mkdir", path(0)),
		unix.SYS_RMDIR:     on("rmdir", path(0)),
		unix.SYS_MKNOD:     on("mknod", path(0)),
		unix.SYS_CHMOD:     on("chmod", path(0)),
		unix.SYS_CHOWN:     on("chown", path(0)),
		unix.SYS_LCHOWN:    on("lchown", path(0)),
		unix.SYS_UTIME:     on("utime", path(0)),
		unix.SYS_UTIMES:    on("utimes", path(0)),
		unix.SYS_FUTIMESAT: on("futimesat", below(0)),
		unix.SYS_OPEN:      {name: "open", to: path(0), flags: 1},
		unix.SYS_CREAT:     on("creat", path(0)),
	}
}
