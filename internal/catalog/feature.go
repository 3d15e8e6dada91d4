package catalog

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// Feature is one folder of features/, as its feature.toml tells it.
type Feature struct {
	File string `toml:"-"` // feature.toml, as a path in a workspace

	ID        string            `toml:"id"`
	Title     string            `toml:"title"`
	Summary   string            `toml:"summary"`
	Category  string            `toml:"category"`
	Always    bool              `toml:"always"`     // on, whatever preset and host file say
	Since     string            `toml:"since"`      // the first release of NixOS that can have it
	Until     string            `toml:"until"`      // the first that cannot
	Systems   []string          `toml:"systems"`    // the only ones that can have it; empty means all
	Requires  []string          `toml:"requires"`   // features that must be on too
	Conflicts []string          `toml:"conflicts"`  // features that must be off; they need not exist
	Packages  []string          `toml:"packages"`   // attribute paths in nixpkgs
	Unfree    []string          `toml:"unfree"`     // packages that the user has to allow by name
	Units     []string          `toml:"units"`      // of systemd, with their suffixes
	LateUnits []string          `toml:"late_units"` // started after COMMIT, never critical
	Options   map[string]Option `toml:"options"`
	Ports     map[string]Port   `toml:"ports"`
	State     []State           `toml:"state"`
	Secrets   []Secret          `toml:"secrets"`
	Checks    []Check           `toml:"checks"`
	Needs     Needs             `toml:"needs"`
}

// Needs is what a machine should have for the feature to be of use. Figures have a source beside them in feature.toml.
type Needs struct {
	// MemoryMB is in units of 1024 x 1024 bytes; 0 for nothing worth saying.
	MemoryMB int64  `toml:"memory_mb"`
	For      string `toml:"for"` // what it takes that for
}

// Option is one thing about a feature that the host file may set. Default, and each value of
// the option, is a bool, int64, string or []string, by Type.
type Option struct {
	Type    string   `toml:"type"`
	Default any      `toml:"default"`
	Doc     string   `toml:"doc"`
	Values  []string `toml:"values"` // of an enum
	Min     *int64   `toml:"min"`    // of an int, nil for none
	Max     *int64   `toml:"max"`
}

// Port is a port that the feature listens on: the option that holds its number, and tcp or udp.
type Port struct {
	Option   string `toml:"option"`
	Protocol string `toml:"protocol"`
	Web      bool   `toml:"web"`     // a page or API for browsers
	Metrics  string `toml:"metrics"` // the path that Prometheus reads, or ""
}

// State is data of the feature that outlives a deployment.
type State struct {
	Path     string `toml:"path"`
	Kind     string `toml:"kind"`     // one of stateKinds
	Migrates bool   `toml:"migrates"` // a newer version changes it so that an older one may not read it
}

// Secret is a file that has to be there before the feature may be on.
type Secret struct {
	Name string `toml:"name"`
	Doc  string `toml:"doc"`
}

// Check is one question about the feature's health. Kind says which of the other fields count:
// http has Port, Path and Status; tcp has Port; unit has Unit; command has Argv; gpu has Question, and Port for the one
// that asks a service.
type Check struct {
	ID       string   `toml:"id"`
	Kind     string   `toml:"kind"`
	Port     string   `toml:"port"` // a name in Ports
	Path     string   `toml:"path"`
	Status   int      `toml:"status"`
	Unit     string   `toml:"unit"`
	Argv     []string `toml:"argv"`
	Question string   `toml:"question"` // one of Questions
	Critical bool     `toml:"critical"`
	Grace    int      `toml:"grace"` // seconds
}

// Systems are the platforms that a host can be of.
var Systems = []string{"x86_64-linux", "aarch64-linux"}

// Questions are what a check of the kind gpu may ask; internal/gpu/proof knows how. A test compares the two.
var Questions = []string{
	"nvidia-module", "nvidia-version", "gpu-nodes", "nvidia-smi", "amd-rocm", "vulkan", "cdi", "container", OllamaQuestion,
}

