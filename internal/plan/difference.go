package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
)

// Difference compares two closures by package name and version, as `nix store
// diff-closures` does.
func Difference(old, new machine.StorePath, before, after nixcli.Closure) event.Difference {
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
		change := event.PackageChange{Name: name, Before: b.versions, After: a.versions, Size: a.size - b.size}
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

type packages struct {
	versions []string
	size     int64
}

func byName(closure nixcli.Closure) map[string]packages {
	found := make(map[string]packages)
	for path, size := range closure {
		name, version := splitName(path.Name())
		p := found[name]
		p.size += size
		if version != "" && !slices.Contains(p.versions, version) {
			p.versions = append(p.versions, version)
		}
		found[name] = p
	}
	for _, p := range found {
		slices.SortFunc(p.versions, cmp.Compare[string])
	}
	return found
}

// splitName parts "openssl-3.0.13-bin" into "openssl" and "3.0.13": the version begins
// behind the first dash that a digit follows, and an output name at its end is not part of
// it (nix manual, builtins.parseDrvName).
func splitName(full string) (name, version string) {
	for i := 0; i+1 < len(full); i++ {
		if full[i] == '-' && full[i+1] >= '0' && full[i+1] <= '9' {
			return full[:i], withoutOutput(full[i+1:])
		}
	}
	return full, ""
}

// outputs are the names of outputs that nixpkgs' multiple-outputs hook makes.
var outputs = []string{"-bin", "-dev", "-lib", "-man", "-doc", "-info", "-data", "-debug", "-devdoc", "-static", "-dist"}

func withoutOutput(version string) string {
	for _, output := range outputs {
		if rest, cut := strings.CutSuffix(version, output); cut {
			return rest
		}
	}
	return version
}

func total(closure nixcli.Closure) int64 {
	var sum int64
	for _, size := range closure {
		sum += size
	}
	return sum
}

func abs(n int64) int64 { return max(n, -n) }
