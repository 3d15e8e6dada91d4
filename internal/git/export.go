package git

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// Export writes the files of the commit into dir, which must exist. The repository is not
// changed.
func (r *Repository) Export(ctx context.Context, c Commit, dir string) error {
	index, err := r.privateIndex()
	if err != nil {
		return err
	}
	defer os.RemoveAll(filepath.Dir(index))
	private := []string{"GIT_INDEX_FILE=" + index}
	if _, err := r.run(ctx, "reading the last commit", private, "read-tree", c.ID); err != nil {
		return err
	}
	_, err = r.run(ctx, "copying the last commit", private, "checkout-index", "--all", "--prefix="+filepath.Clean(dir)+"/")
	return err
}

// Names are those of the files and directories at the top of a commit.
func (r *Repository) Names(ctx context.Context, c Commit) ([]string, error) {
	out, err := r.run(ctx, "listing the last commit", nil, "ls-tree", "--name-only", "-z", c.Tree)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(out, func(r rune) bool { return r == 0 }), nil
}
