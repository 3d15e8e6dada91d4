package catalog

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Names that stand in the host file and in Nix attribute paths: plain words, so that neither
// needs quotes.
var (
	idShape     = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	optionShape = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// reserved are the keys of [features.<id>] that nixlib/modules/features.nix declares itself.
var reserved = []string{"enable", "expose"}

// problems says what is wrong with a feature in folder id, each starting with the key.
func (f *Feature) problems(id string) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if f.ID != id {
		add("id: %q stands in the folder %q", f.ID, id)
	}
	if !idShape.MatchString(id) {
		add("id: %q: want lower case letters, digits and hyphens", id)
	}
	if f.Title == "" || f.Summary == "" || f.Category == "" {
		add("title, summary, category: each feature has all three")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Options)) {
		for _, problem := range f.Options[name].problems(name) {
			add("options.%s: %s", name, problem)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Ports)) {
		port := f.Ports[name]
		if f.Options[port.Option].Type != "port" {
			add("ports.%s.option: no option %q of type port", name, port.Option)
		}
		if port.Protocol != "tcp" && port.Protocol != "udp" {
			add("ports.%s.protocol: %q is neither tcp nor udp", name, port.Protocol)
		}
	}
	seen := map[string]bool{}
	for i, check := range f.Checks {
		if check.ID == "" || seen[check.ID] {
			add("checks[%d].id: %q is empty or taken", i, check.ID)
		}
		seen[check.ID] = true
		if problem := f.checkProblem(check); problem != "" {
			add("checks[%d] (%s): %s", i, check.ID, problem)
		}
	}
	return list
}

// checkProblem says what a check lacks for its kind, or "".
func (f *Feature) checkProblem(check Check) string {
	_, hasPort := f.Ports[check.Port]
	units := append(slices.Clone(f.Units), f.LateUnits...)
	switch {
	case check.Grace < 1: // manifest.nix wants the key of every check
		return fmt.Sprintf("grace: want seconds, at least 1, not %d", check.Grace)
	case (check.Kind == "http" || check.Kind == "tcp") && !hasPort:
		return fmt.Sprintf("port: no port %q", check.Port)
	case check.Kind == "http" && !strings.HasPrefix(check.Path, "/"):
		return fmt.Sprintf("path: %q does not begin with a slash", check.Path)
	case check.Kind == "http" && (check.Status < 100 || check.Status > 599):
		return fmt.Sprintf("status: %d is no HTTP status", check.Status)
	case check.Kind == "unit" && !slices.Contains(units, check.Unit):
		return fmt.Sprintf("unit: no unit %q", check.Unit)
	case check.Kind == "command" && (len(check.Argv) == 0 || check.Argv[0] == ""):
		return "argv: no program named"
	case !slices.Contains([]string{"http", "tcp", "unit", "command"}, check.Kind):
		return fmt.Sprintf("kind: %q is none of http, tcp, unit, command", check.Kind)
	}
	return ""
}

// problems says what is wrong with the option of that name.
func (o Option) problems(name string) []string {
	var list []string
	if !optionShape.MatchString(name) || slices.Contains(reserved, name) {
		list = append(list, "not a name for an option")
	}
	if !slices.Contains(TypeNames(), o.Type) {
		return append(list, fmt.Sprintf("type: unknown type %q; known are: %s", o.Type, strings.Join(TypeNames(), ", ")))
	}
	if (o.Type == "enum") != (len(o.Values) > 0) {
		list = append(list, "values: an enum has values, and nothing else has")
	}
	if problem := o.Mismatch(o.Default); problem != "" {
		list = append(list, "default: "+problem)
	}
	if o.Doc == "" {
		list = append(list, "doc: missing")
	}
	return list
}
