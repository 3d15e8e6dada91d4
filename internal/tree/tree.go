// Package tree lists and copies files with all that they have: owners, modes, times, extended attributes and links.
package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Entry is one file, link or folder of a tree.
type Entry struct {
	Path string // relative to the top, which is ""
	Type byte   // as find(1) has it: f, d, l, p, s, b or c
	Mode uint32 // the permissions with setuid, setgid and sticky bit, as chmod(2) takes them
	UID  int
	GID  int
	// Size is in bytes; 0 of what is no file, which every file system counts in its own way.
	Size int64
	// Modified is when the content changed last.
	Modified time.Time
	Target   string // of a link
}

// Walk lists a file, or a folder and all that is below it, the folder first, sorted by path. Links are not followed, not even
// the top. errors.Is(err, fs.ErrNotExist) where nothing is there.
func Walk(top string) (tree []Entry, err error) {
	err = filepath.WalkDir(top, func(file string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var stat unix.Stat_t
		if err := unix.Lstat(file, &stat); err != nil {
			return &fs.PathError{Op: "lstat", Path: file, Err: err}
		}
		relative, err := filepath.Rel(top, file)
		if err != nil {
			return err
		}
		if relative == "." {
			relative = ""
		}
		e := Entry{
			Path: relative, Type: typeOf(stat.Mode), Mode: stat.Mode & 0o7777, UID: int(stat.Uid), GID: int(stat.Gid),
			Modified: time.Unix(stat.Mtim.Unix()),
		}
		switch e.Type {
		case 'f':
			e.Size = stat.Size
		case 'l':
			if e.Target, err = os.Readlink(file); err != nil {
				return err
			}
		}
		tree = append(tree, e)
		return nil
	})
	sorted(tree)
	return tree, err
}

func typeOf(mode uint32) byte {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 'f'
	case unix.S_IFDIR:
		return 'd'
	case unix.S_IFLNK:
		return 'l'
	case unix.S_IFIFO:
		return 'p'
	case unix.S_IFSOCK:
		return 's'
	case unix.S_IFBLK:
		return 'b'
	}
	return 'c'
}

// Format is what find(1) has to print (-printf) for Parse: the fields of an entry, each ended by NUL, as no name can have
// one.
const Format = `%P\0%y\0%m\0%U\0%G\0%s\0%T@\0%l\0`

// Parse reads what find(1) prints by Format, in the order of Walk.
func Parse(data []byte) ([]Entry, error) {
	fields := strings.Split(string(data), "\x00")
	fields = fields[:len(fields)-1]
	const each = 8
	if len(fields)%each != 0 {
		return nil, fmt.Errorf("find: unknown answer: %d fields", len(fields))
	}
	var tree []Entry
	for one := range slices.Chunk(fields, each) {
		e := Entry{Path: one[0], Target: one[7]}
		mode, err := strconv.ParseUint(one[2], 8, 32)
		numbers := make([]int64, 3)
		for i, text := range one[3:6] {
			var bad error
			numbers[i], bad = strconv.ParseInt(text, 10, 64)
			err = errors.Join(err, bad)
		}
		modified, bad := parseTime(one[6])
		if err = errors.Join(err, bad); err != nil || len(one[1]) != 1 {
			return nil, fmt.Errorf("find: unknown answer: %q: %w", one, err)
		}
		e.Type, e.Mode, e.UID, e.GID, e.Modified = one[1][0], uint32(mode), int(numbers[0]), int(numbers[1]), modified
		if e.Type == 'f' {
			e.Size = numbers[2]
		}
		tree = append(tree, e)
	}
	sorted(tree)
	return tree, nil
}

// parseTime reads seconds with a fraction, of which find(1) writes ten digits.
func parseTime(text string) (time.Time, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	nanoseconds, bad := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return time.Unix(seconds, nanoseconds), errors.Join(err, bad)
}

func sorted(tree []Entry) {
	slices.SortFunc(tree, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
}
