// Package shelf writes host files with exactly some of the features that nqd carries.
package shelf

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
)

// IDs are all features, sorted.
func IDs(c *catalog.Catalog) []string { return slices.Sorted(maps.Keys(c.Features)) }

// Closure is a feature with all that it requires.
func Closure(c *catalog.Catalog, id string) []string {
	on := []string{id}
	for i := 0; i < len(on); i++ {
		on = append(on, c.Features[on[i]].Requires...)
		if on[i] == "gpu-containers" { // needs the driver of some card, whichever
			on = append(on, "gpu-amd")
		}
	}
	return on
}

// undecided are the lines of features that only a machine's facts, or its user, can decide about.
func undecided(id string) string {
	if id == "gpu-nvidia" {
		return "driver = \"open\"\n"
	}
	return ""
}

// Tables are the tables of a host file that switch these features on and all others off, and that
// allow what is unfree about them.
func Tables(c *catalog.Catalog, on []string) string {
	var text strings.Builder
	var unfree []string
	for _, id := range IDs(c) {
		feature := c.Features[id]
		if slices.Contains(on, id) {
			unfree = append(unfree, feature.Unfree...)
		}
		if !feature.Always {
			fmt.Fprintf(&text, "[features.%s]\nenable = %t\n", id, slices.Contains(on, id))
			text.WriteString(undecided(id))
		}
	}
	slices.Sort(unfree)
	fmt.Fprintf(&text, "[packages]\nallow_unfree = [%s]\n", quoted(slices.Compact(unfree)))
	return text.String()
}

// Login is a module that gives a user a key to log in with, which the feature ssh wants somebody
// to have.
func Login(user string) string {
	const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA nobody"
	return fmt.Sprintf("{ users.users.%q.openssh.authorizedKeys.keys = [ %q ]; }\n", user, key)
}

func quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(list, ", ")
}

// Secrets are the files, by their names in a workspace, that have to be there for these features
// on a host of that name.
func Secrets(c *catalog.Catalog, host string, on []string) []string {
	var names []string
	for _, id := range on {
		for _, secret := range c.Features[id].Secrets {
			names = append(names, path.Join("secrets", host, secret.Name+".age"))
		}
	}
	return names
}
