package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
)

const optionsIntro = `# host.toml

All keys of ` + "`hosts/<name>/host.toml`" + `. nqd and Nix read the same file, and nqd refuses what Nix would read otherwise. What
the features do is in [features.md](features.md). This page is written by ` + "`make docs`" + ` out of ` + "`internal/host`" + ` and
` + "`nixlib/features/*/feature.toml`" + `.
`

// options is the page of all keys of the host file.
func options(c *catalog.Catalog) string {
	var b strings.Builder
	b.WriteString(optionsIntro)
	heading := ""
	var rows [][]string
	flush := func(next string) {
		if heading != "" {
			fmt.Fprintf(&b, "\n## %s\n\n", plain(heading))
			b.WriteString(table([]string{"key", "type", "must be there", "what it says"}, rows))
		}
		heading, rows = next, nil
	}
	for _, key := range host.Keys() {
		title, name := "At the top", key.Path
		if i := strings.LastIndex(key.Path, "."); i >= 0 {
			title, name = "["+key.Path[:i]+"]", key.Path[i+1:]
		}
		if title != heading {
			flush(title)
		}
		must := "no"
		if key.Required {
			must = "yes"
		}
		rows = append(rows, []string{code(name), typeOf(key.Option), must, key.Option.Doc})
	}
	flush("")

	b.WriteString("\n## " + plain("[features.<id>]") + "\n\nThe features by their names. What is left out has its default.\n")
	for _, id := range slices.Sorted(maps.Keys(c.Features)) {
		keys := host.KeysOf(c.Features[id])
		if len(keys) > 0 {
			fmt.Fprintf(&b, "\n### [features.%s]\n\n%s", id, optionTable(keys))
		}
	}
	return b.String()
}

// optionTable has `enable` first, then the others by their names.
func optionTable(options map[string]catalog.Option) string {
	var rows [][]string
	names := slices.SortedFunc(maps.Keys(options), func(a, b string) int {
		switch {
		case a == "enable":
			return -1
		case b == "enable":
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		option := options[name]
		rows = append(rows, []string{code(name), typeOf(option), value(option.Default), option.Doc})
	}
	return table([]string{"option", "type", "default", "what it says"}, rows)
}

// typeOf puts the type of an option into words.
func typeOf(o catalog.Option) string {
	switch {
	case o.Type == "enum":
		return "one of " + strings.Join(codes(o.Values), ", ")
	case o.Type == "int" && o.Min != nil && o.Max != nil:
		return fmt.Sprintf("whole number from %d to %d", *o.Min, *o.Max)
	case o.Type == "int" && o.Min != nil:
		return fmt.Sprintf("whole number from %d on", *o.Min)
	case o.Type == "int" && o.Max != nil:
		return fmt.Sprintf("whole number up to %d", *o.Max)
	}
	return map[string]string{
		"bool": "true or false", "int": "whole number", "port": "port", "str": "text", "listOf str": "list of texts",
	}[o.Type]
}

// value writes a default as TOML; a key without one is empty.
func value(v any) string {
	if v == nil {
		return ""
	}
	return code(toml(v))
}

func toml(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case []any:
		list := make([]string, len(v))
		for i, element := range v {
			list[i] = toml(element)
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	return fmt.Sprint(v)
}
