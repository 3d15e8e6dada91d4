// Package disk reads, makes and removes single files, links, folders and fifos, with all that belongs to them. It goes
// from folder to folder by openat(2) and follows no symbolic link, so that nobody leads it elsewhere by placing one.
package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Kind is what a node is.
type Kind string

// The kinds of a node. Sockets and devices are of Other: their content is not in the file system.
const (
	File   Kind = "file"
	Link   Kind = "link"
	Folder Kind = "folder"
	Fifo   Kind = "fifo"
	Other  Kind = "other"
)

// Stamp is a time of the file system: seconds and nanoseconds since 1970. It holds what an int64 of nanoseconds and
// the JSON of time.Time cannot: years after 2262 and after 9999.
type Stamp [2]int64

// Time is the stamp as a time.
func (s Stamp) Time() time.Time { return time.Unix(s[0], s[1]) }

// Node is what the file system says of one file, link, folder or fifo, but its name and its content.
type Node struct {
	Kind    Kind              `json:"kind"`
	Mode    uint32            `json:"mode"` // permissions with setuid, setgid and sticky, as in chmod(2)
	UID     int               `json:"uid"`
	GID     int               `json:"gid"`
	ModTime Stamp             `json:"modified"`
	Size    int64             `json:"size,omitempty"` // of a file
	Target  string            `json:"target,omitempty"`
	Xattrs  map[string][]byte `json:"xattrs,omitempty"`
	// Inode and Changed (ctime) tell whether a file was touched since: no program can set them.
	Inode   uint64 `json:"inode"`
	Changed Stamp  `json:"changed"`
	Device  uint64 `json:"-"` // numbers of devices differ from one boot to the next
	Names   uint64 `json:"-"` // how many hard links there are
}

// LinkError is a path that goes through a symbolic link, or through something else that is no folder.
type LinkError struct{ Path, At string }

func (e *LinkError) Error() string {
	return fmt.Sprintf("%s: %s is no folder of its own", e.Path, e.At)
}

// Hint says what to do.
func (e *LinkError) Hint() string {
	return "where " + e.At + " is a symbolic link, name the path that it leads to; nothing is read or written through links"
}

// Stat is the node of that name, without Target and Xattrs, which Complete adds.
func (d *Dir) Stat(name string) (Node, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return Node{}, d.problem("reading", name, err)
	}
	return nodeOf(&st), nil
}

func nodeOf(st *unix.Stat_t) Node {
	n := Node{
		Kind: kindOf(st.Mode), Mode: st.Mode & 0o7777, UID: int(st.Uid), GID: int(st.Gid),
		ModTime: Stamp{st.Mtim.Sec, st.Mtim.Nsec}, Changed: Stamp{st.Ctim.Sec, st.Ctim.Nsec},
		Inode: st.Ino, Device: uint64(st.Dev), Names: uint64(st.Nlink),
	}
	if n.Kind == File {
		n.Size = st.Size
	}
	return n
}

func kindOf(mode uint32) Kind {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return File
	case unix.S_IFLNK:
		return Link
	case unix.S_IFDIR:
		return Folder
	case unix.S_IFIFO:
		return Fifo
	default:
		return Other
	}
}

// Look is what stands at the absolute path below root, with all that belongs to it.
func Look(root, path string) (Node, error) {
	d, err := Open(root, filepath.Dir(path))
	if err != nil {
		return Node{}, err
	}
	defer d.Close()
	n, err := d.Stat(filepath.Base(path))
	if err == nil {
		err = d.Complete(filepath.Base(path), &n)
	}
	return n, err
}

// Complete adds what Stat leaves out.
func (d *Dir) Complete(name string, n *Node) (err error) {
	if n.Kind == Link {
		if n.Target, err = d.target(name); err != nil {
			return d.problem("reading", name, err)
		}
	}
	if n.Xattrs, err = d.xattrs(name); err != nil {
		return d.problem("reading the attributes of", name, err)
	}
	return nil
}

func (d *Dir) target(name string) (string, error) {
	for size := 256; ; size *= 2 {
		buf := make([]byte, size)
		n, err := unix.Readlinkat(d.fd, name, buf)
		if err != nil || n < size {
			return string(buf[:max(n, 0)]), err
		}
	}
}

// xattrs are the extended attributes, and with them access control lists and capabilities. A file system without any
// has none. What may be listed and not read is left out.
func (d *Dir) xattrs(name string) (map[string][]byte, error) {
	list, err := sized(func(buf []byte) (int, error) { return unix.Llistxattr(d.at(name), buf) })
	if errors.Is(err, unix.ENOTSUP) || err == nil && len(list) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for key := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		value, err := sized(func(buf []byte) (int, error) { return unix.Lgetxattr(d.at(name), key, buf) })
		if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOTSUP) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all[key] = value
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// sized calls get with a buffer of the size that it asked for, again where that grew meanwhile.
func sized(get func([]byte) (int, error)) ([]byte, error) {
	for {
		size, err := get(nil)
		if err != nil || size == 0 {
			return []byte{}, err
		}
		buf := make([]byte, size)
		if size, err = get(buf); !errors.Is(err, unix.ERANGE) {
			return buf[:max(size, 0)], err
		}
	}
}

