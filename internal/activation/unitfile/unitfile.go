// Package unitfile reads unit files of systemd as switch-to-configuration-ng does (nixpkgs,
// pkgs/by-name/sw/switch-to-configuration-ng/src/src/main.rs, "main.rs" below), which is not quite how systemd does.
package unitfile

import (
	"slices"
	"strings"
)

// Unit is what a unit file and its drop-ins say: values by section and key.
type Unit map[string]map[string][]string

// Read reads a unit file and then its drop-ins (main.rs, parse_unit). Its errors are those that
// end a switch: a line or a quote that does not end, and a value without a key.
func Read(texts []string) (Unit, error) {
	u := Unit{}
	for _, text := range texts {
		sections, err := parse(text)
		if err != nil {
			return nil, err
		}
		for _, s := range sections {
			u.add(s)
		}
	}
	return u, nil
}

// add does what parse_systemd_ini of main.rs does with one section. A key that is given n times is looked at n times, and
// each time all its values are added: the list is longer than one expects, which matters only where the same values were
// spread otherwise over a file and its drop-ins.
func (u Unit) add(s section) {
	if s.name == "Install" {
		return
	}
	keys := u[s.name]
	if keys == nil {
		keys = map[string][]string{}
		u[s.name] = keys
	}
	for _, line := range s.pairs {
		values, cleared := s.values(line.key)
		before, had := keys[line.key]
		if had && !cleared {
			values = slices.Concat(before, values)
		}
		keys[line.key] = values
	}
}

// values are those of key behind the last empty one, which takes back what was said before.
func (s section) values(key string) (values []string, cleared bool) {
	values = []string{}
	for _, line := range s.pairs {
		switch {
		case line.key != key:
		case line.value == "":
			values, cleared = values[:0], true
		default:
			values = append(values, line.value)
		}
	}
	return values, cleared
}

// Flag is parse_systemd_bool of main.rs: the last value, and anything but these four is no.
func (u Unit) Flag(section, key string, missing bool) bool {
	values := u[section][key]
	if len(values) == 0 {
		return missing
	}
	return slices.Contains([]string{"1", "yes", "true", "on"}, values[len(values)-1])
}

// Words are the names that a key holds.
func (u Unit) Words(section, key string) []string {
	return strings.Fields(strings.Join(u[section][key], " "))
}
