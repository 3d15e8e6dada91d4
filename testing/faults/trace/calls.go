package trace

import (
	"maps"

	"golang.org/x/sys/unix"
)

// shapes are the system calls that change files or bring them to the disk, as linux(7) has them on
// every processor, and those of this one. A program that changed a file otherwise, as by mmap(2),
// would not be seen.
func shapes() map[uint64]shape {
	all := map[uint64]shape{
		unix.SYS_RENAMEAT:        between("renameat", below(0), below(2)),
		unix.SYS_RENAMEAT2:       between("renameat2", below(0), below(2)),
		unix.SYS_LINKAT:          between("linkat", below(0), below(2)),
		unix.SYS_SYMLINKAT:       on("symlinkat", below(1)),
		unix.SYS_UNLINKAT:        on("unlinkat", below(0)),
		unix.SYS_MKDIRAT:         on("mkdirat", below(0)),
		unix.SYS_MKNODAT:         on("mknodat", below(0)),
		unix.SYS_FCHMODAT:        on("fchmodat", below(0)),
		unix.SYS_FCHMODAT2:       on("fchmodat2", below(0)),
		unix.SYS_FCHOWNAT:        on("fchownat", below(0)),
		unix.SYS_UTIMENSAT:       on("utimensat", below(0)),
		unix.SYS_OPENAT:          {name: "openat", to: below(0), flags: 2},
		unix.SYS_TRUNCATE:        on("truncate", path(0)),
		unix.SYS_SETXATTR:        on("setxattr", path(0)),
		unix.SYS_LSETXATTR:       on("lsetxattr", path(0)),
		unix.SYS_REMOVEXATTR:     on("removexattr", path(0)),
		unix.SYS_LREMOVEXATTR:    on("lremovexattr", path(0)),
		unix.SYS_FSETXATTR:       on("fsetxattr", open(0)),
		unix.SYS_FREMOVEXATTR:    on("fremovexattr", open(0)),
		unix.SYS_FCHMOD:          on("fchmod", open(0)),
		unix.SYS_FCHOWN:          on("fchown", open(0)),
		unix.SYS_FTRUNCATE:       on("ftruncate", open(0)),
		unix.SYS_FALLOCATE:       on("fallocate", open(0)),
		unix.SYS_FSYNC:           on("fsync", open(0)),
		unix.SYS_FDATASYNC:       on("fdatasync", open(0)),
		unix.SYS_WRITE:           on("write", open(0)),
		unix.SYS_PWRITE64:        on("pwrite64", open(0)),
		unix.SYS_WRITEV:          on("writev", open(0)),
		unix.SYS_PWRITEV:         on("pwritev", open(0)),
		unix.SYS_SENDFILE:        on("sendfile", open(0)),
		unix.SYS_COPY_FILE_RANGE: on("copy_file_range", open(2)),
		unix.SYS_SPLICE:          on("splice", open(2)),
	}
	maps.Copy(all, older())
	return all
}
