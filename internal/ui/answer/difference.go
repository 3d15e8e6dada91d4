package answer

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Difference writes what another system has other than one: packages, and the size of all.
func Difference(w io.Writer, d event.Difference) {
	for _, part := range []struct {
		word    string
		changes []event.PackageChange
	}{{"added", d.Added}, {"removed", d.Removed}, {"changed", d.Changed}} {
		for _, change := range part.changes {
			fmt.Fprintf(w, "  %-9s %s%s  %s\n", part.word, change.Name, versions(change), growth(change.Size))
		}
	}
	if len(d.Added)+len(d.Removed)+len(d.Changed) == 0 {
		fmt.Fprintln(w, "  packages  the same")
	}
	fmt.Fprintf(w, "  closure   %s, was %s (%s)\n", words.Size(d.SizeAfter), words.Size(d.SizeBefore), growth(d.SizeAfter-d.SizeBefore))
}

// versions is what becomes of a package's versions. Where a system has several of them at once, those that stay are
// kept apart from those that change: that is what a person looks for.
func versions(c event.PackageChange) string {
	gone, come, stay := without(c.Before, c.After), without(c.After, c.Before), strings.Join(common(c.Before, c.After), ", ")
	switch {
	case gone == "" && come == "" && stay == "":
		return ""
	case gone == "" && come == "":
		return " " + stay
	case gone != "" && come != "":
		return " " + gone + " -> " + come + beside(stay)
	case stay == "":
		return " " + gone + come
	case come != "":
		return " and " + come + beside(stay)
	}
	return " no more " + gone + beside(stay)
}

// without is what is in list and not in others, as text.
func without(list, others []string) string {
	var left []string
	for _, one := range list {
		if !slices.Contains(others, one) {
			left = append(left, one)
		}
	}
	return strings.Join(left, ", ")
}

func common(list, others []string) []string {
	var both []string
	for _, one := range list {
		if slices.Contains(others, one) {
			both = append(both, one)
		}
	}
	return both
}

func beside(stay string) string {
	if stay == "" {
		return ""
	}
	return " (beside " + stay + ")"
}

func growth(bytes int64) string {
	if bytes > 0 {
		return "+" + words.Size(bytes)
	}
	return words.Size(bytes)
}

// Why shows each chain on a line of its own, by names: hashes say nothing here, and --json has them.
func Why(w io.Writer, e event.Why) {
	if len(e.Chains) == 0 {
		fmt.Fprintf(w, "  why       nothing of that system is named %s\n", e.Name)
	}
	for _, chain := range e.Chains {
		var names []string
		for _, path := range chain {
			names = append(names, words.Name(path))
		}
		fmt.Fprintf(w, "  why       %s\n", strings.Join(names, " -> "))
	}
}
