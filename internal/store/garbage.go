package store

import (
	"context"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Keeping is what a collection keeps beside closures, by settings of nix (nix.conf(5)).
type Keeping struct {
	Derivations bool // keep-derivations: what made a path that stays
	Outputs     bool // keep-outputs: what a derivation that stays makes
}

// unreached asks for everything that a collection removes which keeps the closures of some paths. What the two settings
// add is as in nix, src/libstore/gc.cc: a derivation stays for an output that says it was made by it, and outputs stay
// for any derivation of theirs.
const unreached = `
WITH RECURSIVE live(id) AS (
  SELECT id FROM ValidPaths WHERE path IN (SELECT value FROM json_each(?1))
  UNION
  SELECT r.reference FROM live CROSS JOIN Refs r ON r.referrer = live.id
  UNION
  SELECT d.id FROM live CROSS JOIN ValidPaths v ON v.id = live.id CROSS JOIN ValidPaths d ON d.path = v.deriver
    CROSS JOIN DerivationOutputs o ON o.drv = d.id AND o.path = v.path WHERE ?2
  UNION
  SELECT v.id FROM live CROSS JOIN DerivationOutputs o ON o.drv = live.id
    CROSS JOIN ValidPaths v ON v.path = o.path WHERE ?3
)
SELECT path, coalesce(narSize, 0) FROM ValidPaths WHERE id NOT IN (SELECT id FROM live)`

// Unreached are the store paths that a collection removes which keeps the roots, with the size of their NARs in bytes.
// Without roots that is the whole store. Roots that are not in the store keep nothing.
func (d *DB) Unreached(ctx context.Context, roots []machine.StorePath, keep Keeping) (map[machine.StorePath]int64, error) {
	if roots == nil {
		roots = []machine.StorePath{} // null is one value of json_each
	}
	rows, err := d.sql.QueryContext(ctx, unreached, list(roots), keep.Derivations, keep.Outputs)
	if err != nil {
		return nil, reading(err)
	}
	defer rows.Close()
	found := make(map[machine.StorePath]int64)
	for rows.Next() {
		var path machine.StorePath
		var size int64
		if err := rows.Scan(&path, &size); err != nil {
			return nil, reading(err)
		}
		found[path] = size
	}
	if err := rows.Err(); err != nil {
		return nil, reading(err)
	}
	return found, nil
}
