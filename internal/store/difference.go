package store

import (
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Difference compares two closures by package name and version, as `nix store
// diff-closures` does. Versions are listed from the oldest to the newest.
func Difference(old, new machine.StorePath, before, after Closure) event.Difference {
	d := event.Difference{
		Old: string(old), New: string(new), SizeBefore: total(before), SizeAfter: total(after),
		Added: []event.PackageChange{}, Removed: []event.PackageChange{}, Changed: []event.PackageChange{},
	}
	had, has := byName(before), byName(after)
	names := maps.Clone(had)
	maps.Copy(names, has)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		b, inBefore := had[name]
		a, inAfter := has[name]
		change := event.PackageChange{Name: name, Before: listed(b.versions), After: listed(a.versions), Size: a.size - b.size}
		switch {
		case !inBefore:
			d.Added = append(d.Added, change)
		case !inAfter:
			d.Removed = append(d.Removed, change)
		case !slices.Equal(b.versions, a.versions) || abs(change.Size) >= notable:
			d.Changed = append(d.Changed, change)
		}
	}
	return d
}

// notable is the growth in bytes from which a package of unchanged version is listed; the
// same figure as `nix store diff-closures` (nix, src/nix/diff-closures.cc).
const notable = 8 * 1024

// listed is a list that is not null in JSON.
func listed(versions []string) []string { return append([]string{}, versions...) }

type packages struct {
	versions []string
	size     int64
}

func byName(closure Closure) map[string]packages {
	found := make(map[string]packages)
	for path, info := range closure {
		name, version := SplitName(path.Name())
		p := found[name]
		p.size += info.Size
		if version != "" && !slices.Contains(p.versions, version) {
			p.versions = append(p.versions, version)
		}
		found[name] = p
	}
	for _, p := range found {
		slices.SortFunc(p.versions, CompareVersions)
	}
	return found
}

// SplitName parts the name of a store path, "openssl-3.0.13-bin" into "openssl" and "3.0.13": the version begins
// behind the first dash that a digit follows, and an output name at its end is not part of
// it (nix manual, builtins.parseDrvName).
func SplitName(full string) (name, version string) {
	for i := 0; i+1 < len(full); i++ {
		if full[i] == '-' && full[i+1] >= '0' && full[i+1] <= '9' {
			return full[:i], withoutOutput(full[i+1:])
		}
	}
	return full, ""
}

// withoutOutput cuts off the names of outputs that nixpkgs' multiple-outputs hook makes.
func withoutOutput(version string) string {
	i := strings.LastIndexByte(version, '-')
	if i < 0 {
		return version
	}
	switch version[i+1:] {
	case "bin", "dev", "lib", "man", "doc", "info", "data", "debug", "devdoc", "static", "dist":
		return version[:i]
	}
	return version
}

// CompareVersions orders versions from the oldest to the newest: part by part, numbers as
// numbers, "pre" before an end, an end before a word, a word before a number (nix manual,
// builtins.compareVersions). What Nix takes for equal is ordered by its text.
func CompareVersions(a, b string) int {
	restA, restB := a, b
	for restA != "" || restB != "" {
		var partA, partB string
		partA, restA = component(restA)
		partB, restB = component(restB)
		if order := compareComponents(partA, partB); order != 0 {
			return order
		}
	}
	return strings.Compare(a, b)
}

// component is the first part of a version: a run of digits, or of what is neither digit nor separator.
func component(version string) (part, rest string) {
	version = strings.TrimLeft(version, ".-")
	for i := 1; i < len(version); i++ {
		if strings.IndexByte(".-", version[i]) >= 0 || digit(version[i]) != digit(version[0]) {
			return version[:i], version[i:]
		}
	}
	return version, ""
}

func compareComponents(a, b string) int {
	if a == b {
		return 0
	}
	if rankA, rankB := rank(a), rank(b); rankA != rankB {
		return rankA - rankB
	}
	if rank(a) == number {
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if len(a) != len(b) {
			return len(a) - len(b)
		}
	}
	return strings.Compare(a, b)
}

// What a part of a version is, in the order in which Nix puts them.
const (
	prerelease = iota
	end
	word
	number
)

func rank(part string) int {
	switch {
	case part == "":
		return end
	case part == "pre":
		return prerelease
	case digit(part[0]):
		return number
	}
	return word
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func total(closure Closure) int64 {
	var sum int64
	for _, info := range closure {
		sum += info.Size
	}
	return sum
}

func abs(n int64) int64 { return max(n, -n) }
