package setup

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard"
)

// AdoptKey is the question whether the machine's own configuration is taken over, and where it cannot be, whether to go on
// without it.
const AdoptKey = "adopt"

// titles are what the settings are called on the page, by their keys.
var titles = map[string]string{
	"user.git_name": "Your name, for git", "user.git_email": "Your e-mail address, for git", "user.editor": "Editor",
	"preset": "Preset", "host.name": "Host name", "host.timezone": "Time zone", "host.locale": "Language",
	"host.keymap": "Console keymap", "user.name": "User", "user.full_name": "Full name", "user.github": "GitHub name",
	"host.release": "NixOS release", stateVersion: "Installed with release", "host.system": "Platform",
	formatKey: "Formats", formatsKey: "Single formats", layoutKey: "Keyboard", variantKey: "Keyboard variant",
	optionsKey: "Keyboard options",
}

// asked are the settings that are questions, in their order: name and address are one to whoever answers.
func asked() []string { return []string{"user.git_name", "user.git_email", "user.editor", "preset"} }

// Form asks for what nobody said, and shows the rest for correction. Where the workspace is to be is told; adopt says
// whether it is asked if the machine's own configuration is taken over.
func (p Proposal) Form(workspace string, adopt bool) wizard.Form {
	form := wizard.Form{
		Title: "nqd init", Found: p.summary(), Confirm: fmt.Sprintf("Write the workspace %s?", workspace),
	}
	for _, setting := range p.Settings {
		switch field := p.field(setting); {
		case field.Title == "":
		case slices.Contains(asked(), setting.Key) && !setting.Said:
			form.Questions = append(form.Questions, field)
		default:
			form.Settings = append(form.Settings, field)
		}
	}
	if adopt && p.found.Adoption.From != "" {
		form.Questions = append(form.Questions, p.adoption())
	}
	return form
}

// field is one setting as it is asked; it has no title where the page has no place for it.
func (p Proposal) field(s Setting) wizard.Field {
	field := wizard.Field{Key: s.Key, Title: titles[s.Key], Value: s.Value, From: s.From}
	field.Check = func(value string) error { return check(s.Key, value) }
	switch id, name, _ := ofFeature(s.Key); {
	case s.Value == "" && slices.Contains([]string{formatsKey, variantKey, optionsKey}, s.Key):
		field.Title = "" // few have any: who wants one writes host.toml
	case s.Key == "preset":
		field.Help = s.From
		for _, name := range slices.Sorted(maps.Keys(p.known.Presets)) {
			field.Choices = append(field.Choices, wizard.Choice{Value: name, Title: name + ": " + p.known.Presets[name].Summary})
		}
	case s.Key == "user.editor":
		field.Choices = p.editors(s.Value)
	case s.Key == "host.timezone" && len(p.found.Zones) > 0:
		field.Choices = zoneChoices(p.found.Zones, s.Value)
	case s.Key == formatKey:
		field.Help = "of dates, numbers and money: a locale, or empty for that of the language"
	case s.Key == layoutKey:
		field.Help = "of the desktop: empty for that of the console"
	case s.Key == "user.git_email":
		field.Help = "empty for none: git asks then"
	case name == "enable":
		field.Title = p.featureTitle(id)
		field.Choices = yesOrNo("switch it on", "leave it off")
		field.Help = "unfree packages are allowed by these names"
	default:
		for _, value := range host.Choices(s.Key) {
			field.Choices = append(field.Choices, wizard.Choice{Value: value, Title: value})
		}
	}
	return field
}

// featureTitle names a feature for a graphics card, and the unfree packages that are allowed with it.
func (p Proposal) featureTitle(id string) string {
	title := id
	if feature := p.known.Features[id]; feature != nil {
		title = feature.Title
	}
	if names := p.unfree(id); len(names) > 0 {
		title += ", with the unfree packages " + strings.Join(names, ", ")
	}
	return title
}

// editors are the choices; the one that was found is one of them.
func (p Proposal) editors(found string) []wizard.Choice {
	var choices []wizard.Choice
	for _, e := range editors {
		choices = append(choices, wizard.Choice{Value: e.name, Title: e.title})
	}
	if found != "" && !slices.ContainsFunc(choices, func(c wizard.Choice) bool { return c.Value == found }) {
		choices = append(choices, wizard.Choice{Value: found, Title: found})
	}
	return append(choices, wizard.Choice{Value: "", Title: "none of these: programs choose for themselves"})
}

// zoneChoices are the zones, and the one that is set.
func zoneChoices(zones []string, set string) []wizard.Choice {
	var choices []wizard.Choice
	for _, zone := range slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(zones), set)))) {
		choices = append(choices, wizard.Choice{Value: zone, Title: zone})
	}
	return choices
}

func yesOrNo(yes, no string) []wizard.Choice {
	return []wizard.Choice{{Value: Yes, Title: "yes, " + yes}, {Value: No, Title: "no, " + no}}
}

// adoption is the question about the machine's own configuration.
func (p Proposal) adoption() wizard.Field {
	from := p.found.Adoption.From
	field := wizard.Field{Key: AdoptKey, Value: Yes}
	if p.found.Adoption.Possible() {
		field.Title = fmt.Sprintf("Take over %s (%d files)?", from, len(p.found.Adoption.Files))
		field.Help = "boot loader, users and services stay as they are there"
		field.Choices = yesOrNo("copy them into the workspace", "only the hardware configuration")
		return field
	}
	field.Title = from + " cannot be taken over as it is. Go on without it?"
	field.Help = "or correct the file first, and run nqd init again"
	field.Choices = yesOrNo("only with the hardware configuration", "write nothing")
	return field
}

// summary is what is shown before the questions.
func (p Proposal) summary() []string {
	f := p.found.Facts
	parts := []string{f.System}
	for _, part := range []struct {
		there bool
		text  string
	}{
		{f.CPUs > 0, fmt.Sprintf("%d processors", f.CPUs)},
		{f.MemoryMB > 0, fmt.Sprintf("%.1f GiB of memory", float64(f.MemoryMB)/1024)},
		{f.Firmware != "", "firmware " + f.Firmware},
		{f.BootLoader != "", "boot loader " + f.BootLoader},
		{f.Encrypted, "encrypted"},
	} {
		if part.there {
			parts = append(parts, part.text)
		}
	}
	lines := []string{"This machine: " + strings.Join(parts, ", ")}
	for _, card := range p.found.Decision.Cards {
		name := card.Name
		if name == "" {
			name = card.Vendor + " " + card.ID
		}
		lines = append(lines, fmt.Sprintf("Graphics %s: %s", name, card.Decision))
	}
	if compute := p.found.Decision.Compute; compute != "" {
		lines = append(lines, "Local models run on: "+compute)
	}
	for _, id := range p.found.Decision.Features() {
		if names := p.unfree(id); len(names) > 0 && p.Value("features."+id+".enable") == Yes {
			lines = append(lines, fmt.Sprintf("Unfree, and allowed by name with %s: %s. Settings can switch it off.",
				p.known.Features[id].Title, strings.Join(names, ", ")))
		}
	}
	for _, warning := range p.Warnings {
		lines = append(lines, "Note: "+warning.Text)
	}
	for _, finding := range p.found.Adoption.Findings {
		place := finding.File
		if finding.Line > 0 {
			place = fmt.Sprintf("%s:%d", finding.File, finding.Line)
		}
		lines = append(lines, fmt.Sprintf("%s: %s", place, finding.Text), "  cure: "+finding.Cure)
	}
	return lines
}
