package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// reached are the targets that every booted machine has reached: they count as active always.
var reached = []string{"multi-user.target", "sockets.target", "timers.target"}

// unit is a unit file: values by section and key, in the order written (systemd.syntax(7)).
type unit struct {
	name     string
	sections map[string]map[string][]string
}

// parseUnit reads the text of a unit file. An empty value forgets those before it.
func parseUnit(name, text string) unit {
	u := unit{name: name, sections: map[string]map[string][]string{}}
	section := ""
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = line[1 : len(line)-1]
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		u.add(section, strings.TrimSpace(key), strings.TrimSpace(value))
	}
	return u
}

func (u unit) add(section, key, value string) {
	keys := u.sections[section]
	if keys == nil {
		keys = map[string][]string{}
		u.sections[section] = keys
	}
	if value == "" {
		keys[key] = nil
		return
	}
	keys[key] = append(keys[key], value)
}

// all returns every value of KEY.
func (u unit) all(section, key string) []string { return u.sections[section][key] }

// last returns the value of KEY that counts where only one may be.
func (u unit) last(section, key string) string {
	values := u.all(section, key)
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// words returns all values of a KEY that holds names, as After=.
func (u unit) words(section, key string) []string {
	return strings.Fields(strings.Join(u.all(section, key), " "))
}

// flag reads a boolean as systemd does.
func (u unit) flag(section, key string, missing bool) bool {
	switch strings.ToLower(u.last(section, key)) {
	case "1", "yes", "true", "on", "y", "t":
		return true
	case "0", "no", "false", "off", "n", "f":
		return false
	}
	return missing
}

// serviceType returns Type= of a service, or "" for other units.
func (u unit) serviceType() string {
	switch kind := u.last("Service", "Type"); {
	case !strings.HasSuffix(u.name, ".service"):
		return ""
	case kind == "":
		return "simple"
	default:
		return kind
	}
}

// unitSet is a folder of unit files.
type unitSet struct {
	units map[string]unit
	pulls map[string][]string // what NAME.wants/, NAME.requires/ and NAME.upholds/ hold

	texts   map[string]string   // by name of a file; empty where it is masked
	masked  map[string]bool     // links to /dev/null
	dropIns map[string][]string // texts of NAME.d/*.conf, in the order of their names
	fstab   string              // of the same /etc
}

func newUnitSet() unitSet {
	return unitSet{
		units: map[string]unit{}, pulls: map[string][]string{},
		texts: map[string]string{}, masked: map[string]bool{}, dropIns: map[string][]string{},
	}
}

// unitSet reads FOLDER; a folder that is not there has no units.
func (m machine) unitSet(folder string) (unitSet, error) {
	set := newUnitSet()
	fstab, err := m.readFile(filepath.Join(folder, "../../fstab"))
	if err == nil {
		set.fstab = string(fstab)
	}
	entries, err := os.ReadDir(m.follow(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return set, nil
	}
	if err != nil {
		return set, err
	}
	for _, entry := range entries {
		if err := m.unitEntry(set, folder, entry.Name()); err != nil {
			return set, err
		}
	}
	for _, name := range sortedKeys(set.texts) {
		set.load(name)
	}
	for _, pulled := range set.pulls {
		for _, name := range pulled {
			set.load(name)
		}
	}
	return set, nil
}

// unitEntry takes the entry NAME of FOLDER into SET.
func (m machine) unitEntry(set unitSet, folder, name string) error {
	path := filepath.Join(folder, name)
	owner := strings.TrimSuffix(name, filepath.Ext(name))
	switch filepath.Ext(name) {
	case ".wants", ".requires", ".upholds":
		pulled, err := os.ReadDir(m.follow(path))
		if err != nil {
			return err
		}
		for _, link := range pulled {
			set.pulls[owner] = append(set.pulls[owner], link.Name())
		}
	case ".d":
		files, err := filepath.Glob(m.follow(path) + "/*.conf")
		if err != nil {
			return err
		}
		for _, file := range files {
			text, err := m.readFile(m.inside(file))
			if err != nil {
				return err
			}
			set.dropIns[owner] = append(set.dropIns[owner], string(text))
		}
	case ".service", ".target", ".timer", ".socket", ".path", ".mount", ".automount", ".swap", ".slice":
		if m.real(path) == "/dev/null" {
			set.texts[name], set.masked[name] = "", true
		} else if text, err := m.readFile(path); err == nil { // else a link to nothing
			set.texts[name] = string(text)
		}
	}
	return nil
}

// has reports whether there is a file NAME.
func (s unitSet) has(name string) bool {
	_, has := s.texts[name]
	return has
}

// load makes the unit NAME of its file, or of its template, and of their drop-ins. One that is masked is none.
func (s unitSet) load(name string) {
	base := name
	if m := templateUnit.FindStringSubmatch(name); m != nil && !s.has(name) {
		base = m[1] + "@." + m[2]
	}
	if _, done := s.units[name]; done || !s.has(base) || s.masked[base] {
		return
	}
	s.units[name] = parseUnit(name, strings.Join(s.textsOf(base, name), "\n"))
}

// textsOf are the texts that make the unit NAME, whose file or template is BASE.
func (s unitSet) textsOf(base, name string) []string {
	texts := slices.Concat([]string{s.texts[base]}, s.dropIns[base])
	if base != name {
		texts = append(texts, s.dropIns[name]...)
	}
	return texts
}

// ini is what switch-to-configuration-ng reads of the unit NAME (parse_unit).
func (s unitSet) ini(base, name string) ini { return readIni(s.textsOf(base, name)...) }

// dependencies returns what is started together with NAME.
func (s unitSet) dependencies(name string) []string {
	u := s.units[name]
	return slices.Concat(u.words("Unit", "Requires"), u.words("Unit", "BindsTo"), u.words("Unit", "Wants"), s.pulls[name])
}

// closure returns NAMES and everything that starting them starts, in the order in which to
// do so. Units that are not in the set (systemd's own) are left out, but for targets that
// hold wanted units.
func (s unitSet) closure(names []string) []string {
	members := map[string]bool{}
	var collect func(name string)
	collect = func(name string) {
		_, known := s.units[name]
		if members[name] || !known && len(s.pulls[name]) == 0 {
			return
		}
		members[name] = true
		for _, dependency := range s.dependencies(name) {
			collect(dependency)
		}
	}
	for _, name := range names {
		collect(name)
	}
	return s.order(members)
}

// dependents returns NAMES and the units that stop when one of them does: those that require
// it, are bound to it or are part of it (systemd.unit(5)). Each comes before what it depends on.
func (s unitSet) dependents(names []string) []string {
	var found []string
	var collect func(name string)
	collect = func(name string) {
		if slices.Contains(found, name) {
			return
		}
		found = append(found, name)
		for _, other := range sortedKeys(s.units) {
			u := s.units[other]
			if slices.Contains(slices.Concat(
				u.words("Unit", "Requires"), u.words("Unit", "BindsTo"), u.words("Unit", "PartOf")), name) {
				collect(other)
			}
		}
	}
	for _, name := range names {
		collect(name)
	}
	slices.Reverse(found)
	return found
}

// having are the units that have NAME in a setting of their [Unit] section.
func (s unitSet) having(setting, name string) string {
	var found []string
	for _, other := range sortedKeys(s.units) {
		u := s.units[other]
		if slices.Contains(u.words("Unit", setting), name) {
			found = append(found, other)
		}
	}
	return strings.Join(found, " ")
}

// order sorts by After= and Before=; a target comes after what it pulls in, as targets do by
// default. A cycle is cut where it is met.
func (s unitSet) order(members map[string]bool) []string {
	first := map[string][]string{} // by unit: what has to be started before it
	for name := range members {
		u := s.units[name]
		first[name] = append(first[name], u.words("Unit", "After")...)
		for _, later := range u.words("Unit", "Before") {
			first[later] = append(first[later], name)
		}
	}
	for name := range members {
		if !strings.HasSuffix(name, ".target") {
			continue
		}
		for _, pulled := range s.dependencies(name) {
			if !slices.Contains(first[pulled], name) {
				first[name] = append(first[name], pulled)
			}
		}
	}
	var ordered []string
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] || !members[name] {
			return
		}
		seen[name] = true
		for _, before := range slices.Sorted(slices.Values(first[name])) {
			visit(before)
		}
		ordered = append(ordered, name)
	}
	for _, name := range sortedKeys(members) {
		visit(name)
	}
	return ordered
}
