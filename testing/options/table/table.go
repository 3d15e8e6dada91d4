package table

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A Sheet is a table as the stand-in reads it: a tree, so that an evaluation only looks at what it needs, and what
// differs between releases apart. A submodule has one too.
type Sheet struct {
	Options  Tree              `json:"options,omitempty"`
	Renamed  map[string]Gone   `json:"renamed,omitempty"`
	Removed  map[string]Gone   `json:"removed,omitempty"`
	Releases map[string]*Sheet `json:"releases,omitempty"`
}

// A Tree holds options by the parts of their names: an Entry, or a Tree.
type Tree map[string]any

// Gone is an option that went.
type Gone struct {
	To      string `json:"to,omitempty"`     // an option
	Inside  string `json:"inside,omitempty"` // what is meant in its value, if not all
	Instead string `json:"instead,omitempty"`
	Src     string `json:"src,omitempty"`
}

// Releases are those that a table tells apart.
var Releases = []string{"26.05", Newer}

// Newer is the release that is still being made.
const Newer = "26.11"

// Sheet lays a table out. Names that only some releases have are written for each of them.
func (t Table) Sheet() (*Sheet, error) {
	out := &Sheet{Releases: map[string]*Sheet{}}
	for _, release := range Releases {
		out.Releases[release] = &Sheet{}
	}
	for name, variants := range t {
		for _, entry := range variants {
			if entry.in(Releases[0]) && entry.in(Releases[1]) {
				if err := out.add(name, entry, t); err != nil {
					return nil, err
				}
				continue
			}
			for _, release := range Releases {
				if !entry.in(release) {
					continue
				}
				if err := out.Releases[release].add(name, entry, t); err != nil {
					return nil, err
				}
			}
		}
	}
	for _, release := range Releases {
		if one := out.Releases[release]; one.Options == nil && one.Renamed == nil && one.Removed == nil {
			delete(out.Releases, release)
		}
	}
	return out, nil
}

// in tells whether a release has the entry; releases are compared as text.
func (e Entry) in(release string) bool {
	return e.Since <= release && (e.Until == "" || release < e.Until)
}

var part = regexp.MustCompile(`"[^"]*"|[^.]+`)

// Split is the parts of a dotted name; a quoted part keeps its quotes.
func Split(name string) []string { return part.FindAllString(name, -1) }

// add puts an entry of TABLE into the sheet.
func (s *Sheet) add(name string, entry Entry, table Table) error {
	if entry.Renamed != "" {
		option, inside := table.Find(entry.Renamed)
		return put(&s.Renamed, name, Gone{To: option, Inside: inside, Src: entry.Src})
	} else if entry.Type == nil {
		return put(&s.Removed, name, Gone{Instead: entry.Removed, Src: entry.Src})
	}
	if s.Options == nil {
		s.Options = Tree{}
	}
	if strings.HasSuffix("."+name, ".type.kind") {
		return fmt.Errorf("%s: looks like the type of an entry", name)
	}
	parts := Split(name)
	at := s.Options
	for i, part := range parts {
		part = strings.Trim(part, `"`)
		if i == len(parts)-1 {
			if at[part] != nil {
				return fmt.Errorf("%s: declared twice in one release", name)
			}
			at[part] = entry
			return nil
		}
		if at[part] == nil {
			at[part] = Tree{}
		}
		below, ok := at[part].(Tree)
		if !ok {
			return fmt.Errorf("%s: is below another option", name)
		}
		at = below
	}
	return nil
}

// Find is the option that NAME is, or is inside of, and the rest of the name.
func (t Table) Find(name string) (option, inside string) {
	parts := Split(name)
	for i := len(parts); i > 0; i-- {
		if option := strings.Join(parts[:i], "."); t[option] != nil {
			return option, strings.Join(parts[i:], ".")
		}
	}
	return name, ""
}

// Part takes what is below the first two parts of names out of the sheet, for files of their own: `programs.git`. Their
// names stay.
func (s *Sheet) Part() map[string]Tree {
	parts := map[string]Tree{}
	for top, group := range s.Options {
		group, _ := group.(Tree)
		for name, below := range group {
			if below, ok := below.(Tree); ok {
				parts[top+"."+name] = below
				group[name] = slices.Sorted(maps.Keys(below))
			}
		}
	}
	return parts
}

func put(to *map[string]Gone, name string, gone Gone) error {
	if *to == nil {
		*to = map[string]Gone{}
	}
	if _, ok := (*to)[name]; ok {
		return fmt.Errorf("%s: went twice in one release", name)
	}
	(*to)[name] = gone
	return nil
}

// MarshalJSON writes the options of a submodule as a sheet.
func (t *Type) MarshalJSON() ([]byte, error) {
	type plainType Type
	sheet := &Sheet{}
	if t.Options != nil {
		var err error
		if sheet, err = t.Options.Sheet(); err != nil {
			return nil, err
		}
	}
	return Marshal(struct {
		*plainType
		*Sheet
	}{(*plainType)(t), sheet})
}
