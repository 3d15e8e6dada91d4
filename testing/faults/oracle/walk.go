package oracle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Entry is all that can be said of one name in a tree.
type Entry struct {
	Kind   string // file, folder, link, or what else there is
	Mode   uint32 // permissions with set-id and sticky bits
	Owner  string // user and group by number
	Size   int64  // of a file, in bytes
	Sum    string // SHA-256 of a file
	Target string // of a link
	Xattrs string // extended attributes with their values
	Time   int64  // of the last change, in nanoseconds
}

// Tree is everything below a folder, by name. The folder's own name is replaced by ROOT in links
// and texts, so that two machines compare.
type Tree map[string]Entry

// Walk reads a tree. Skip says which names are left out, with what is below them; rewrite takes out of
// a text what may differ.
func Walk(root string, skip func(name string) bool, rewrite func(name string, text []byte) []byte) (Tree, error) {
	tree := Tree{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if skip(name) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		tree[name], err = read(root, path, func(text []byte) []byte { return rewrite(name, text) })
		return err
	})
	return tree, err
}

func read(root, path string, rewrite func([]byte) []byte) (Entry, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Entry{}, err
	}
	status := info.Sys().(*syscall.Stat_t)
	e := Entry{
		Kind: "other", Mode: status.Mode & 0o7777, Owner: fmt.Sprintf("%d:%d", status.Uid, status.Gid),
		Time: info.ModTime().UnixNano(),
	}
	switch {
	case info.Mode().IsRegular():
		e.Kind = "file"
		text, err := os.ReadFile(path)
		if err != nil {
			return Entry{}, err
		}
		text = rewrite([]byte(strings.ReplaceAll(string(text), root, "ROOT")))
		sum := sha256.Sum256(text)
		e.Size, e.Sum = int64(len(text)), hex.EncodeToString(sum[:])
	case info.IsDir():
		e.Kind = "folder"
	case info.Mode()&fs.ModeSymlink != 0:
		e.Kind, e.Mode = "link", 0
		if e.Target, err = os.Readlink(path); err != nil {
			return Entry{}, err
		}
		e.Target = strings.ReplaceAll(e.Target, root, "ROOT")
		return e, nil
	}
	e.Xattrs, err = xattrs(path)
	return e, err
}

// xattrs are the extended attributes of a file in one text.
func xattrs(path string) (string, error) {
	names := make([]byte, 1<<12)
	n, err := unix.Llistxattr(path, names)
	if err != nil || n == 0 {
		if err == unix.ENOTSUP {
			err = nil
		}
		return "", err
	}
	var text strings.Builder
	for _, name := range strings.Split(strings.TrimSuffix(string(names[:n]), "\x00"), "\x00") {
		value := make([]byte, 1<<16)
		size, err := unix.Lgetxattr(path, name, value)
		if err != nil {
			return "", &fs.PathError{Op: "getxattr " + name, Path: path, Err: err}
		}
		fmt.Fprintf(&text, "%s=%q ", name, value[:size])
	}
	return text.String(), nil
}
