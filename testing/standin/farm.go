package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// farm is a folder of symbolic links over several trees, as buildEnv of nixpkgs makes it:
// folders are merged, files are links to their tree.
type farm struct {
	out              string
	ignoreCollisions bool
}

func (f farm) merge(trees []string) error {
	for _, tree := range trees {
		if err := f.add(tree, f.out); err != nil {
			return fmt.Errorf("merging %s: %w", tree, err)
		}
	}
	return nil
}

// add puts what is in the folder SOURCE below TARGET.
func (f farm) add(source, target string) error {
	entries, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		return err
	}
	for _, entry := range entries {
		from, to := filepath.Join(source, entry.Name()), filepath.Join(target, entry.Name())
		if isFolder(from) {
			err = f.addFolder(from, to)
		} else {
			err = f.addFile(from, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (f farm) addFolder(from, to string) error {
	info, err := os.Lstat(to)
	if err == nil && !info.IsDir() {
		return f.collision(from, to)
	}
	return f.add(from, to)
}

func (f farm) addFile(from, to string) error {
	if _, err := os.Lstat(to); err != nil {
		return os.Symlink(from, to)
	}
	if sameFile(from, to) {
		return nil
	}
	return f.collision(from, to)
}

// collision is worded as buildEnv does; both places are named.
func (f farm) collision(from, to string) error {
	first := to
	if target, err := os.Readlink(to); err == nil {
		first = target
	}
	if f.ignoreCollisions {
		fmt.Fprintf(os.Stderr, "warning: collision between `%s' and `%s'\n", from, first)
		return nil
	}
	return fmt.Errorf("two given paths contain a conflicting subpath:\n  `%s' and\n  `%s'", from, first)
}

// isFolder reports whether PATH is a folder or a link to one.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// sameFile reports whether both paths lead to one file.
func sameFile(a, b string) bool {
	realA, errA := filepath.EvalSymlinks(a)
	realB, errB := filepath.EvalSymlinks(b)
	return errA == nil && errB == nil && realA == realB
}
