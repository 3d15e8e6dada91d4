package setup

import (
	"maps"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/host"
)

// Host is the host that the proposal makes. It is not held against the rules yet: Format does.
func (p Proposal) Host() host.Host {
	h := host.Default()
	texts := map[string]*string{
		"preset": &h.Preset, "host.name": &h.Host.Name, "host.system": &h.Host.System, "host.release": &h.Host.Release,
		"host.timezone": &h.Host.Timezone, "host.locale": &h.Host.Locale, "host.keymap": &h.Host.Keymap,
		stateVersion: &h.Host.StateVersion, "user.name": &h.User.Name, "user.full_name": &h.User.FullName,
		"user.git_name": &h.User.GitName, "user.git_email": &h.User.GitEmail, "user.github": &h.User.GitHub,
		"user.editor": &h.User.Editor, "build.compile": &h.Build.Compile,
	}
	for _, said := range slices.Backward(p.said) { // what counts most comes last, and stays
		maps.Copy(h.Users, said.Users)
		for id, options := range said.Features {
			if h.Features[id] == nil {
				h.Features[id] = map[string]any{}
			}
			maps.Copy(h.Features[id], options)
		}
		h.Flatpak.Apps = add(h.Flatpak.Apps, said.Apps...)
		h.Packages.AllowUnfree = add(h.Packages.AllowUnfree, said.Unfree...)
	}
	for _, setting := range p.Settings {
		if to := texts[setting.Key]; to != nil {
			*to = setting.Value
		} else if id, name, ok := ofFeature(setting.Key); ok {
			setOption(h.Features, id, name, setting)
		}
	}
	for _, id := range p.found.Decision.Features() {
		if p.Value("features."+id+".enable") == Yes {
			h.Packages.AllowUnfree = add(h.Packages.AllowUnfree, p.unfree(id)...)
		}
	}
	return h
}

// setOption puts a setting into the table of its feature. What is empty stays out, unless somebody said so.
func setOption(tables map[string]map[string]any, id, name string, setting Setting) {
	if setting.Value == "" && !setting.Said {
		delete(tables[id], name)
		return
	}
	var value any = setting.Value
	if name == "enable" {
		value = setting.Value == Yes
	} else if setting.Key == formatsKey {
		value = append([]string{}, list(setting.Value)...)
	}
	if tables[id] == nil {
		tables[id] = map[string]any{}
	}
	tables[id][name] = value
}

// add appends what is not there yet.
func add(list []string, more ...string) []string {
	for _, one := range more {
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}

// unfree are the packages that are allowed with a feature which a graphics card asks for: those that its feature.toml
// names. What none of these features names goes with the first that has unfree packages at all.
func (p Proposal) unfree(id string) []string {
	var names []string
	for _, name := range p.found.Decision.Unfree() {
		if p.owner(name) == id {
			names = append(names, name)
		}
	}
	return names
}

// owner is the feature that the consent to an unfree package belongs to.
func (p Proposal) owner(name string) string {
	features := p.found.Decision.Features()
	first := ""
	for _, id := range features {
		feature := p.known.Features[id]
		if feature == nil {
			continue
		}
		if slices.Contains(feature.Unfree, name) {
			return id
		}
		if first == "" && len(feature.Unfree) > 0 {
			first = id
		}
	}
	return first
}
