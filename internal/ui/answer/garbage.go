package answer

import (
	"fmt"
	"io"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Garbage writes what a collection removes and what it keeps, or what it removed.
func Garbage(w io.Writer, g event.Garbage, width int) {
	store := fmt.Sprintf("%s of the store, %s", words.Count(g.Paths, "path", "paths"), words.Size(g.Freed))
	if g.Collected {
		words.Line(w, width, "Collected: %s.", store)
		return
	}
	for _, root := range alike(g.Stays) {
		garbageRoot(w, "stays", root, width)
	}
	for _, root := range g.Goes {
		garbageRoot(w, "goes", root, width)
	}
	switch {
	case len(g.Goes) == 0 && g.Paths == 0:
		words.Line(w, width, "Nothing to collect.")
	case g.DryRun:
		words.Line(w, width, "That would free: %s. Nothing was changed.", store)
	default:
		words.Line(w, width, "That frees: %s.", store)
	}
}

// alike has one root for all that keep the same system for the same reason, with all their names: a machine has few
// systems, and many deployments and generations of them.
func alike(roots []event.GarbageRoot) (merged []event.GarbageRoot) {
	for _, root := range roots {
		i := slices.IndexFunc(merged, func(one event.GarbageRoot) bool {
			return root.System != "" && one.System == root.System && one.Why == root.Why
		})
		if i < 0 {
			merged = append(merged, root)
			continue
		}
		merged[i].Name += ", " + root.Name
	}
	return merged
}

func garbageRoot(w io.Writer, what string, root event.GarbageRoot, width int) {
	system := ""
	if root.System != "" {
		system = "  " + words.Short(root.System)
	}
	words.Line(w, width, "%-5s  %s%s: %s", what, root.Name, system, words.OneLine(root.Why))
}
