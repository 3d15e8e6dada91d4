package preflight

import (
	"fmt"
	"maps"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// perCompiler is how many MiB a compiler takes at most, as a rule: with less memory for each that runs, fewer of them should
// (Gentoo wiki, MAKEOPTS: the memory divided by 2 GB).
const perCompiler = 2000

// memory holds the memory of the machine against what features want, and against what is compiled at once. It never
// refuses: swap makes up for some of it, and slow is not broken. Where it is not known there is nothing to say.
func memory(l Look, p event.Plan) []row {
	const name = "memory"
	found := l.facts()
	has := int64(found.MemoryMB)
	if has == 0 {
		return nil
	}
	size := words.Size(has << 20)
	var rows []row
	for _, id := range slices.Sorted(maps.Keys(l.Needs)) {
		// A machine never reports all that it was sold with.
		if need := l.Needs[id]; has < need.MemoryMB-need.MemoryMB/margin {
			rows = append(rows, warn(name, fmt.Sprintf("%s, and %s wants %s for %s", size, id, words.Size(need.MemoryMB<<20), need.For),
				"switch "+id+" off, or use it with less"))
		}
	}
	if len(p.Builds.Compiled) > 0 && has < int64(found.CPUs)*perCompiler {
		rows = append(rows, warn(name, fmt.Sprintf("%s for %d compilers at once, which take up to %s each", size, found.CPUs, words.Size(perCompiler<<20)),
			fmt.Sprintf("let fewer run: nix.settings.cores = %d in local.nix", max(1, has/perCompiler))))
	}
	if rows == nil {
		rows = append(rows, ok(name, size))
	}
	return rows
}
