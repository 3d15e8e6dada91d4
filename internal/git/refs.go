package git

import (
	"context"
	"strings"
)

// Refs are the references whose names begin with prefix, a folder of them such as refs/nqd. Where there is no
// repository, there are none.
func (r *Repository) Refs(ctx context.Context, prefix string) ([]string, error) {
	if !r.exists() {
		return nil, nil
	}
	out, err := r.run(ctx, "listing "+prefix, nil, "for-each-ref", "--format=%(refname)", prefix)
	return strings.Fields(out), err
}

// Forget removes a reference. What it pointed at stays as long as something else leads there.
func (r *Repository) Forget(ctx context.Context, name string) error {
	_, err := r.run(ctx, "removing "+name, nil, "update-ref", "--no-deref", "-d", name)
	return err
}
