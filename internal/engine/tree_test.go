package engine

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// entry is one thing in the tree that a test begins with.
type entry struct {
	path   string // relative; parents come first
	kind   string // folder, file, link, or hard, which is a second name of target
	text   string
	target string
	mode   fs.FileMode
	time   int64 // seconds
	xattr  string
	owner  int // used by root alone
}

// userXattrs reports whether the file system of dir keeps attributes of users.
func userXattrs(dir string) bool {
	return unix.Setxattr(dir, "user.nqd.probe", nil, 0) == nil && unix.Removexattr(dir, "user.nqd.probe") == nil
}

// build makes the tree, the same one each time.
func build(t rapid.TB, root string, entries []entry) {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	check(os.MkdirAll(root, 0o755))
	attributes := userXattrs(root)
	for _, e := range entries {
		path := filepath.Join(root, e.path)
		switch e.kind {
		case "folder":
			check(os.Mkdir(path, 0o700))
		case "file":
			check(os.WriteFile(path, []byte(e.text), 0o600))
		case "link":
			check(os.Symlink(e.target, path))
		case "hard":
			check(os.Link(filepath.Join(root, e.target), path))
			continue
		}
		if os.Getuid() == 0 {
			check(os.Lchown(path, e.owner, e.owner))
		}
		if e.kind != "link" {
			if e.xattr != "" && attributes {
				check(unix.Setxattr(path, "user.nqd", []byte(e.xattr), 0))
			}
			check(os.Chmod(path, e.mode))
		}
	}
	// From the leaves to the root: making a file changes the time of its folder.
	for _, e := range slices.Backward(entries) {
		setTime(t, filepath.Join(root, e.path), e.time)
	}
	setTime(t, root, 1_000_000_000)
}

func setTime(t rapid.TB, path string, seconds int64) {
	t.Helper()
	if err := lutimes(path, time.Unix(seconds, 123_456_789)); err != nil {
		t.Fatal(err)
	}
}

func lutimes(path string, at time.Time) error {
	stamp := unix.NsecToTimespec(at.UnixNano())
	err := unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{stamp, stamp}, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return &fs.PathError{Op: "utimensat", Path: path, Err: err}
	}
	return nil
}

// walk says everything about a tree, a line for each thing in it. The times of folders are left out where they depend on
// when a test ran.
func walk(t rapid.TB, root string, folderTimes bool) []string {
	t.Helper()
	names := map[uint64][]string{}
	var lines []string
	visit := func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		name, _ := filepath.Rel(root, path)
		line := fmt.Sprintf("%s %v %d:%d", name, info.Mode(), stat.Uid, stat.Gid)
		if !info.IsDir() || folderTimes {
			line += " " + info.ModTime().UTC().Format(time.RFC3339Nano)
		}
		switch {
		case info.Mode().IsRegular():
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %x", sha256.Sum256(text))
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line += " -> " + target
		}
		if !info.IsDir() {
			names[stat.Ino] = append(names[stat.Ino], name)
		}
		lines = append(lines, line+attributesOf(path, info))
		return nil
	}
	if err := filepath.WalkDir(root, visit); err != nil {
		t.Fatal(err)
	}
	for _, group := range names {
		lines = append(lines, "one file: "+strings.Join(group, " "))
	}
	slices.Sort(lines)
	return lines
}

func attributesOf(path string, info fs.FileInfo) (text string) {
	if info.Mode()&fs.ModeSymlink != 0 {
		return ""
	}
	list := make([]byte, 4096)
	n, err := unix.Listxattr(path, list)
	if err != nil {
		return ""
	}
	names := strings.Split(strings.TrimRight(string(list[:n]), "\x00"), "\x00")
	slices.Sort(names)
	for _, name := range names {
		value := make([]byte, 4096)
		n, _ := unix.Getxattr(path, name, value)
		text += fmt.Sprintf(" %s=%q", name, value[:max(n, 0)])
	}
	return text
}

