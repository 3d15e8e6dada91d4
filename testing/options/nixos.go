package main

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/prose"
	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

// A fact is an option of NixOS as it was read in a module or in the release notes.
type fact struct {
	Option  string
	Type    string // as a module writes it, or a sentence
	Default json.RawMessage
	Note    string
	Src     string
}

// nixos makes entries of the facts about NixOS. SPELLINGS are the types that are told in prose, written as a module does.
func nixos(facts []fact, spellings map[string]string) table.Table {
	flat := table.Table{}
	for _, f := range facts {
		flat[f.Option] = table.Variants{f.entry(spellings)}
	}
	return flat
}

func (f fact) entry(spellings map[string]string) table.Entry {
	if to, ok := strings.CutPrefix(f.Type, "renamed to "); ok {
		return table.Entry{Since: goneSince(f.Note), Renamed: to, Src: f.Src}
	}
	if f.Type == "removed" {
		return table.Entry{Since: goneSince(f.Note), Removed: instead(f.Note), Src: f.Src}
	}
	spelling, ok := spellings[f.Type]
	if !ok {
		spelling = f.Type
	}
	t, err := prose.Constructors(spelling)
	if err != nil {
		t = &table.Type{Kind: "raw", Prose: f.Type}
	}
	entry := table.Entry{Since: newSince(f.Note), Type: t, Src: f.Src}
	entry.SetDefault(f.Default)
	return entry
}

var (
	goneIn = regexp.MustCompile(`\b(26\.11)\b`)
	newIn  = regexp.MustCompile(`(?i)(?:\bnew in |^exists since )(\d\d\.\d\d)|(?:^|[;,(] ?)(\d\d\.\d\d)\+(?:$|[),:;]| form)|^(\d\d\.\d\d)$`)
	leads  = regexp.MustCompile(`^(?:since |removed )?(\d\d\.\d\d)(?: direction)?(?:[:;,] *| +|$)`)
	isName = regexp.MustCompile(`^[a-z][A-Za-z0-9]*(?:\.[\w<>-]+)+$`)
)

// goneSince is the release that has an old name no more, where it is one of those that matter here.
func goneSince(note string) string {
	if found := goneIn.FindStringSubmatch(note); found != nil {
		return found[1]
	}
	return ""
}

// newSince is the first release that has an option, where a note tells.
func newSince(note string) string {
	for _, release := range append(newIn.FindStringSubmatch(note), "", "", "", "")[1:4] {
		if release != "" {
			return release
		}
	}
	return ""
}

// instead makes a sentence of a note about an option that is gone.
func instead(note string) string {
	text := leads.ReplaceAllString(note, "")
	release := leads.FindStringSubmatch(note)
	switch {
	case text == "" && release != nil:
		return "It was removed in " + release[1] + "."
	case text == "":
		return "It has no successor."
	case isName.MatchString(text):
		return "Use `" + text + "' instead."
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
}
