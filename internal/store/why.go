package store

import (
	"cmp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// chains is how many are told: of a package with more outputs and copies, the nearest.
const chains = 5

// Why says what pulls packages into a closure: for each store path of that name the shortest chain of references from
// the root to it, both ends included, the shortest chains first. The name is that of a package ("openssl"), or with its
// version ("openssl-3.0.13"). Without such a path there is no chain. At most five are returned, always the same ones.
func Why(closure Closure, root machine.StorePath, name string) [][]machine.StorePath {
	// Breadth first, the references in order: the first way to a path is a shortest one, and each time the same.
	from := map[machine.StorePath]machine.StorePath{root: ""}
	next := []machine.StorePath{root}
	var found [][]machine.StorePath
	for ; len(next) > 0; next = next[1:] {
		path := next[0]
		if _, there := closure[path]; !there {
			continue
		}
		if called(path, name) {
			found = append(found, way(from, path))
			if len(found) == chains {
				break
			}
		}
		for _, reference := range slices.SortedFunc(slices.Values(closure[path].References), byNameThenHash) {
			if _, seen := from[reference]; !seen {
				from[reference] = path
				next = append(next, reference)
			}
		}
	}
	return found
}

// called reports whether a store path is a package of this name, or has this whole name.
func called(path machine.StorePath, name string) bool {
	packageName, _ := SplitName(path.Name())
	return packageName == name || path.Name() == name
}

// way goes back from a path to where the search began.
func way(from map[machine.StorePath]machine.StorePath, path machine.StorePath) []machine.StorePath {
	var chain []machine.StorePath
	for ; path != ""; path = from[path] {
		chain = append(chain, path)
	}
	slices.Reverse(chain)
	return chain
}

func byNameThenHash(a, b machine.StorePath) int {
	return cmp.Or(strings.Compare(a.Name(), b.Name()), strings.Compare(string(a), string(b)))
}
