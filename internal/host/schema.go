package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
)

// Version is the format of the host file that this program reads.
const Version = 1

// entry is one key with a fixed place in the host file.
type entry struct {
	path   string
	option catalog.Option
	// required keys are in every host file. Nix reads them without a default, but for
	// full_name, git_name and git_email (or "").
	required bool
	rule     rule // of a text, or of each text of a list
}

var (
	text  = catalog.Option{Type: "str"}
	texts = catalog.Option{Type: "listOf str"}
)

func oneOf(values ...string) catalog.Option { return catalog.Option{Type: "enum", Values: values} }

// schema is all keys but those of features, which the catalog knows. A test holds it against
// the fields of Host.
var schema = []entry{
	{path: "version", option: catalog.Option{Type: "int"}, required: true},
	{path: "preset", option: text},
	{path: "host.name", option: text, required: true, rule: both(hostName, notLocalhost)},
	{path: "host.system", option: oneOf("x86_64-linux", "aarch64-linux"), required: true},
	{path: "host.release", option: oneOf("26.05", "26.11", "unstable"), required: true},
	{path: "host.timezone", option: text, required: true, rule: timezone},
	{path: "host.locale", option: text, required: true, rule: locale},
	{path: "host.keymap", option: text, required: true, rule: keymap},
	{path: "host.state_version", option: text, required: true, rule: stateVersion},
	{path: "user.name", option: text, required: true, rule: userName},
	{path: "user.full_name", option: text, required: true, rule: fullName},
	{path: "user.git_name", option: text, required: true, rule: line},
	{path: "user.git_email", option: text, required: true, rule: maybe(email)},
	{path: "user.github", option: text, rule: maybe(gitHubName)},
	{path: "user.editor", option: text, rule: maybe(editor)},
	{path: "flatpak.apps", option: texts, rule: flatpakApp},
	{path: "packages.allow_unfree", option: texts, rule: packageName},
	{path: "build.compile", option: oneOf("never", "small", "always")},
}

func notLocalhost(value string) (string, string) {
	if strings.EqualFold(value, "localhost") {
		return `"localhost" is every machine's name for itself`, "give the machine a name of its own"
	}
	return "", ""
}

// knownIn lists the keys that may stand in a table; "" is the top of the file.
func knownIn(table string) []string {
	var known []string
	for _, e := range schema {
		rest, inside := e.path, true
		if table != "" {
			rest, inside = strings.CutPrefix(e.path, table+".")
		}
		if first, _, _ := strings.Cut(rest, "."); inside && !slices.Contains(known, first) {
			known = append(known, first)
		}
	}
	if table == "" {
		known = append(known, "features")
	}
	return known
}

// check holds the document against the schema and the catalog.
func (d *document) check(c *catalog.Catalog) {
	if version, ok := d.tree["version"].(int64); ok && version != Version {
		// The keys of another format are not judged by this one's.
		d.complain("version", fmt.Sprintf("format %d, and this nqd reads format %d", version, Version),
			"a newer nqd may have written the file: update nqd")
		return
	}
	d.checkKeys("", d.tree)
	for _, e := range schema {
		d.checkEntry(e)
	}
	d.checkPreset(c)
	d.checkStateVersion()
	if features, ok := d.table("features", d.tree["features"]); ok {
		for _, id := range slices.Sorted(maps.Keys(features)) {
			d.checkFeature(c, id, features[id])
		}
	}
}

// checkKeys refuses unknown keys at the top and in the tables of the schema.
func (d *document) checkKeys(table string, tree map[string]any) {
	known := knownIn(table)
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		path := join(table, key)
		if !slices.Contains(known, key) {
			d.unknown(path, "key", key, known)
		} else if table == "" && key != "features" && len(knownIn(key)) > 0 {
			if inner, ok := d.table(path, tree[key]); ok {
				d.checkKeys(path, inner)
			}
		}
	}
}

func (d *document) checkEntry(e entry) {
	value, present := d.lookup(e.path)
	if present {
		d.checkValue(e.path, e.option, value, e.rule)
	} else if e.required {
		d.missing(e.path)
	}
}

// checkValue holds one value against its type and the rule of its texts.
func (d *document) checkValue(path string, option catalog.Option, value any, r rule) {
	if problem := option.Mismatch(value); problem != "" {
		d.complain(path, problem, "")
		return
	}
	if r == nil {
		return
	}
	switch value := value.(type) {
	case string:
		d.judge(path, r, value)
	case []any:
		for i, element := range value {
			d.judge(fmt.Sprintf("%s[%d]", path, i), r, element.(string))
		}
	}
}

func (d *document) checkPreset(c *catalog.Catalog) {
	if preset, ok := d.tree["preset"].(string); ok {
		if _, known := c.Presets[preset]; !known {
			d.unknownValue("preset", "preset", preset, slices.Sorted(maps.Keys(c.Presets)))
		}
	}
}

// checkStateVersion refuses data from the future. An unstable system has no release to compare.
func (d *document) checkStateVersion() {
	release, _ := d.lookup("host.release")
	state, _ := d.lookup("host.state_version")
	r, _ := release.(string)
	s, _ := state.(string)
	if problem, _ := stateVersion(r); problem == "" && s > r && !d.bad["host.release"] && !d.bad["host.state_version"] {
		d.complain("host.state_version", fmt.Sprintf("%s is later than the release %s", s, r),
			"the release that this machine was first installed with")
	}
}

// checkFeature holds the table [features.<id>] against the catalog.
func (d *document) checkFeature(c *catalog.Catalog, id string, value any) {
	path := join("features", id)
	feature := c.Features[id]
	if feature == nil {
		d.unknown(path, "feature", id, slices.Sorted(maps.Keys(c.Features)))
		return
	}
	options, ok := d.table(path, value)
	if !ok {
		return
	}
	known := optionsOf(feature)
	for _, name := range slices.Sorted(maps.Keys(options)) {
		at, r := join(path, name), rule(line)
		if name == "expose" {
			r = networkInterface
		}
		if option, ok := known[name]; ok {
			d.checkValue(at, option, options[name], r)
		} else if name == "enable" {
			d.refuse(d.keyPlace(at), at, id+" is always on", "take the key out")
		} else {
			d.unknown(at, "key", name, slices.Sorted(maps.Keys(known)))
		}
	}
}

// optionsOf is all keys of a feature's table: its options, and those that
// nixlib/modules/features.nix declares: enable unless it is always on, expose where it has ports.
func optionsOf(feature *catalog.Feature) map[string]catalog.Option {
	options := maps.Clone(feature.Options)
	if options == nil {
		options = map[string]catalog.Option{}
	}
	if !feature.Always {
		options["enable"] = catalog.Option{Type: "bool"}
	}
	if len(feature.Ports) > 0 {
		options["expose"] = texts
	}
	return options
}

// lookup is the value at a dotted path of the tree.
func (d *document) lookup(path string) (any, bool) {
	var value any = d.tree
	for key := range strings.SplitSeq(path, ".") {
		table, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = table[key]; !ok {
			return nil, false
		}
	}
	return value, true
}
