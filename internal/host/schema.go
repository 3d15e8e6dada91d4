package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// Version is the format of the host file that this program reads.
const Version = 1

// unstable is the release without a number.
const unstable = "unstable"

// entry is one key with a fixed place in the host file.
type entry struct {
	path   string
	option catalog.Option
	// required keys are in every host file. Nix reads them without a default, but for
	// full_name, git_name and git_email (or "").
	required bool
	rule     document.Rule // of a text, or of each text of a list
	doc      string
}

var (
	text  = catalog.Option{Type: "str"}
	texts = catalog.Option{Type: "listOf str"}
)

func oneOf(values ...string) catalog.Option { return catalog.Option{Type: "enum", Values: values} }

// schema is all keys but those of [features.*], which the catalog knows, and of [users.*]. A test
// holds it against the fields of Host.
var schema = []entry{
	{path: "version", option: catalog.Option{Type: "int"}, required: true,
		doc: "Format of this file: 1."},
	{path: "preset", option: text,
		doc: "The set of features that are on unless [features.*] says otherwise."},
	{path: "host.name", option: text, required: true, rule: both(hostName, notLocalhost),
		doc: "Name of the machine in the network, and of its folder in hosts/."},
	{path: "host.system", option: oneOf(catalog.Systems...), required: true,
		doc: "Platform of the machine, as Nix names it."},
	{path: "host.release", option: oneOf("26.05", "26.11", unstable), required: true,
		doc: "Release of NixOS to build."},
	{path: "host.timezone", option: text, required: true, rule: timezone,
		doc: "Time zone by area and city, or UTC."},
	{path: "host.locale", option: text, required: true, rule: locale,
		doc: "Language of messages, and how numbers and dates are written."},
	{path: "host.keymap", option: text, required: true, rule: keymap,
		doc: "Keyboard layout of the console."},
	{path: "host.state_version", option: text, required: true, rule: stateVersion,
		doc: "Release that the data of this machine began with: never to be changed."},
	{path: "user.name", option: text, required: true, rule: userName,
		doc: "Login name of the person whose machine it is, always an administrator."},
	{path: "user.full_name", option: text, required: true, rule: fullName,
		doc: "Name of the person, as login screens show it; empty to leave it as it is."},
	{path: "user.git_name", option: text, required: true, rule: line,
		doc: "Author's name in commits; empty for none. What `git config --global` says wins over it."},
	{path: "user.git_email", option: text, required: true, rule: maybe(email),
		doc: "Author's address in commits; empty for none."},
	{path: "user.github", option: text, rule: maybe(gitHubName),
		doc: "Name on GitHub."},
	{path: "user.editor", option: text, rule: maybe(editor),
		doc: "Editor that programs such as git start, as vscodium or neovim."},
	{path: "flatpak.apps", option: texts, rule: flatpakApp,
		doc: "Flatpak apps to install, by their ids on Flathub. Not done yet: plan says so."},
	{path: "packages.allow_unfree", option: texts, rule: packageName,
		doc: "Packages with a licence that is not free that may be installed, by name."},
	{path: "build.compile", option: oneOf("never", "small", "always"),
		doc: "What may be compiled on this machine when no cache has it. Not kept to yet: plan says so."},
}

// account is the keys of a table [users.<name>], with the rules of [user].
var account = []entry{
	{path: "full_name", option: text, rule: fullName, doc: "Name of the person."},
	{path: "git_name", option: text, rule: line, doc: "Author's name in commits."},
	{path: "git_email", option: text, rule: maybe(email), doc: "Author's address in commits."},
	{path: "github", option: text, rule: maybe(gitHubName), doc: "Name on GitHub."},
	{path: "editor", option: text, rule: maybe(editor), doc: "Editor that programs such as git start."},
	{path: "admin", option: catalog.Option{Type: "bool"}, doc: "Whether this account may become root."},
}

// tables are the tables whose keys are names.
var tables = []string{"users", "features"}

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
		known = append(known, tables...)
	}
	return known
}

// file is a host file under judgement.
type file struct{ *document.Document }

