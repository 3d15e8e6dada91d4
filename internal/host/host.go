// Package host is what the user wants of one machine: the file hosts/<name>/host.toml, read so
// strictly that Nix, which reads it with builtins.fromTOML, cannot read anything else.
package host

import (
	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// Host is a host file. Its fields stand in the order in which Format writes them; their comment
// tags are the comments that it writes.
type Host struct {
	Version  int64                     `toml:"version" comment:"What this machine should be: read by nqd and by Nix, yours to edit."`
	Preset   string                    `toml:"preset" comment:"A named set of features; [features.*] adds to it or takes away."`
	Host     Identity                  `toml:"host"`
	User     User                      `toml:"user"`
	Users    map[string]Account        `toml:"users,omitempty"`
	Features map[string]map[string]any `toml:"features"`
	Flatpak  Flatpak                   `toml:"flatpak"`
	Packages Packages                  `toml:"packages"`
	Build    Build                     `toml:"build"`

	document *document.Document
}

// Identity is the table [host].
type Identity struct {
	Name         string `toml:"name"`
	System       string `toml:"system"`
	Release      string `toml:"release"`
	Timezone     string `toml:"timezone"`
	Locale       string `toml:"locale"`
	Keymap       string `toml:"keymap"`
	StateVersion string `toml:"state_version" comment:"The release that the data of this machine began with: never to be changed."`
}

// User is the table [user]: whose machine it is, always an administrator. An empty text means that
// there is none.
type User struct {
	Name     string `toml:"name"`
	FullName string `toml:"full_name"`
	GitName  string `toml:"git_name"`
	GitEmail string `toml:"git_email"`
	GitHub   string `toml:"github"`
	Editor   string `toml:"editor"`
}

// Account is a table [users.<name>]: somebody else with an account. An empty text means that there
// is none.
type Account struct {
	FullName string `toml:"full_name"`
	GitName  string `toml:"git_name"`
	GitEmail string `toml:"git_email"`
	GitHub   string `toml:"github"`
	Editor   string `toml:"editor"`
	Admin    bool   `toml:"admin"` // may become root
}

// Flatpak is the table [flatpak].
type Flatpak struct {
	Apps []string `toml:"apps"`
}

// Packages is the table [packages].
type Packages struct {
	AllowUnfree []string `toml:"allow_unfree" comment:"Names of packages, not a blanket yes."`
}

// Build is the table [build].
type Build struct {
	Compile string `toml:"compile" comment:"never, small or always: what may be compiled when no cache has it."`
}

// Default is the host file of a machine whose user was not asked anything. Its names are
// NixOS's own defaults; init puts what it detects in their place.
func Default() Host {
	return Host{
		Version: 1,
		Preset:  "ai-workstation",
		Host: Identity{
			Name:         "nixos",
			System:       "x86_64-linux",
			Release:      "26.05",
			Timezone:     "UTC",
			Locale:       "en_US.UTF-8",
			Keymap:       "us",
			StateVersion: "26.05",
		},
		User:     User{Name: "nixos"},
		Users:    map[string]Account{},
		Features: map[string]map[string]any{},
		Flatpak:  Flatpak{Apps: []string{}},
		Packages: Packages{AllowUnfree: []string{}},
		Build:    Build{Compile: "small"},
	}
}

// Enabled lists the features that are on for this host, sorted.
func (h *Host) Enabled(c *catalog.Catalog) []string {
	chosen := map[string]bool{}
	for id, options := range h.Features {
		if on, said := options["enable"].(bool); said {
			chosen[id] = on
		}
	}
	return c.Enabled(h.Preset, chosen)
}

// Option is the value of an option of a feature: the host file's, or else the catalog's default.
// A list is a []string.
func (h *Host) Option(c *catalog.Catalog, feature, name string) any {
	if value, said := h.Features[feature][name]; said {
		return value
	}
	return typed(c.Features[feature].Options[name].Default)
}

// Reading is the host file as nqd read it, of the types that encoding/json decodes into except
// that whole numbers are int64. It is nil for a Host that was not parsed.
func (h *Host) Reading() any {
	if h.document == nil {
		return nil
	}
	return h.document.Tree
}

// typed turns the list that a TOML decoder delivers into a []string; Mismatch saw to its elements.
func typed(value any) any {
	list, ok := value.([]any)
	if !ok {
		return value
	}
	texts := make([]string, len(list))
	for i, element := range list {
		texts[i] = element.(string)
	}
	return texts
}
