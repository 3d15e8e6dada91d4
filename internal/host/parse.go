package host

import (
	"cmp"
	"fmt"
	"os"

	"github.com/pelletier/go-toml/v2"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// Parse reads a host file. Its error is document.Errors: all that is wrong, sorted by line.
func Parse(name string, data []byte, c *catalog.Catalog) (*Host, error) {
	d := file{document.Read(name, data)}
	if d.Tree != nil {
		d.check(c, true)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	h := &Host{document: d.Document}
	if err := toml.Unmarshal(data, h); err != nil {
		return nil, fmt.Errorf("%s: the schema let through what Host cannot hold: %w", name, err)
	}
	h.complete()
	// Only now: these need every feature's options to be right.
	d.checkEnabled(h, c)
	d.checkPorts(h, c)
	if err := d.Err(); err != nil {
		return nil, err
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
	if h.Users == nil {
		h.Users = map[string]Account{}
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
