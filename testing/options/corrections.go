package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/prose"
	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

// A Correction is what is known better than the facts, or in addition. Its fields take the place of the entry's.
type Correction struct {
	table.Entry
	As      written  `json:"type"`    // in place of the entry's own
	Why     string   `json:"why"`     // what the facts lack, and how this is known
	Drop    bool     `json:"drop"`    // there is no such option, or a module declares it and all below
	Without []string `json:"without"` // "default": a module declares it
}

// written is a type as a module writes it, or as it stands in the table.
type written struct{ *table.Type }

func (w *written) UnmarshalJSON(data []byte) (err error) {
	var text string
	if json.Unmarshal(data, &text) == nil {
		w.Type, err = prose.Constructors(text)
		return err
	}
	return json.Unmarshal(data, &w.Type)
}

func readCorrections(data []byte) (map[string]Correction, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var all map[string]Correction
	err := decoder.Decode(&all)
	for name, c := range all {
		c.Type = c.As.Type
		all[name] = c
	}
	return all, err
}

// correct applies corrections to a table that is not nested yet.
func correct(flat table.Table, corrections map[string]Correction) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(corrections)) {
		c := corrections[name]
		if c.Why == "" {
			problems = append(problems, fmt.Errorf("%s: a correction without `why`", name))
		}
		if c.Drop {
			before := len(flat)
			maps.DeleteFunc(flat, func(other string, _ table.Variants) bool { return other == name || strings.HasPrefix(other, name+".") })
			if len(flat) == before {
				problems = append(problems, fmt.Errorf("%s: nothing to drop", name))
			}
			continue
		}
		flat[name] = c.applied(flat[name])
	}
	return errors.Join(problems...)
}

func (c Correction) applied(variants table.Variants) table.Variants {
	if c.Type == nil && (c.Renamed != "" || c.Removed != "") {
		return table.Variants{c.Entry}
	}
	if !typed(variants) {
		entry := c.Entry
		if len(variants) > 0 && entry.Until == "" {
			entry.Until = variants[0].Since
		}
		return append(table.Variants{entry}, variants...)
	}
	variants = slices.Clone(variants)
	for i := range variants {
		if variants[i].Type != nil {
			c.change(&variants[i])
		}
	}
	return variants
}

// change puts what is said into ENTRY.
func (c Correction) change(entry *table.Entry) {
	if c.Type != nil {
		entry.Type = c.Type.Clone()
	}
	if c.Default != nil || c.DefaultPackage != "" || slices.Contains(c.Without, "default") {
		entry.Default, entry.DefaultPackage = c.Default, c.DefaultPackage
	}
	for to, from := range map[*string]string{&entry.Since: c.Since, &entry.Until: c.Until, &entry.Src: c.Src} {
		if from != "" {
			*to = from
		}
	}
	entry.Internal = entry.Internal || c.Internal
	entry.ReadOnly = entry.ReadOnly || c.ReadOnly
	if c.Visible != nil {
		entry.Visible = c.Visible
	}
}
