package git

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
)

// Has reports whether a regular file of the work tree, by its path relative to the repository, has the content that a
// commit has of it. What is no regular file, or is in one of the two only, has not.
func (r *Repository) Has(ctx context.Context, c Commit, path string) (bool, error) {
	files, err := r.entries(ctx, cmp.Or(c.Tree, c.ID), []string{path})
	if err != nil {
		return false, err
	}
	want, committed := files[path]
	info, err := os.Lstat(filepath.Join(r.Dir, path))
	if gone(err) || err == nil && !committed {
		return false, nil
	}
	return err == nil && r.is(ctx, path, info, want), err
}
