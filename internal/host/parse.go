package host

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
)

// Parse reads a host file. Its error is Errors: all that is wrong, sorted by line.
func Parse(file string, data []byte, c *catalog.Catalog) (*Host, error) {
	d := read(file, data)
	if d.tree != nil {
		d.check(c)
	}
	if len(d.errs) > 0 {
		return nil, d.sorted()
	}
	h := &Host{reading: d.tree}
	if err := toml.Unmarshal(data, h); err != nil {
		return nil, fmt.Errorf("%s: the schema let through what Host cannot hold: %w", file, err)
	}
	h.complete()
	if d.checkPorts(h, c); len(d.errs) > 0 {
		return nil, d.sorted()
	}
	return h, nil
}

// Load reads the host file at path.
func Load(path string, c *catalog.Catalog) (*Host, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err // names the file already
	}
	return Parse(path, data, c)
}

// complete gives every field that the file leaves out the value that its absence stands for, and
// every value of a feature its type.
func (h *Host) complete() {
	h.Preset = cmp.Or(h.Preset, catalog.DefaultPreset)
	h.Build.Compile = cmp.Or(h.Build.Compile, "small")
	for _, list := range []*[]string{&h.Flatpak.Apps, &h.Packages.AllowUnfree} {
		if *list == nil {
			*list = []string{}
		}
	}
	features := map[string]map[string]any{}
	for id, options := range h.Features {
		features[id] = map[string]any{}
		for name, value := range options {
			features[id][name] = typed(value)
		}
	}
	h.Features = features
}

// checkPorts refuses two enabled features on one port, at the place of the later one. It runs
// last: it needs every feature's options to be right.
func (d *document) checkPorts(h *Host, c *catalog.Catalog) {
	type claim struct {
		feature, path, protocol string
		number                  int64
		offset                  int
	}
	var claims []claim
	for _, id := range h.Enabled(c) {
		feature := c.Features[id]
		for _, name := range slices.Sorted(maps.Keys(feature.Ports)) {
			port := feature.Ports[name]
			path := join(join("features", id), port.Option)
			number := h.Option(c, id, port.Option).(int64)
			offset := d.place(path)
			if _, named := h.Features[id]; !named {
				offset = d.place("preset") // what switched it on
			}
			claims = append(claims, claim{id, path, port.Protocol, number, offset})
		}
	}
	slices.SortStableFunc(claims, func(a, b claim) int { return a.offset - b.offset })
	for i, later := range claims {
		for _, first := range claims[:i] {
			if first.number == later.number && first.protocol == later.protocol {
				d.refuse(later.offset, later.path,
					fmt.Sprintf("%s and %s both want %s port %d", later.feature, first.feature, later.protocol, later.number),
					fmt.Sprintf("give %s or %s another port", later.path, first.path))
				break
			}
		}
	}
}
