package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
)

const featuresIntro = `# Features

What can be switched on in ` + "`hosts/<name>/host.toml`" + `, and what each costs: what runs, what is downloaded once a
deployment is committed, what data is kept, and what is not free. All keys of the file are in [options.md](options.md).
This page is written by ` + "`make docs`" + ` out of ` + "`nixlib/features/*/feature.toml` and `nixlib/presets.toml`" + `.

## Presets

A preset is a named set of features; ` + "`[features.*]`" + ` in the host file adds to it or takes away.

`

// features is the page of all features.
func features(c *catalog.Catalog) string {
	var b strings.Builder
	b.WriteString(featuresIntro)
	rows := [][]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Presets)) {
		preset := c.Presets[name]
		title := code(name)
		if name == catalog.DefaultPreset {
			title += " (where none is named)"
		}
		rows = append(rows, []string{title, preset.Summary, links(preset.Features)})
	}
	b.WriteString(table([]string{"preset", "what it makes", "features"}, rows))

	b.WriteString("\n## All features\n\n")
	rows = nil
	for _, id := range slices.Sorted(maps.Keys(c.Features)) {
		feature := c.Features[id]
		rows = append(rows, []string{links([]string{id}), feature.Category, feature.Summary})
	}
	b.WriteString(table([]string{"feature", "category", "what it is"}, rows))

	for _, id := range slices.Sorted(maps.Keys(c.Features)) {
		b.WriteString(section(c, id))
	}
	return b.String()
}

// section is what there is to say about one feature.
func section(c *catalog.Catalog, id string) string {
	feature := c.Features[id]
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\n**%s.** %s.\n\n", id, feature.Title, feature.Summary)

	var rows [][]string
	add := func(what string, values ...string) {
		if text := strings.Join(values, ", "); text != "" {
			rows = append(rows, []string{what, text})
		}
	}
	add("category", feature.Category)
	add("on", switched(c, id))
	if len(feature.Units) == 0 {
		add("runs", "nothing of its own")
	}
	add("runs", codes(feature.Units)...)
	add("downloads after the commit", codes(feature.LateUnits)...)
	add("keeps data", each(feature.State, state)...)
	add("unfree", codes(feature.Unfree)...)
	add("installs", codes(feature.Packages)...)
	if feature.Needs.MemoryMB > 0 {
		add("wants memory", fmt.Sprintf("%d MiB, for %s", feature.Needs.MemoryMB, feature.Needs.For))
	}
	add("listens on", ports(feature)...)
	add("is checked", each(feature.Checks, check)...)
	add("needs", links(feature.Requires))
	add("excludes", relations(c, feature.Conflicts))
	add("needs the secret", each(feature.Secrets, secret)...)
	add("NixOS", releases(feature))
	add("only on", codes(feature.Systems)...)
	b.WriteString(table([]string{"", ""}, rows))

	if len(feature.Options) > 0 {
		b.WriteString("\n" + optionTable(feature.Options))
	}
	return b.String()
}

// switched says what switches the feature on.
func switched(c *catalog.Catalog, id string) string {
	if c.Features[id].Always {
		return "always"
	}
	var in []string
	for _, name := range slices.Sorted(maps.Keys(c.Presets)) {
		if slices.Contains(c.Presets[name].Features, id) {
			in = append(in, code(name))
		}
	}
	if len(in) == 0 {
		return "in no preset"
	}
	return "in " + strings.Join(in, ", ")
}

func state(s catalog.State) string {
	text := code(s.Path) + " (" + s.Kind
	if s.Migrates {
		text += "; a newer version changes it so that an older one may not read it"
	}
	return text + ")"
}

func secret(s catalog.Secret) string { return code(s.Name) + " (" + s.Doc + ")" }

func ports(feature *catalog.Feature) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(feature.Ports)) {
		port := feature.Ports[name]
		text := fmt.Sprintf("%s port %v (%s", port.Protocol, feature.Options[port.Option].Default, name)
		if port.Web {
			text += "; for browsers"
		}
		if port.Metrics != "" {
			text += "; metrics at " + code(port.Metrics)
		}
		list = append(list, text+")")
	}
	return list
}

func check(k catalog.Check) string {
	what := map[string]string{
		"http":    fmt.Sprintf("%s of %s answers %d", code(k.Path), k.Port, k.Status),
		"tcp":     k.Port + " accepts connections",
		"unit":    code(k.Unit) + " runs",
		"command": code(strings.Join(k.Argv, " ")) + " succeeds",
		"gpu":     "question " + code(k.Question) + " of `nqd gpu`",
	}[k.Kind]
	if k.Critical {
		what += " (or the deployment is taken back)"
	}
	return what
}

// relations names features, which need not exist here.
func relations(c *catalog.Catalog, ids []string) string {
	var known, other []string
	for _, id := range ids {
		if c.Features[id] != nil {
			known = append(known, id)
		} else {
			other = append(other, code(id))
		}
	}
	return strings.Join(slices.DeleteFunc([]string{links(known), strings.Join(other, ", ")}, empty), ", ")
}

func releases(feature *catalog.Feature) string {
	var list []string
	if feature.Since != "" {
		list = append(list, "from "+feature.Since+" on")
	}
	if feature.Until != "" {
		list = append(list, "before "+feature.Until)
	}
	return strings.Join(list, ", ")
}
