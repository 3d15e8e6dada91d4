// Package setup makes a host out of what a machine is, what was decided for it and what its user says. It writes nothing and
// asks nobody: what it makes are a form, and the host file of the answers.
package setup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/adopt"
	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
)

// Found is what a machine is, and what was decided for it.
type Found struct {
	Facts    facts.Facts
	Decision gpu.Decision
	Adoption adopt.Adoption
	Git      Identity
	// Editor is that of its user; EditorFrom says how that is known.
	Editor, EditorFrom string
	// Zones are the time zones that the machine has files of; none where it does not tell.
	Zones []string
}

// Said is what somebody says of a host. What is not there is not said.
type Said struct {
	// From is who says it, in a few words.
	From string
	// Texts are by the dotted keys of host.toml.
	Texts        map[string]string
	Users        map[string]host.Account
	Features     map[string]map[string]any
	Apps, Unfree []string
}

// Answers is what an answers file says, which has the keys of host.toml and needs none of them.
func Answers(file string, data []byte, known *catalog.Catalog) (Said, error) {
	part, err := host.ParsePart(file, data, known)
	if err != nil {
		return Said{}, err
	}
	said := Said{
		From: file, Texts: map[string]string{}, Users: part.Host.Users, Features: part.Host.Features,
		Apps: part.Host.Flatpak.Apps, Unfree: part.Host.Packages.AllowUnfree,
	}
	for _, key := range host.Texts() {
		if text, there := part.Text(key); there {
			said.Texts[key] = text
		}
	}
	return said, nil
}

// Setting is one value, and where it is from.
type Setting struct {
	Key         string
	Value, From string
	// Said says that somebody gave it, and that it need not be asked for.
	Said bool
}

// Warning is something that a person should know, and what to do about it.
type Warning struct {
	Text, Cure string
	key        string // of the setting that it is about; empty where it is about none
}

// Proposal is a host with the reason of each of its values.
type Proposal struct {
	Settings []Setting
	Warnings []Warning
	found    Found
	said     []Said // the first counts most
	known    *catalog.Catalog
}

// Propose makes a host of what was found. What was said counts more, the earlier the more.
func Propose(known *catalog.Catalog, found Found, said ...Said) Proposal {
	p := Proposal{found: found, said: said, known: known}
	found.Facts.Release = supported(found.Facts.Release) // p has the one that runs
	offers := append(detected(found), p.locale()...)
	for _, id := range found.Decision.Features() { // first, where the page shows them: there is consent in them
		p.Settings = append(p.Settings, p.card(id))
	}
	for _, offer := range offers {
		p.Settings = append(p.Settings, p.choose(offer))
	}
	for _, text := range found.Decision.Warnings {
		p.Warnings = append(p.Warnings, Warning{Text: text})
	}
	p.warnAboutRelease()
	return p
}

// offer is a value that the machine has for a key, or else the default.
type offer struct {
	key, value, from string
	fallback         string // where the machine says nothing that can be taken
}

// choose takes what was said, or what was found where it can be taken, or the default.
func (p *Proposal) choose(o offer) Setting {
	if said, ok := p.text(o.key); ok {
		return said
	}
	if o.value != "" {
		err := check(o.key, o.value)
		if err == nil {
			return Setting{Key: o.key, Value: o.value, From: o.from}
		}
		p.Warnings = append(p.Warnings, Warning{
			Text: fmt.Sprintf("%s: what the machine has cannot be taken: %v", o.key, err), Cure: "say what it should be in host.toml",
			key: o.key,
		})
	}
	return Setting{Key: o.key, Value: o.fallback, From: unless(o.fallback == "", "default")}
}

// text is what was said for a key with one text: of host.toml, or of a feature.
func (p *Proposal) text(key string) (Setting, bool) {
	for _, said := range p.said {
		if value, ok := said.Texts[key]; ok {
			return Setting{Key: key, Value: value, From: said.From, Said: true}, true
		}
		if id, name, ok := ofFeature(key); ok {
			if value, ok := said.Features[id][name].(string); ok {
				return Setting{Key: key, Value: value, From: said.From, Said: true}, true
			}
			if values, ok := said.Features[id][name].([]string); ok {
				return Setting{Key: key, Value: strings.Join(values, ", "), From: said.From, Said: true}, true
			}
		}
	}
	return Setting{}, false
}

// card is whether the feature that a graphics card asks for is on.
func (p *Proposal) card(id string) Setting {
	key := "features." + id + ".enable"
	for _, said := range p.said {
		if on, ok := said.Features[id]["enable"].(bool); ok {
			return Setting{Key: key, Value: yesNo(on), From: said.From, Said: true}
		}
	}
	return Setting{Key: key, Value: Yes, From: "a graphics card of this machine"}
}

// Value is that of the setting; empty where there is none.
func (p Proposal) Value(key string) string {
	i := slices.IndexFunc(p.Settings, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return ""
	}
	return p.Settings[i].Value
}

// Correct is the proposal with the answers of a person in it. Those to other keys are not looked at.
func (p Proposal) Correct(answers map[string]string) Proposal {
	p.Settings = slices.Clone(p.Settings)
	for i, setting := range p.Settings {
		if value, ok := answers[setting.Key]; ok && value != setting.Value {
			p.Settings[i].Value, p.Settings[i].From = value, "you"
			p.Warnings = slices.DeleteFunc(slices.Clone(p.Warnings), func(w Warning) bool { return w.key == setting.Key })
		}
	}
	return p
}

// Assumed says that the release which the machine was installed with is a guess that nobody corrected.
func (p Proposal) Assumed() bool {
	i := slices.IndexFunc(p.Settings, func(s Setting) bool { return s.Key == stateVersion })
	return p.Settings[i].From == assumed || p.Settings[i].From == "default"
}

// The values of a question that is answered with yes or no.
const (
	Yes = "yes"
	No  = "no"
)

func yesNo(on bool) string { return unless(!on, Yes) + unless(on, No) }

// unless is the text, or nothing where not is true.
func unless(not bool, text string) string {
	if not {
		return ""
	}
	return text
}