// Like says whether a node made of want is what n is already. The content of files, Inode and Changed do not count.
func (n Node) Like(want Node) bool {
	return n.Kind == want.Kind && (n.Mode == want.Mode || n.Kind == Link) && n.UID == want.UID && n.GID == want.GID &&
		n.ModTime == want.ModTime && n.Size == want.Size && n.Target == want.Target && maps.EqualFunc(n.Xattrs, want.Xattrs, bytes.Equal)
}

// Unchanged says whether the content, too, is the same as far as the inode tells.
func (n Node) Unchanged(later Node) bool {
	return n.Kind == later.Kind && n.Inode == later.Inode && n.Changed == later.Changed &&
		n.ModTime == later.ModTime && n.Size == later.Size
}

// Attainable is want as far as this process can make it of a node that is have by now: only root gives files away, and
// sets attributes that are not the user's.
func (n Node) Attainable(have Node) Node {
	if os.Geteuid() == 0 {
		return n
	}
	groups, _ := os.Getgroups()
	if n.UID != os.Geteuid() || n.GID != os.Getegid() && !slices.Contains(groups, n.GID) {
		n.UID, n.GID = have.UID, have.GID
		n.Mode = n.Mode&0o1777 | have.Mode&(unix.S_ISUID|unix.S_ISGID)
	}
	root := func(key string, _ []byte) bool {
		return strings.HasPrefix(key, "trusted.") || strings.HasPrefix(key, "security.")
	}
	n.Xattrs = maps.Clone(n.Xattrs)
	maps.DeleteFunc(n.Xattrs, root)
	for key, value := range have.Xattrs {
		if root(key, value) {
			if n.Xattrs == nil {
				n.Xattrs = map[string][]byte{}
			}
			n.Xattrs[key] = value
		}
	}
	return n
}

// Dress gives what is of that name the owner, attributes, mode and times of n. What only root may give, or this file
// system does not have, is in lost: it was left out, and no error.
func (d *Dir) Dress(name string, n Node) (lost []string, err error) {
	have, err := d.Stat(name)
	if err != nil {
		return nil, err
	}
	mode := n.Mode
	if have.UID != n.UID || have.GID != n.GID {
		err := unix.Fchownat(d.fd, name, n.UID, n.GID, unix.AT_SYMLINK_NOFOLLOW)
		if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) {
			// A program that became somebody else's must not run as them.
			mode &^= unix.S_ISUID | unix.S_ISGID
			lost = append(lost, "owner "+strconv.Itoa(n.UID)+":"+strconv.Itoa(n.GID))
		} else if err != nil {
			return nil, d.problem("giving to its owner", name, err)
		}
	}
	// Changing the owner takes capabilities, which are attributes; an access control list changes the mode.
	more, err := d.setXattrs(name, n.Xattrs)
	if err != nil {
		return nil, d.problem("setting the attributes of", name, err)
	}
	if err := d.chmod(name, n.Kind, mode); err != nil {
		return nil, d.problem("setting the mode of", name, err)
	}
	times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, {Sec: n.ModTime[0], Nsec: n.ModTime[1]}}
	if err := unix.UtimesNanoAt(d.fd, name, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return nil, d.problem("setting the time of", name, err)
	}
	return append(lost, more...), nil
}

// chmod goes by an open node: fchmodat(2) would follow a link that was placed meanwhile.
func (d *Dir) chmod(name string, kind Kind, mode uint32) error {
	if kind == Link {
		return nil
	}
	fd, err := unix.Openat(d.fd, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if kindOf(st.Mode) != kind {
		return unix.ESTALE
	}
	return unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), mode)
}

// setXattrs makes the attributes want and no others.
func (d *Dir) setXattrs(name string, want map[string][]byte) (lost []string, err error) {
	have, err := d.xattrs(name)
	if err != nil {
		return nil, err
	}
	refused := func(key string, err error) error {
		if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) || errors.Is(err, unix.ENOTSUP) {
			lost = append(lost, "attribute "+key)
			return nil
		}
		return err
	}
	for key := range have {
		if _, wanted := want[key]; wanted {
			continue
		}
		if err := refused(key, unix.Lremovexattr(d.at(name), key)); err != nil {
			return nil, err
		}
	}
	for key, value := range want {
		if now, there := have[key]; there && bytes.Equal(now, value) {
			continue
		}
		if err := refused(key, unix.Lsetxattr(d.at(name), key, value, 0)); err != nil {
			return nil, err
		}
	}
	return lost, nil
}

// problem names what was being done and the path, as the user knows it.
func (d *Dir) problem(doing, name string, err error) error {
	return &fs.PathError{Op: doing, Path: d.path(name), Err: err}
}
