package git

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Restore makes paths (files and directories, relative to the repository) again what they were in target, by a commit
// on top of the one that is checked out: all else in it is as there. The work tree and the index follow for paths, and
// for nothing else; files that were never committed stay where they are, and edits of committed ones are overwritten,
// so Changes has to be backed up before. Where HEAD has that tree already it is returned.
//
// It may be called again after it was cut off anywhere, and finishes then. The error is *LockedError where another git
// has the index, and *InTheWayError where something that git does not know stands in the place of a file; nothing was
// changed then.
func (r *Repository) Restore(ctx context.Context, target Commit, paths []string, message string) (Commit, error) {
	for _, path := range paths {
		if !filepath.IsLocal(path) {
			return Commit{}, fmt.Errorf("%s: not a path within the repository", path)
		}
	}
	if err := r.unlocked(); err != nil {
		return Commit{}, err
	}
	head, err := r.Head(ctx)
	if err != nil {
		return Commit{}, err
	}
	wanted, err := r.entries(ctx, cmp.Or(target.Tree, target.ID), paths)
	if err != nil {
		return Commit{}, err
	}
	index, err := r.privateIndex()
	if err != nil {
		return Commit{}, err
	}
	defer os.RemoveAll(filepath.Dir(index))
	private := []string{"GIT_INDEX_FILE=" + index}
	tree, err := r.mixed(ctx, private, head, paths, wanted)
	if err != nil {
		return Commit{}, err
	}
	before, err := r.before(ctx, head, tree, message)
	if err != nil {
		return Commit{}, err
	}
	committed, err := r.entries(ctx, before, paths)
	if err != nil {
		return Commit{}, err
	}
	if err := r.clear(ctx, paths, wanted, committed); err != nil {
		return Commit{}, err
	}
	made := head
	if tree != head.Tree {
		if made, err = r.commitTree(ctx, tree, head, message); err != nil {
			return Commit{}, err
		}
	}
	if err := r.checkOut(ctx, private, wanted, committed); err != nil {
		return Commit{}, err
	}
	return made, r.stage(ctx, head, paths, wanted)
}

// LockedError is an index that another git works on, or that one left locked which was killed.
type LockedError struct{ File string }

func (e *LockedError) Error() string { return e.File + ": another git is working in this repository" }

// Hint says what to do about a git that is not there any more.
func (e *LockedError) Hint() string {
	return "wait until it is done; where no git runs, one was killed: remove " + e.File + " and try again"
}

// unlocked reports whether the user's index can be written. Ours lies elsewhere, so its lock is never found here.
func (r *Repository) unlocked() error {
	file := filepath.Join(r.Dir, ".git", "index.lock")
	if _, err := os.Lstat(file); err == nil {
		return &LockedError{file}
	}
	return nil
}

// blob is a file of a tree: its mode and the name of its content.
type blob struct{ mode, id string }

// submodule is the mode of a repository within this one (git-fast-import(1)).
const submodule = "160000"

// entries are the files of a tree that are paths or below them.
func (r *Repository) entries(ctx context.Context, tree string, paths []string) (map[string]blob, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	args := append([]string{"ls-tree", "-r", "-z", "--full-tree", tree, "--"}, paths...)
	out, err := r.run(ctx, "reading "+tree, nil, args...)
	if err != nil {
		return nil, err
	}
	files := make(map[string]blob)
	for _, line := range strings.Split(out, "\x00") {
		// Mode, type, name of the content, TAB, path.
		about, path, found := strings.Cut(line, "\t")
		if words := strings.Fields(about); found && len(words) == 3 {
			files[path] = blob{words[0], words[2]}
		}
	}
	return files, nil
}

// mixed is the tree of head, with what is wanted in the place of paths. The private index holds it then.
func (r *Repository) mixed(ctx context.Context, private []string, head Commit, paths []string, wanted map[string]blob) (string, error) {
	if _, err := r.run(ctx, "reading the last commit", private, "read-tree", head.ID); err != nil {
		return "", err
	}
	if len(paths) > 0 {
		args := append([]string{"rm", "-r", "-f", "--cached", "--quiet", "--ignore-unmatch", "--"}, paths...)
		if _, err := r.run(ctx, "taking out what is now", private, args...); err != nil {
			return "", err
		}
	}
	if err := r.indexInfo(ctx, private, "", wanted); err != nil {
		return "", err
	}
	return r.run(ctx, "writing the tree", private, "write-tree")
}

// indexInfo writes lines into an index (git-update-index(1)) and puts files in.
func (r *Repository) indexInfo(ctx context.Context, private []string, first string, in map[string]blob) error {
	lines := bytes.NewBufferString(first)
	for _, path := range slices.Sorted(maps.Keys(in)) {
		fmt.Fprintf(lines, "%s %s\t%s\x00", in[path].mode, in[path].id, path)
	}
	if lines.Len() == 0 {
		return nil
	}
	c := r.command("updating the index", private, "update-index", "-z", "--index-info")
	c.Stdin = lines
	_, err := r.output(ctx, c)
	return err
}

// before is the tree that the work tree followed before this commit: that of head, or of its parent where head is the
// commit that an earlier call made.
func (r *Repository) before(ctx context.Context, head Commit, tree, message string) (string, error) {
	if tree != head.Tree {
		return head.Tree, nil
	}
	out, err := r.run(ctx, "reading the last commit", nil, "log", "-1", "--format=%P%n%B", head.ID)
	if err != nil {
		return "", err
	}
	parents, said, _ := strings.Cut(out, "\n")
	if words := strings.Fields(parents); len(words) > 0 && strings.TrimSpace(said) == strings.TrimSpace(message) {
		return words[0], nil
	}
	return head.Tree, nil
}

