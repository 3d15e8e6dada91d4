// Package table holds options with their types, as lib/table.nix of the stand-in nixpkgs reads them.
package table

import (
	"bytes"
	"encoding/json"
)

// A Table is the options of a module, by their dotted names.
type Table map[string]Variants

// Variants are an option as each release has it: the entry that is current there counts.
type Variants []Entry

// An Entry is one option between two releases. Either it has a type, or it went: it has another name now, or none.
type Entry struct {
	Since          string          `json:"since,omitempty"` // the first release that has it
	Until          string          `json:"until,omitempty"` // the first that has it no more
	Type           *Type           `json:"type,omitempty"`
	Default        json.RawMessage `json:"default,omitempty"`
	DefaultPackage string          `json:"defaultPackage,omitempty"`
	Internal       bool            `json:"internal,omitempty"`
	ReadOnly       bool            `json:"readOnly,omitempty"`
	Visible        *bool           `json:"visible,omitempty"`
	Renamed        string          `json:"renamed,omitempty"`
	Removed        string          `json:"removed,omitempty"`
	Src            string          `json:"src,omitempty"`
}

// A Type is what lib/table.nix makes a type of: a kind and its arguments.
type Type struct {
	Kind        string            `json:"kind"`
	Of          Of                `json:"of,omitempty"`
	Values      []json.RawMessage `json:"values,omitempty"`
	Low         json.Number       `json:"low,omitempty"`
	High        json.Number       `json:"high,omitempty"`
	Length      int               `json:"length,omitempty"`
	Pattern     string            `json:"pattern,omitempty"`
	Separator   *string           `json:"separator,omitempty"`
	Description string            `json:"description,omitempty"`
	Options     Table             `json:"-"`
	Freeform    *Type             `json:"freeform,omitempty"`

	Like  string `json:"-"` // the path of an option whose options this one has too
	Prose string `json:"-"` // what the facts have in place of a type, where it could not be made one
}

// Of is the types that a type is made of; a single one is written without a list.
type Of []*Type

func (o Of) MarshalJSON() ([]byte, error) {
	if len(o) == 1 {
		return Marshal(o[0])
	}
	return Marshal([]*Type(o))
}

func (o *Of) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, (*[]*Type)(o))
	}
	*o = Of{{}}
	return json.Unmarshal(data, (*o)[0])
}

// Marshal is json.Marshal, but leaves <name> as it is.
func Marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(out.Bytes()), err
}

// Clone is a copy that shares nothing, so that options may be put into one of two equal types.
func (t *Type) Clone() *Type {
	if t == nil {
		return nil
	}
	copied := *t
	copied.Of = nil
	for _, of := range t.Of {
		copied.Of = append(copied.Of, of.Clone())
	}
	copied.Freeform = t.Freeform.Clone()
	return &copied
}

// New makes a type of others.
func New(name string, of ...*Type) *Type { return &Type{Kind: name, Of: of} }

// Either is a value of one of several types; of several eithers it makes one.
func Either(of ...*Type) *Type {
	var flat Of
	for _, t := range of {
		if t.Kind == "either" && t.Description == "" {
			flat = append(flat, t.Of...)
		} else {
			flat = append(flat, t)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return New("either", flat...)
}

// Coerced is what takes TO and, converted, FROM; mostly that is a list or its only element.
func Coerced(from, to *Type) *Type {
	if to.Kind == "listOf" && to.Length == 0 {
		var others Of
		for _, of := range Either(from).Of {
			if !Same(of, to) {
				others = append(others, of)
			}
		}
		if from.Kind != "either" {
			others = Of{from}
		}
		if len(others) == 1 && Same(others[0], to.Of[0]) {
			return New("oneOrListOf", to.Of[0])
		}
	}
	return Either(to, from)
}

// Same reports whether two values are written as the same JSON.
func Same(a, b any) bool {
	one, errOne := Marshal(a)
	other, errOther := Marshal(b)
	return errOne == nil && errOther == nil && bytes.Equal(one, other)
}
