package main

import (
	"slices"
	"strings"
)

// ini is what switch-to-configuration-ng reads of a unit and its drop-ins, the type UnitInfo of main.rs: values by
// section and key. It is not how systemd reads units; parseUnit is.
type ini map[string]map[string][]string

// readIni is parse_systemd_ini, one text after another.
func readIni(texts ...string) ini {
	data := ini{}
	for _, text := range texts {
		for _, part := range iniSections(text) {
			if part.name == "Install" {
				continue
			}
			if data[part.name] == nil {
				data[part.name] = map[string][]string{}
			}
			part.into(data[part.name])
		}
	}
	return data
}

// iniSection is one section with its lines, keys and values by turns.
type iniSection struct {
	name  string
	lines [][2]string
}

// into adds the lines as the loop over `properties` does, which meets a key once for each of its values.
func (s iniSection) into(data map[string][]string) {
	for _, line := range s.lines {
		key := line[0]
		fresh, cleared := []string{}, false
		for _, other := range s.lines {
			if other[0] != key {
				continue
			}
			if other[1] == "" {
				fresh, cleared = []string{}, true
			} else {
				fresh = append(fresh, other[1])
			}
		}
		if existing, ok := data[key]; ok && !cleared {
			fresh = append(slices.Clone(existing), fresh...)
		}
		data[key] = fresh
	}
}

// iniSections splits a text as rust-ini does with quotes and without escapes, for units that systemd takes too: a value
// in quotes does not span lines, and a key is followed by "=".
func iniSections(text string) []iniSection {
	var sections []iniSection
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", ""), "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.ContainsAny(line[:1], "#;"):
		case line[0] == '[':
			name, _, _ := strings.Cut(line[1:], "]")
			sections = append(sections, iniSection{name: strings.TrimSpace(name)})
		case len(sections) > 0:
			if i := strings.IndexAny(line, "=:"); i > 0 {
				last := &sections[len(sections)-1]
				last.lines = append(last.lines, [2]string{strings.TrimSpace(line[:i]), unquote(strings.TrimSpace(line[i+1:]))})
			}
		}
	}
	return sections
}

// unquote removes the quotes around the words that a value begins with, while one follows another.
func unquote(value string) string {
	var result strings.Builder
	for value != "" && strings.ContainsAny(value[:1], `"'`) {
		quote := value[0]
		end := 1
		for end < len(value) && value[end] != quote {
			if value[end] == '\\' && end+1 < len(value) {
				end++
			}
			end++
		}
		end = min(end, len(value))
		result.WriteString(value[1:end])
		value = value[min(end+1, len(value)):]
	}
	return result.String() + value
}

// iniFlag is parse_systemd_bool.
func iniFlag(data ini, section, key string, missing bool) bool {
	values := data[section][key]
	if len(values) == 0 {
		return missing
	}
	switch values[len(values)-1] {
	case "1", "yes", "true", "on":
		return true
	}
	return false
}

// comparison is UnitComparison.
type comparison int

const (
	unitsEqual comparison = iota
	unequalRestart
	unequalReload
)

// unitIgnores are the keys of [Unit] that do not change what runs (unit_section_ignores).
var unitIgnores = []string{
	"X-Reload-Triggers", "Description", "Documentation", "OnFailure", "OnSuccess", "OnFailureJobMode",
	"IgnoreOnIsolate", "StopWhenUnneeded", "RefuseManualStart", "RefuseManualStop", "AllowIsolate", "CollectMode",
	"SourcePath",
}

// compareUnits is compare_units.
func compareUnits(current, new ini) comparison {
	result := unitsEqual
	for _, section := range sortedKeys(current) {
		keys := current[section]
		newKeys, stays := new[section]
		if !stays {
			if section != "Unit" || len(without(sortedKeys(keys), unitIgnores)) > 0 {
				return unequalRestart
			}
			continue
		}
		for _, key := range sortedKeys(keys) {
			newValues, has := newKeys[key]
			isIgnored := section == "Unit" && slices.Contains(unitIgnores, key)
			switch {
			case !has && isIgnored, has && slices.Equal(keys[key], newValues):
			case !has:
				return unequalRestart
			case section == "Unit" && key == "X-Reload-Triggers", section == "Mount" && key == "Options":
				result = unequalReload
			case !isIgnored:
				return unequalRestart
			}
		}
		for _, key := range without(sortedKeys(newKeys), sortedKeys(keys)) {
			switch {
			case section == "Unit" && key == "X-Reload-Triggers":
				result = unequalReload
			case section != "Unit" || !slices.Contains(unitIgnores, key):
				return unequalRestart
			}
		}
	}
	return newSections(result, new, without(sortedKeys(new), sortedKeys(current)))
}

// newSections looks at the sections ADDED, which the unit did not have.
func newSections(result comparison, new ini, added []string) comparison {
	switch {
	case len(added) == 0:
		return result
	case len(added) > 1 || added[0] != "Unit":
		return unequalRestart
	}
	keys := sortedKeys(new["Unit"])
	if len(without(keys, unitIgnores)) > 0 {
		return unequalRestart
	}
	if slices.Contains(keys, "X-Reload-Triggers") {
		return unequalReload
	}
	return result
}