// drawTree draws a tree: files, links of both kinds, folders in folders.
func drawTree(t *rapid.T) (entries []entry) {
	folders := []string{".", "a", "a/b", "c"}
	for i, folder := range folders {
		if i > 0 {
			entries = append(entries, entry{path: folder, kind: "folder", mode: 0o755, time: 1_100_000_000 + int64(i)})
		}
	}
	var files []string
	for _, folder := range folders {
		for _, name := range []string{"x", "y y", ".z"} {
			e := entry{
				path: filepath.Join(folder, name),
				kind: rapid.SampledFrom([]string{"", "file", "file", "link", "hard", "folder"}).Draw(t, "kind"),
				mode: rapid.SampledFrom([]fs.FileMode{0o600, 0o644, 0o755, 0o440}).Draw(t, "mode"),
				time: rapid.Int64Range(1, 2_000_000_000).Draw(t, "time"),
				text: rapid.SampledFrom([]string{"", "1", "22\n", "\x00\xff"}).Draw(t, "text"),
			}
			e.xattr = rapid.SampledFrom([]string{"", "", "old"}).Draw(t, "xattr")
			e.owner = rapid.SampledFrom([]int{0, 0, 1234}).Draw(t, "owner")
			e.target = rapid.SampledFrom([]string{"x", "../nowhere", "/etc/passwd", "."}).Draw(t, "target")
			switch e.kind {
			case "":
				continue
			case "folder":
				e.mode |= 0o700
			case "file":
				files = append(files, e.path)
			case "hard":
				if len(files) == 0 {
					continue
				}
				e.target = rapid.SampledFrom(files).Draw(t, "file")
			}
			entries = append(entries, e)
		}
	}
	return entries
}

// TestWalk: what the other tests rely on sees each difference.
func TestWalk(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "tree")
	build(t, root, []entry{
		{path: "d", kind: "folder", mode: 0o755, time: 5},
		{path: "d/f", kind: "file", text: "text", mode: 0o644, time: 6},
		{path: "d/g", kind: "hard", target: "d/f"},
		{path: "l", kind: "link", target: "d", time: 7},
	})
	before := walk(t, root, true)
	path := func(name string) string { return filepath.Join(root, name) }
	stamp := time.Unix(6, 123_456_789)
	for name, change := range map[string]func() error{
		"content":        func() error { return os.WriteFile(path("d/f"), []byte("texT"), 0o644) },
		"mode":           func() error { return os.Chmod(path("d/f"), 0o600) },
		"time of a file": func() error { return os.Chtimes(path("d/f"), stamp, stamp.Add(1)) },
		"time of a link": func() error { return lutimes(path("l"), stamp) },
		"time of a folder": func() error {
			return os.Chtimes(path("d"), stamp, stamp)
		},
		"target": func() error { return replaced(path("l"), func(new string) error { return os.Symlink("e", new) }) },
		"one file becomes two": func() error {
			return replaced(path("d/g"), func(new string) error {
				if err := os.WriteFile(new, []byte("text"), 0o644); err != nil {
					return err
				}
				return os.Chtimes(new, stamp, stamp)
			})
		},
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if after := walk(t, root, true); slices.Equal(before, after) {
			t.Errorf("%s: not seen", name)
		}
		if err := os.RemoveAll(root); err != nil {
			t.Fatal(err)
		}
		build(t, root, []entry{
			{path: "d", kind: "folder", mode: 0o755, time: 5},
			{path: "d/f", kind: "file", text: "text", mode: 0o644, time: 6},
			{path: "d/g", kind: "hard", target: "d/f"},
			{path: "l", kind: "link", target: "d", time: 7},
		})
	}
	same(t, "the tree built again", walk(t, root, true), before...)
}

// replaced makes something new under another name and renames it over path.
func replaced(path string, create func(new string) error) error {
	if err := create(path + ".new"); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
