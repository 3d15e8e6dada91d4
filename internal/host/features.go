package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// checkFeature holds the table [features.<id>] against the catalog.
func (d file) checkFeature(c *catalog.Catalog, id string, value any) {
	path := document.Join("features", id)
	feature := c.Features[id]
	if feature == nil {
		d.unknown(path, "feature", id, slices.Sorted(maps.Keys(c.Features)))
		return
	}
	options, ok := d.Table(path, value)
	if !ok {
		return
	}
	known := KeysOf(feature)
	for _, name := range slices.Sorted(maps.Keys(options)) {
		at, rule := document.Join(path, name), document.Rule(line)
		if name == "expose" {
			rule = networkInterface
		}
		if option, ok := known[name]; ok {
			d.checkValue(at, option, options[name], rule)
		} else if name == "enable" {
			d.ComplainOfKey(at, id+" is always on", "take the key out")
		} else {
			d.unknown(at, "key", name, slices.Sorted(maps.Keys(known)))
		}
	}
}

// KeysOf is all keys of the table [features.<id>] of a feature, by name: its options, and those that
// nixlib/modules/features.nix declares: enable unless it is always on, expose where it has ports.
func KeysOf(feature *catalog.Feature) map[string]catalog.Option {
	options := maps.Clone(feature.Options)
	if options == nil {
		options = map[string]catalog.Option{}
	}
	if !feature.Always {
		options["enable"] = catalog.Option{Type: "bool", Doc: "Whether the feature is on; where this is not said, the preset says it."}
	}
	if len(feature.Ports) > 0 {
		options["expose"] = catalog.Option{
			Type: "listOf str", Default: []any{},
			Doc: "Network interfaces that may reach the ports, or \"*\" for every one; empty means this machine only.",
		}
	}
	return options
}

// switchedOn is the place that switched the feature on: its enable, or else the preset.
func (d file) switchedOn(id string) int {
	path := document.Join("features", id)
	if _, said := d.Lookup(path + ".enable"); said {
		return d.Place(path + ".enable")
	}
	return d.Place("preset")
}

// off is how one of the features is switched off. The catalog sees to it that one of them can be:
// what is always on needs nothing that a host file may lack, and excludes nothing else that is.
func off(c *catalog.Catalog, ids ...string) string {
	var ways []string
	for _, id := range ids {
		if !c.Features[id].Always {
			ways = append(ways, fmt.Sprintf("[features.%s] enable = false", id))
		}
	}
	switch {
	case len(ways) == 0:
		return "take `always` out of " + c.Features[ids[0]].File
	case len(ids) == 1:
		return "switch it off: " + ways[0]
	}
	return "switch one of them off: " + strings.Join(ways, ", or ")
}

// checkEnabled holds the features that are on against each other, the release and the platform.
func (d file) checkEnabled(h *Host, c *catalog.Catalog) {
	enabled := h.Enabled(c)
	for _, id := range enabled {
		feature, release := c.Features[id], h.Host.Release
		refuse := func(problem, cure string) {
			d.Refuse(d.switchedOn(id), document.Join("features", id), problem, cure)
		}
		for _, other := range feature.Requires {
			if !slices.Contains(enabled, other) {
				refuse(fmt.Sprintf("requires %s, which is off", other), fmt.Sprintf("switch it on: [features.%s] enable = true", other))
			}
		}
		d.checkConflicts(c, id, enabled)
		if release != unstable && feature.Since != "" && release < feature.Since {
			refuse(fmt.Sprintf("NixOS has it from %s on, and host.release is %s", feature.Since, release), off(c, id))
		}
		if release != unstable && feature.Until != "" && release >= feature.Until {
			refuse(fmt.Sprintf("NixOS has it no more from %s on, and host.release is %s", feature.Until, release), off(c, id))
		}
		if len(feature.Systems) > 0 && !slices.Contains(feature.Systems, h.Host.System) {
			refuse(fmt.Sprintf("not for %s, which host.system is", h.Host.System), off(c, id))
		}
	}
}

// checkConflicts refuses each pair of features that exclude each other once, at the later place.
func (d file) checkConflicts(c *catalog.Catalog, id string, enabled []string) {
	for _, other := range enabled {
		if !c.Conflict(id, other) {
			continue
		}
		if here, there := d.switchedOn(id), d.switchedOn(other); here > there || here == there && id > other {
			d.Refuse(here, document.Join("features", id), fmt.Sprintf("does not go together with %s, and both are on", other),
				off(c, id, other))
		}
	}
}

// checkPorts refuses two enabled features, or two ports of one, on one port, at the place of the
// later one.
func (d file) checkPorts(h *Host, c *catalog.Catalog) {
	type claim struct {
		feature, name, path, protocol string
		number                        int64
		offset                        int
	}
	var claims []claim
	for _, id := range h.Enabled(c) {
		feature := c.Features[id]
		for _, name := range slices.Sorted(maps.Keys(feature.Ports)) {
			port := feature.Ports[name]
			path := document.Join(document.Join("features", id), port.Option)
			number := h.Option(c, id, port.Option).(int64)
			offset := d.Place(path)
			if _, named := h.Features[id]; !named {
				offset = d.Place("preset") // what switched it on
			}
			claims = append(claims, claim{id, name, path, port.Protocol, number, offset})
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return a.offset - b.offset })
	for i, later := range claims {
		for _, first := range claims[:i] {
			if first.number != later.number || first.protocol != later.protocol {
				continue
			}
			problem := fmt.Sprintf("%s and %s both want %s port %d", later.feature, first.feature, later.protocol, later.number)
			if first.feature == later.feature {
				problem = fmt.Sprintf("%s wants %s port %d twice, for %s and %s", later.feature, later.protocol, later.number, first.name, later.name)
			}
			d.Refuse(later.offset, later.path, problem, fmt.Sprintf("give %s or %s another port", later.path, first.path))
			break
		}
	}
}

// CheckSecrets refuses features that are on and want a secret that is not there: exists reports
// whether the workspace has the file secrets/<host>/<name>.age. Only a parsed Host knows the places.
func (h *Host) CheckSecrets(c *catalog.Catalog, exists func(file string) bool) error {
	d := file{h.document.Unjudged()} // the answer may be another one the next time
	for _, id := range h.Enabled(c) {
		for _, secret := range c.Features[id].Secrets {
			if name := fmt.Sprintf("secrets/%s/%s.age", h.Host.Name, secret.Name); !exists(name) {
				d.Refuse(d.switchedOn(id), document.Join("features", id), fmt.Sprintf("needs the secret %s, and there is no %s", secret.Name, name),
					"nqd cannot make secrets yet: until `nqd secrets` exists, "+off(c, id))
			}
		}
	}
	return d.Err()
}
