package plan

import (
	"cmp"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// versions are those of each package, by name, sorted.
type versions map[string][]string

func (v versions) add(name, version string) {
	list := v[name] // also where there is no version, so that the name is known
	if at, found := slices.BinarySearchFunc(list, version, store.CompareVersions); version != "" && !found {
		list = slices.Insert(list, at, version)
	}
	v[name] = list
}

// inClosure are all packages of a closure.
func inClosure(closure store.Closure) versions {
	found := versions{}
	for path := range closure {
		found.add(store.SplitName(path.Name()))
	}
	return found
}

// named are the packages that a manifest names: those that somebody installs, and what units of features run.
func named(m *evaluation.Manifest) versions {
	found := versions{}
	add := func(p evaluation.Package) {
		// Split as the names of store paths are: a version may begin with a letter. Without one it is a script or a tree
		// of links, which nobody misses in a plan.
		if p.Version != "" {
			found.add(store.SplitName(p.Name + "-" + p.Version))
		}
	}
	for _, p := range m.Packages {
		add(p)
	}
	for _, programs := range m.Programs {
		for _, p := range programs {
			add(p)
		}
	}
	return found
}

// environments are the trees of links that a system and its users have their packages in (nixpkgs,
// nixos/modules/config/system-path.nix and users-groups.nix).
var environments = []string{"system-path", "user-environment"}

// installed are the packages that a running system has in the environments of its closure.
func installed(closure store.Closure) versions {
	found := versions{}
	for path, info := range closure {
		if !slices.Contains(environments, path.Name()) {
			continue
		}
		for _, reference := range info.References {
			if name, version := store.SplitName(reference.Name()); version != "" {
				found.add(name, version)
			}
		}
	}
	return found
}

// packages compares what the new system names with what the old one named or, where nqd did not deploy that, has. Before
// is the old system's manifest, closure all that it consists of; either may be nil, and of an older nqd the manifest names
// none. Where nothing is known of the old system, nothing is told. Sizes are those of new store paths, unpacked, as far as
// a cache told them.
func packages(now, before *evaluation.Manifest, closure store.Closure, sizes map[machine.StorePath]int64) event.Packages {
	p := empty().Packages
	for _, info := range closure {
		p.SizeBefore += info.Size
	}
	wanted, has, had := named(now), inClosure(closure), installed(closure)
	if before != nil && len(before.Packages) > 0 {
		had = named(before)
		has = had
	} else if closure == nil {
		return p
	}
	grown := map[string]int64{}
	for path, size := range sizes {
		name, _ := store.SplitName(path.Name())
		grown[name] += size
	}
	for name, after := range wanted {
		change := event.PackageChange{Name: name, Before: listed(has[name]), After: listed(after), Size: grown[name]}
		_, there := has[name]
		switch {
		case !there:
			p.Added = append(p.Added, change)
		case slices.ContainsFunc(after, func(version string) bool { return !slices.Contains(has[name], version) }):
			p.Changed = append(p.Changed, change)
		}
	}
	for name, was := range had {
		if _, stays := wanted[name]; !stays {
			p.Removed = append(p.Removed, event.PackageChange{Name: name, Before: listed(was), After: []string{}})
		}
	}
	for _, changes := range [][]event.PackageChange{p.Added, p.Removed, p.Changed} {
		slices.SortFunc(changes, func(a, b event.PackageChange) int { return cmp.Compare(a.Name, b.Name) })
	}
	return p
}

// exactly is the difference of two closures, as packages of a plan.
func exactly(d event.Difference) event.Packages {
	return event.Packages{
		Exact: true, Added: d.Added, Removed: d.Removed, Changed: d.Changed,
		SizeBefore: d.SizeBefore, SizeAfter: d.SizeAfter,
	}
}

// listed is a list that is not null in JSON.
func listed(names []string) []string { return append([]string{}, names...) }
