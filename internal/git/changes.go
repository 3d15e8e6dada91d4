package git

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Kind is what happened to a file.
type Kind string

// What happens to files.
const (
	New     Kind = "new"
	Edited  Kind = "changed"
	Removed Kind = "removed"
)

// Change is one file of the work tree that differs from the last commit.
type Change struct {
	Path string
	Kind Kind
}

// Changes lists the files below paths, and of the whole tree where paths is empty, that differ from the last commit or
// are not in it, and how, by name. A renamed file is one that is removed and one that is new.
func (r *Repository) Changes(ctx context.Context, paths ...string) ([]Change, error) {
	entries, err := r.status(ctx, paths)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	committed, err := r.committed(ctx)
	if err != nil {
		return nil, err
	}
	var changes []Change
	seen := make(map[string]bool)
	for _, e := range entries {
		// What was taken out of the index alone is told twice: as deleted, and as not tracked.
		if seen[e.path] {
			continue
		}
		seen[e.path] = true
		there, err := r.there(e)
		switch {
		case err != nil:
			return nil, err
		case committed[e.path] && there:
			changes = append(changes, Change{Path: e.path, Kind: Edited})
		case committed[e.path]:
			changes = append(changes, Change{Path: e.path, Kind: Removed})
		case there: // else it came and went between two commits
			changes = append(changes, Change{Path: e.path, Kind: New})
		}
	}
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes, nil
}

// entry is one line of git status: a file, and two letters that compare the commit with the index and the index with
// the work tree.
type entry struct {
	path    string
	letters string
}

func (r *Repository) status(ctx context.Context, paths []string) ([]entry, error) {
	args := append([]string{"status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--"}, paths...)
	out, err := r.run(ctx, "looking for uncommitted changes", nil, args...)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, text := range strings.Split(out, "\x00") {
		if len(text) > 3 {
			entries = append(entries, entry{path: text[3:], letters: text[:2]})
		}
	}
	return entries, nil
}

// committed are the files of the last commit. The letters of status do not tell them: a file that was announced by
// `git add --intent-to-add` and is gone looks like one that was committed and is gone.
func (r *Repository) committed(ctx context.Context) (map[string]bool, error) {
	head, err := r.Head(ctx)
	if errors.Is(err, ErrNoCommit) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := r.run(ctx, "reading the last commit", nil, "ls-tree", "-r", "-z", "--name-only", "--full-tree", head.Tree)
	return mark(make(map[string]bool), out), err
}

// there reports whether the work tree has the file. A directory in its place is another thing; one that git does not
// call deleted is a repository within this one.
func (r *Repository) there(e entry) (bool, error) {
	info, err := os.Lstat(filepath.Join(r.Dir, e.path))
	if gone(err) {
		return false, nil
	}
	return err == nil && !(info.IsDir() && strings.Contains(e.letters, "D")), err
}