// InTheWayError is something in the work tree that git does not know and that would be lost.
type InTheWayError struct{ Path string }

func (e *InTheWayError) Error() string {
	return e.Path + ": stands where the earlier commit has something else, and is not in git"
}

// Hint says what to do.
func (*InTheWayError) Hint() string { return "move it away and try again" }

// clear reports what git would run over and nobody has: a directory with files of the user's in the place of a file, a
// file or a link in the place of a directory, and files that git ignores, which Changes does not tell.
func (r *Repository) clear(ctx context.Context, paths []string, wanted, committed map[string]blob) error {
	changes, err := r.Changes(ctx, paths...)
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for _, change := range changes {
		known[change.Path] = true
	}
	for path := range committed {
		known[path] = true
	}
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		if err := r.parentsClear(path, known); err != nil {
			return err
		}
		info, err := os.Lstat(filepath.Join(r.Dir, path))
		switch {
		case gone(err):
		case err != nil:
			return err
		case info.IsDir() && wanted[path].mode != submodule:
			if err := r.onlyKnown(path, committed); err != nil {
				return err
			}
		case !info.IsDir() && !known[path] && !r.is(ctx, path, info, wanted[path]):
			return &InTheWayError{path}
		}
	}
	return nil
}

// parentsClear reports a parent of path that is no directory, and that git does not know.
func (r *Repository) parentsClear(path string, known map[string]bool) error {
	for parent := filepath.Dir(path); parent != "."; parent = filepath.Dir(parent) {
		info, err := os.Lstat(filepath.Join(r.Dir, parent))
		if err == nil && !info.IsDir() && !known[parent] {
			return &InTheWayError{parent}
		}
	}
	return nil
}

// onlyKnown reports a file of a directory that was not committed.
func (r *Repository) onlyKnown(dir string, committed map[string]blob) error {
	return filepath.WalkDir(filepath.Join(r.Dir, dir), func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path, err := filepath.Rel(r.Dir, file)
		if _, known := committed[path]; err == nil && !entry.IsDir() && !known {
			return &InTheWayError{path}
		}
		return err
	})
}

// is reports whether a file has the content already that is wanted.
func (r *Repository) is(ctx context.Context, path string, info fs.FileInfo, want blob) bool {
	if !info.Mode().IsRegular() {
		return false
	}
	id, err := r.run(ctx, "reading "+path, nil, "hash-object", "--", path)
	return err == nil && id == want.id
}

// checkOut brings the work tree to what is wanted, out of the private index, which holds it. Files that are so already
// are not touched.
func (r *Repository) checkOut(ctx context.Context, private []string, wanted, committed map[string]blob) error {
	for _, path := range slices.Sorted(maps.Keys(committed)) {
		// A repository within this one is its own: git leaves it as well.
		if _, stays := wanted[path]; stays || committed[path].mode == submodule {
			continue
		}
		if err := r.removeFile(path); err != nil {
			return err
		}
	}
	var list bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		if wanted[path].mode != submodule {
			list.WriteString(path + "\x00")
		}
	}
	// It ends with 1 where files differ, which is why it is asked.
	_, _ = r.run(ctx, "comparing the work tree", private, "update-index", "-q", "--refresh")
	c := r.command("checking out the earlier files", private, "checkout-index", "--force", "-z", "--stdin")
	c.Stdin = &list
	_, err := r.output(ctx, c)
	return err
}

// removeFile removes a file, and the directories that it leaves empty. What is behind a link is not git's, as where the
// user moved a directory away and put a link in its place.
func (r *Repository) removeFile(path string) error {
	for parent := filepath.Dir(path); parent != "."; parent = filepath.Dir(parent) {
		if info, err := os.Lstat(filepath.Join(r.Dir, parent)); err == nil && !info.IsDir() {
			return nil
		}
	}
	if info, err := os.Lstat(filepath.Join(r.Dir, path)); err == nil && info.IsDir() {
		return nil // what was a file when it was committed is the user's directory now
	}
	if err := os.Remove(filepath.Join(r.Dir, path)); err != nil && !gone(err) {
		return err
	}
	for parent := filepath.Dir(path); parent != "."; parent = filepath.Dir(parent) {
		if os.Remove(filepath.Join(r.Dir, parent)) != nil {
			return nil // there is something in it
		}
	}
	return nil
}

// stage brings the user's index to what is wanted for paths; of other files what is staged stays so.
func (r *Repository) stage(ctx context.Context, head Commit, paths []string, wanted map[string]blob) error {
	if len(paths) == 0 {
		return nil
	}
	out, err := r.run(ctx, "reading the index", nil, append([]string{"ls-files", "-z", "--cached", "--"}, paths...)...)
	if err != nil {
		return err
	}
	var removed strings.Builder
	for path := range mark(make(map[string]bool), out) {
		if _, stays := wanted[path]; !stays {
			fmt.Fprintf(&removed, "0 %s\t%s\x00", strings.Repeat("0", len(head.ID)), path)
		}
	}
	err = r.indexInfo(ctx, nil, removed.String(), wanted)
	if locked := r.unlocked(); err != nil && locked != nil {
		return errors.Join(locked, err)
	}
	if err != nil {
		return err
	}
	// So that the next git need not read every file again; it ends with 1 where some differ.
	_, _ = r.run(ctx, "looking at the files", nil, "update-index", "-q", "--refresh")
	return nil
}