// check holds the document against the schema and the catalog. What a host file must say is missing only where it is whole.
func (d file) check(c *catalog.Catalog, whole bool) {
	if version, ok := d.Tree["version"].(int64); ok && version != Version {
		// The keys of another format are not judged by this one's.
		d.Complain("version", fmt.Sprintf("format %d, and this nqd reads format %d", version, Version),
			"a newer nqd may have written the file: update nqd")
		return
	}
	d.checkKeys("", d.Tree)
	for _, e := range schema {
		d.checkEntry(e, whole)
	}
	d.checkPreset(c)
	d.checkStateVersion()
	if users, ok := d.Table("users", d.Tree["users"]); ok {
		for _, name := range slices.Sorted(maps.Keys(users)) {
			d.checkAccount(name, users[name])
		}
	}
	if features, ok := d.Table("features", d.Tree["features"]); ok {
		for _, id := range slices.Sorted(maps.Keys(features)) {
			d.checkFeature(c, id, features[id])
		}
	}
}

// checkKeys refuses unknown keys at the top and in the tables of the schema.
func (d file) checkKeys(table string, tree map[string]any) {
	known := knownIn(table)
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		path := document.Join(table, key)
		if !slices.Contains(known, key) {
			d.unknown(path, "key", key, known)
		} else if table == "" && !slices.Contains(tables, key) && len(knownIn(key)) > 0 {
			if inner, ok := d.Table(path, tree[key]); ok {
				d.checkKeys(path, inner)
			}
		}
	}
}

func (d file) checkEntry(e entry, whole bool) {
	value, present := d.Lookup(e.path)
	if present {
		d.checkValue(e.path, e.option, value, e.rule)
	} else if whole && e.required {
		d.missing(e.path)
	}
}

// checkValue holds one value against its type and the rule of its texts.
func (d file) checkValue(path string, option catalog.Option, value any, r document.Rule) {
	if problem := option.Mismatch(value); problem != "" {
		d.Complain(path, problem, "")
		return
	}
	if r == nil {
		return
	}
	switch value := value.(type) {
	case string:
		d.Judge(path, r, value)
	case []any:
		for i, element := range value {
			d.Judge(fmt.Sprintf("%s[%d]", path, i), r, element.(string))
		}
	}
}

func (d file) checkPreset(c *catalog.Catalog) {
	if preset, ok := d.Tree["preset"].(string); ok {
		if _, known := c.Presets[preset]; !known {
			d.Complain("preset", fmt.Sprintf("unknown preset: %q", document.Abridged(preset)),
				document.Suggest(preset, slices.Sorted(maps.Keys(c.Presets)), nil))
		}
	}
}

// checkStateVersion refuses data from the future. An unstable system has no release to compare.
func (d file) checkStateVersion() {
	release, _ := d.Lookup("host.release")
	state, _ := d.Lookup("host.state_version")
	r, _ := release.(string)
	s, _ := state.(string)
	if problem, _ := stateVersion(r); problem == "" && s > r && !d.IsRefused("host.release") && !d.IsRefused("host.state_version") {
		d.Complain("host.state_version", fmt.Sprintf("%s is later than the release %s", s, r),
			"the release that this machine was first installed with")
	}
}

// checkAccount holds the table [users.<name>] against the schema of accounts.
func (d file) checkAccount(name string, value any) {
	path := document.Join("users", name)
	if first, _ := d.Lookup("user.name"); first == name {
		d.ComplainOfKey(path, fmt.Sprintf("%s is the account of [user]", name), "take the table out: that account is there already")
	} else if problem, cure := userName(name); problem != "" {
		d.ComplainOfKey(path, problem, cure)
	}
	keys, ok := d.Table(path, value)
	if !ok {
		return
	}
	var known []string
	for _, e := range account {
		known = append(known, e.path)
		if value, present := keys[e.path]; present {
			d.checkValue(path+"."+e.path, e.option, value, e.rule)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(known, key) {
			d.ComplainOfKey(document.Join(path, key), "unknown key", document.Suggest(key, known, nil))
		}
	}
}

// missing records that a key is not there, at the table that should have it. A table that is
// missing whole is one problem.
func (d file) missing(path string) {
	table, key, nested := strings.Cut(path, ".")
	_, present := d.Tree[table]
	switch {
	case !nested:
		d.Complain(path, "missing", fmt.Sprintf("add %s = %d at the top of the file", path, Version))
	case !present:
		d.Complain(table, "missing", fmt.Sprintf("add the table [%s] with %s", table, strings.Join(knownIn(table), ", ")))
	case !d.IsRefused(table): // it is a table
		d.Complain(path, "missing", fmt.Sprintf("add %s = … under [%s]", key, table))
	}
}

// unknown records a key that is none of known.
func (d file) unknown(path, what, name string, known []string) {
	var places []string
	for _, e := range schema {
		places = append(places, e.path)
	}
	d.ComplainOfKey(path, "unknown "+what, document.Suggest(name, known, places))
}
