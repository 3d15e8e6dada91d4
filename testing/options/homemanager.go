package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/prose"
	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

// A declaration is an option of Home Manager as its modules declare it, evaluated.
type declaration struct {
	Type     string // in the words of nixpkgs
	Default  json.RawMessage
	Internal bool
	ReadOnly bool
}

// A successor is what became of an option of Home Manager.
type successor struct {
	To  string   // the new name, if there is one
	See []string // options that serve instead
}

// homeFacts are the facts about Home Manager.
type homeFacts struct {
	older, newer, hidden map[string]declaration
	renamed              map[string]successor
	// codes tell by one letter for each release what a name is there.
	codes map[string]string
}

// The releases of the tables are the last two of those that the facts know.
const (
	olderColumn = 3
	newerColumn = 4
)

// entries makes entries of the facts: one where both releases agree, one for each where they do not.
func (h homeFacts) entries(spellings map[string]string) table.Table {
	flat := table.Table{}
	for name := range h.codes {
		older, hasOlder := h.entry(name, olderColumn, h.older, spellings)
		newer, hasNewer := h.entry(name, newerColumn, h.newer, spellings)
		if hasOlder && hasNewer && table.Same(older, newer) {
			flat[name] = table.Variants{newer}
			continue
		}
		older.Until, newer.Since = table.Newer, table.Newer
		if hasOlder {
			flat[name] = append(flat[name], older)
		}
		if hasNewer {
			flat[name] = append(flat[name], newer)
		}
	}
	return flat
}

// entry is an option as the release of COLUMN has it, if it does.
func (h homeFacts) entry(name string, column int, declared map[string]declaration, spellings map[string]string) (table.Entry, bool) {
	const src = "evaluated"
	switch h.codes[name][column] {
	case 'v', 'h':
		d, ok := declared[name]
		if !ok {
			d, ok = h.hidden[name]
		}
		if !ok {
			return table.Entry{}, false
		}
		t, err := prose.Description(d.Type, spellings)
		if err != nil {
			t = &table.Type{Kind: "raw", Prose: d.Type}
		}
		entry := table.Entry{Type: t, Internal: d.Internal, ReadOnly: d.ReadOnly, Src: src}
		entry.SetDefault(d.Default)
		return entry, true
	case 'r':
		if to := h.newName(name, column); to != "" {
			return table.Entry{Renamed: to, Src: src}, true
		}
		return table.Entry{Removed: h.successor(name).sentence(), Src: src}, true
	case 'x':
		return table.Entry{Removed: h.successor(name).sentence(), Src: src}, true
	}
	return table.Entry{}, false
}

// newName is what NAME became in the release of COLUMN. The facts know the newest name, which may have had another one.
func (h homeFacts) newName(name string, column int) string {
	to := h.successor(name).To
	if codes := h.codes[to]; codes == "" || codes[column] != '-' {
		return to
	}
	for _, between := range slices.Sorted(maps.Keys(h.codes)) {
		if codes := h.codes[between]; codes[column] == 'v' && codes[newerColumn] == 'r' && h.successor(between).To == to {
			return between
		}
	}
	return ""
}

// successor is what became of NAME, or of a set of options that it belongs to.
func (h homeFacts) successor(name string) successor {
	for prefix := name; prefix != ""; prefix = prefix[:max(strings.LastIndex(prefix, "."), 0)] {
		if to, ok := h.renamed[prefix]; ok {
			if to.To != "" {
				to.To += strings.TrimPrefix(name, prefix)
			}
			return to
		}
	}
	return successor{}
}

func (s successor) sentence() string {
	if s.To != "" {
		s.See = []string{s.To}
	}
	if len(s.See) == 0 {
		return "It has no successor."
	}
	return fmt.Sprintf("Use `%s' instead.", strings.Join(s.See, "' or `"))
}
