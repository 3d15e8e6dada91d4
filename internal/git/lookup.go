package git

import (
	"context"
	"strings"
)

// Lookup is the commit that a name stands for, with its tree.
func (r *Repository) Lookup(ctx context.Context, name string) (Commit, error) {
	out, err := r.run(ctx, "looking up commit "+name, nil, "rev-parse", "--verify", "--end-of-options", name+"^{commit}")
	if err != nil {
		return Commit{}, err
	}
	tree, err := r.run(ctx, "looking up commit "+name, nil, "rev-parse", "--verify", "--end-of-options", out+"^{tree}")
	return Commit{ID: strings.TrimSpace(out), Tree: tree}, err
}