// OllamaQuestion is the one that a service is asked, at the check's port.
const OllamaQuestion = "ollama-gpu"

// The words that feature.toml may use.
var (
	categories = []string{
		"system", "hardware", "desktop", "shell", "terminal", "development", "ai", "database", "web", "monitoring",
		"container", "security",
	}
	stateKinds = []string{"files", "sqlite", "postgres", "cache"}
	checkKinds = []string{"http", "tcp", "unit", "command", "gpu"}
	protocols  = []string{"tcp", "udp"}
)

// Names that stand in the host file and in Nix attribute paths: plain words, so that neither
// needs quotes.
var (
	idShape      = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	optionShape  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	releaseShape = regexp.MustCompile(`^[0-9]{2}\.[0-9]{2}$`)
	unitShape    = regexp.MustCompile(unitName + `(service|socket|timer|target|path|mount)$`)
	serviceShape = regexp.MustCompile(unitName + `service$`)
	// Each part a name as nixpkgs has them (python313Packages.numpy, 7zz, gtk4-layer-shell).
	packageShape = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_+-]*(\.[A-Za-z0-9_][A-Za-z0-9_+-]*)*$`)
)

// unitName is what systemd.unit(5) allows before the suffix; a template alone is never up.
const unitName = `^[A-Za-z0-9:_.\\-]+(@[A-Za-z0-9:_.\\-]+)?\.`

// reserved are the keys of [features.<id>] that nixlib/modules/features.nix declares itself.
var reserved = []string{"enable", "expose"}

const (
	idCure   = "lower case letters, digits and hyphens, beginning with a letter"
	unitCure = `the name with its suffix, as "x.service"`
)

// complaints are what the checks find in one file.
type complaints struct{ *document.Document }

// oneOf wants the value at path to be one of known.
func (c complaints) oneOf(path, value string, known []string) {
	if !slices.Contains(known, value) {
		c.Complain(path, fmt.Sprintf("%q is none of %s", document.Abridged(value), strings.Join(known, ", ")), "")
	}
}

// shaped wants the text at path to match.
func (c complaints) shaped(path, value string, shape *regexp.Regexp, what, cure string) {
	if !shape.MatchString(value) {
		c.Complain(path, fmt.Sprintf("not %s: %q", what, document.Abridged(value)), cure)
	}
}

// unique wants no text twice in the list at path.
func (c complaints) unique(path string, values []string) {
	for i, value := range values {
		if slices.Contains(values[:i], value) {
			c.Complain(element(path, i), fmt.Sprintf("%q stands here twice", document.Abridged(value)), "take one out")
		}
	}
}

func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// check holds the feature in folder id against all that can be said without other features.
func (f *Feature) check(id string, c complaints) {
	if f.ID != id {
		c.Complain("id", fmt.Sprintf("%q stands in the folder %q", f.ID, id), "give both the same name")
	}
	c.shaped("id", id, idShape, "a name", idCure)
	for _, text := range []struct{ key, value string }{{"title", f.Title}, {"summary", f.Summary}, {"category", f.Category}} {
		if text.value == "" {
			c.Complain(text.key, "missing", "each feature has a title, a summary and a category")
		}
	}
	c.oneOf("category", f.Category, categories)
	f.checkAlways(c)
	f.checkReleases(c)
	for i, system := range f.Systems {
		c.oneOf(element("systems", i), system, Systems)
	}
	for i, name := range f.Packages {
		c.shaped(element("packages", i), name, packageShape, "a package", `an attribute path in nixpkgs, as "ripgrep" or "nerd-fonts.hack"`)
	}
	if (f.Needs.MemoryMB > 0) != (f.Needs.For != "") || f.Needs.MemoryMB < 0 {
		c.Complain("needs", "memory_mb is a positive number, and for says what takes it", "give both or neither")
	}
	for i, name := range f.Unfree {
		c.shaped(element("unfree", i), name, packageShape, "a package", "the name without a version, as packages.allow_unfree of a host file takes it")
	}
	for i, name := range f.Units {
		c.shaped(element("units", i), name, unitShape, "a unit of systemd", unitCure)
	}
	for i, name := range f.LateUnits {
		c.shaped(element("late_units", i), name, serviceShape, "a service of systemd", unitCure)
	}
	for key, list := range map[string][]string{
		"unfree":  f.Unfree,
		"systems": f.Systems, "packages": f.Packages, "requires": f.Requires, "conflicts": f.Conflicts, "units": f.Units, "late_units": f.LateUnits,
	} {
		c.unique(key, list)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Options)) {
		f.Options[name].check(name, c)
	}
	f.checkPorts(c)
	f.checkState(c)
	f.checkChecks(c)
}

// checkAlways refuses what a host could lack, and could not switch the feature off for.
func (f *Feature) checkAlways(c complaints) {
	for key, needed := range map[string]bool{
		"since": f.Since != "", "until": f.Until != "", "systems": len(f.Systems) > 0, "secrets": len(f.Secrets) > 0,
	} {
		if f.Always && needed {
			c.Complain(key, "a feature that is always on must suit every host", "take it out, or `always`")
		}
	}
}

// checkReleases judges since and until.
func (f *Feature) checkReleases(c complaints) {
	for _, release := range []struct{ key, value string }{{"since", f.Since}, {"until", f.Until}} {
		if release.value != "" {
			c.shaped(release.key, release.value, releaseShape, "a release", `a release by year and month, as "26.11"`)
		}
	}
	if f.Since != "" && f.Until != "" && f.Since >= f.Until {
		c.Complain("until", fmt.Sprintf("%s is not after since, %s", f.Until, f.Since), "until is the first release without the feature")
	}
}

func (f *Feature) checkPorts(c complaints) {
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(f.Ports)) {
		port, path := f.Ports[name], document.Join("ports", name)
		c.shaped(path, name, idShape, "a name", idCure)
		option := f.Options[port.Option]
		if option.Type != "port" {
			c.Complain(path+".option", fmt.Sprintf("no option %q of type port", port.Option), "the option that holds the number stands in a table [options.NAME] of this file")
		}
		c.oneOf(path+".protocol", port.Protocol, protocols)
		if (port.Web || port.Metrics != "") && port.Protocol == "udp" {
			c.Complain(path+".protocol", "pages and metrics are read over tcp", "make it tcp, or take web and metrics out")
		}
		if port.Metrics != "" && !strings.HasPrefix(port.Metrics, "/") {
			c.Complain(path+".metrics", fmt.Sprintf("%q does not begin with a slash", port.Metrics), `the path that Prometheus reads, as "/metrics"`)
		}
		number := fmt.Sprintf("%s port %v", port.Protocol, option.Default)
		if first := taken[number]; first != "" && option.Type == "port" {
			c.Complain(path+".option", fmt.Sprintf("%s and %s are both %s", name, first, number), "give each an option of its own, with another default")
		}
		taken[number] = name
	}
}

func (f *Feature) checkState(c complaints) {
	var paths, names []string
	for i, state := range f.State {
		at := element("state", i)
		if !path.IsAbs(state.Path) || path.Clean(state.Path) != state.Path {
			c.Complain(at+".path", fmt.Sprintf("%q is not the path of a file or folder from the root on", state.Path), `as "/var/lib/x"`)
		}
		c.oneOf(at+".kind", state.Kind, stateKinds)
		if slices.Contains(paths, state.Path) {
			c.Complain(at+".path", fmt.Sprintf("%q stands here twice", state.Path), "take one out")
		}
		paths = append(paths, state.Path)
	}
	for i, secret := range f.Secrets {
		at := element("secrets", i)
		c.shaped(at+".name", secret.Name, idShape, "a name", idCure)
		if slices.Contains(names, secret.Name) {
			c.Complain(at+".name", fmt.Sprintf("%q stands here twice", secret.Name), "take one out")
		}
		if secret.Doc == "" {
			c.Complain(at+".doc", "missing", "say what the secret is for")
		}
		names = append(names, secret.Name)
	}
}

func (f *Feature) checkChecks(c complaints) {
	seen := map[string]bool{}
	for i, check := range f.Checks {
		at := element("checks", i)
		if check.ID == "" || seen[check.ID] {
			c.Complain(at+".id", fmt.Sprintf("%q is empty or taken", check.ID), "give each check a name of its own")
		}
		seen[check.ID] = true
		if p := f.checkProblem(check); p.problem != "" {
			c.Complain(at+"."+p.key, p.problem, p.cure)
		}
	}
}

// problem is what is wrong at a key, and what to do about it.
type problem struct{ key, problem, cure string }

// checkProblem says what a check lacks for its kind.
func (f *Feature) checkProblem(check Check) problem {
	_, hasPort := f.Ports[check.Port]
	units := append(slices.Clone(f.Units), f.LateUnits...)
	switch {
	case check.Grace < 1: // manifest.nix wants the key of every check
		return problem{"grace", fmt.Sprintf("want seconds, at least 1, not %d", check.Grace), "how long the feature may take to come up"}
	case check.Kind == "gpu" && !slices.Contains(Questions, check.Question):
		return problem{"question", fmt.Sprintf("%q is none of %s", document.Abridged(check.Question), strings.Join(Questions, ", ")), ""}
	case needsPort(check) && !hasPort:
		return problem{"port", fmt.Sprintf("no port %q", check.Port), "name a table [ports.NAME] of this file"}
	case check.Kind == "http" && !strings.HasPrefix(check.Path, "/"):
		return problem{"path", fmt.Sprintf("%q does not begin with a slash", check.Path), `a path of the server, as "/health"`}
	case check.Kind == "http" && (check.Status < 100 || check.Status > 599):
		return problem{"status", fmt.Sprintf("%d is no HTTP status", check.Status), "the status of a good answer, as 200"}
	case check.Kind == "unit" && !slices.Contains(units, check.Unit):
		return problem{"unit", fmt.Sprintf("no unit %q", check.Unit), "name it in units or late_units of this file too"}
	case check.Kind == "command" && (len(check.Argv) == 0 || check.Argv[0] == ""):
		return problem{"argv", "no program named", `a list of texts, as ["git", "--version"]`}
	case !slices.Contains(checkKinds, check.Kind):
		return problem{"kind", fmt.Sprintf("%q is none of %s", check.Kind, strings.Join(checkKinds, ", ")), ""}
	}
	return problem{}
}

func needsPort(check Check) bool {
	return check.Kind == "http" || check.Kind == "tcp" || check.Kind == "gpu" && check.Question == OllamaQuestion
}

// check judges the option of that name.
func (o Option) check(name string, c complaints) {
	path := document.Join("options", name)
	if !optionShape.MatchString(name) || slices.Contains(reserved, name) {
		c.Complain(path, "not a name for an option", `lower case letters, digits and "_"; nqd has `+strings.Join(reserved, " and ")+" itself")
	}
	if !slices.Contains(TypeNames(), o.Type) {
		c.Complain(path+".type", fmt.Sprintf("unknown type %q", o.Type), "known are: "+strings.Join(TypeNames(), ", "))
		return
	}
	if (o.Type == "enum") != (len(o.Values) > 0) {
		c.Complain(path+".values", "an enum has values, and nothing else has", "")
	}
	for key, bound := range map[string]*int64{"min": o.Min, "max": o.Max} {
		if bound != nil && o.Type != "int" {
			c.Complain(path+"."+key, "an int has bounds, and nothing else has", "")
		}
	}
	if o.Min != nil && o.Max != nil && *o.Min > *o.Max {
		c.Complain(path+".max", fmt.Sprintf("%d is below min, %d", *o.Max, *o.Min), "")
	} else if o.Default == nil {
		c.Complain(path+".default", "missing", "the value of the option where the host file has none")
	} else if problem := o.Mismatch(o.Default); problem != "" {
		c.Complain(path+".default", problem, "")
	}
	if o.Doc == "" {
		c.Complain(path+".doc", "missing", "say what the option does")
	}
}
