package catalog

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

// good is a small library without a fault.
func good() fstest.MapFS {
	return fstest.MapFS{
		"features/base/feature.toml": {Data: []byte(`id = "base"
title = "Base"
summary = "The base"
category = "system"
always = true
`)},
		"features/web-ui/feature.toml": {Data: []byte(`id = "web-ui"
title = "Web"
summary = "A page"
category = "ai"
since = "26.05"
until = "27.05"
systems = ["x86_64-linux"]
requires = ["base"]
conflicts = ["other-web"]
packages = ["nerd-fonts.hack", "7zz"]
units = ["web.service"]
late_units = ["pull.service"]

[options.port]
type = "port"
default = 8080
doc = "Port."

[options.workers]
type = "int"
default = 4
min = 1
max = 64
doc = "Processes."

[options.theme]
type = "enum"
values = ["dark", "light"]
default = "dark"
doc = "Colours."

[options.tags]
type = "listOf str"
default = ["a"]
doc = "Tags."

[ports.page]
option = "port"
protocol = "tcp"
web = true
metrics = "/metrics"

[[state]]
path = "/var/lib/web"
kind = "sqlite"
migrates = true

[[secrets]]
name = "web-password"
doc = "Who may look."

[[checks]]
id = "page"
kind = "http"
port = "page"
path = "/"
status = 200
critical = true
grace = 20

[[checks]]
id = "unit"
kind = "unit"
unit = "web.service"
grace = 1

[[checks]]
id = "runs"
kind = "command"
argv = ["web", "--version"]
grace = 1
`)},
		"features/plain/feature.toml": {Data: []byte(`id = "plain"
title = "Plain"
summary = "Nothing but a port"
category = "web"

[options.port]
type = "port"
default = 9090
doc = "Port."

[options.admin]
type = "port"
default = 8080
doc = "Another port."

[ports.api]
option = "port"
protocol = "tcp"

[ports.admin]
option = "admin"
protocol = "udp"
`)},
		"features/README":  {Data: []byte("no feature")},
		"features/x/y.nix": {Data: []byte("no feature")},
		"presets.toml": {Data: []byte(`[minimal]
summary = "Little"
features = []

[full]
summary = "All"
features = ["plain", "web-ui"]
`)},
	}
}

func TestLoad(t *testing.T) {
	c, err := Load(good(), nil)
	if err != nil {
		t.Fatal(err)
	}
	one, many := int64(1), int64(64)
	want := &Feature{
		File: "nixlib/features/web-ui/feature.toml", ID: "web-ui", Title: "Web", Summary: "A page", Category: "ai",
		Since: "26.05", Until: "27.05", Systems: []string{"x86_64-linux"}, Requires: []string{"base"}, Conflicts: []string{"other-web"},
		Packages: []string{"nerd-fonts.hack", "7zz"},
		Units:    []string{"web.service"}, LateUnits: []string{"pull.service"},
		Options: map[string]Option{
			"port":    {Type: "port", Default: int64(8080), Doc: "Port."},
			"workers": {Type: "int", Default: int64(4), Doc: "Processes.", Min: &one, Max: &many},
			"theme":   {Type: "enum", Default: "dark", Doc: "Colours.", Values: []string{"dark", "light"}},
			"tags":    {Type: "listOf str", Default: []any{"a"}, Doc: "Tags."},
		},
		Ports:   map[string]Port{"page": {Option: "port", Protocol: "tcp", Web: true, Metrics: "/metrics"}},
		State:   []State{{Path: "/var/lib/web", Kind: "sqlite", Migrates: true}},
		Secrets: []Secret{{Name: "web-password", Doc: "Who may look."}},
		Checks: []Check{
			{ID: "page", Kind: "http", Port: "page", Path: "/", Status: 200, Critical: true, Grace: 20},
			{ID: "unit", Kind: "unit", Unit: "web.service", Grace: 1},
			{ID: "runs", Kind: "command", Argv: []string{"web", "--version"}, Grace: 1},
		},
	}
	if got := c.Features["web-ui"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := slices.Sorted(maps.Keys(c.Features)); !slices.Equal(got, []string{"base", "plain", "web-ui"}) {
		t.Errorf("features: %q", got)
	}
	if got := c.Presets["full"]; !reflect.DeepEqual(got, Preset{Summary: "All", Features: []string{"plain", "web-ui"}}) {
		t.Errorf("preset: %+v", got)
	}
}

func TestEnabled(t *testing.T) {
	c, err := Load(good(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		preset string
		chosen map[string]bool
		want   []string
	}{
		{"", nil, []string{"base"}},
		{"minimal", map[string]bool{"web-ui": true}, []string{"base", "web-ui"}},
		{"full", nil, []string{"base", "plain", "web-ui"}},
		{"full", map[string]bool{"web-ui": false, "base": false, "no such": true}, []string{"base", "plain"}},
	} {
		if got := c.Enabled(test.preset, test.chosen); !slices.Equal(got, test.want) {
			t.Errorf("%q %v: %q, want %q", test.preset, test.chosen, got, test.want)
		}
	}
}

func TestEnabledByDefault(t *testing.T) {
	c := &Catalog{Features: map[string]*Feature{"a": {}, "b": {}}, Presets: map[string]Preset{DefaultPreset: {Features: []string{"b"}}}}
	if got := c.Enabled("", nil); !slices.Equal(got, []string{"b"}) {
		t.Errorf("got %q", got)
	}
}

func TestConflict(t *testing.T) {
	c := &Catalog{Features: map[string]*Feature{"a": {Conflicts: []string{"b", "x"}}, "b": {}, "c": {}}}
	for pair, want := range map[[2]string]bool{{"a", "b"}: true, {"b", "a"}: true, {"a", "c"}: false, {"c", "b"}: false} {
		if got := c.Conflict(pair[0], pair[1]); got != want {
			t.Errorf("%q: %t", pair, got)
		}
	}
}

// message is the first problem, with its cure behind a bar.
func message(t *testing.T, err error) string {
	t.Helper()
	var errs document.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("no document.Errors: %v", err)
	}
	if cure := errs[0].Hint(); cure != "" {
		return errs[0].Error() + " | " + cure
	}
	return errs[0].Error()
}

// mine is the workspace of a user with a feature.
func mine() fstest.MapFS {
	return fstest.MapFS{
		"features/mine/feature.toml": {Data: []byte(`id = "mine"
title = "Mine"
summary = "Of my own"
category = "development"
requires = ["web-ui"]
`)},
		"features/shared.nix": {Data: []byte("{ }")},
		"hosts/orion/x":       {Data: []byte("")},
	}
}

func TestOwnFeatures(t *testing.T) {
	c, err := Load(good(), mine())
	if err != nil {
		t.Fatal(err)
	}
	if f := c.Features["mine"]; f == nil || f.File != "features/mine/feature.toml" || f.Title != "Mine" || c.Features["web-ui"] == nil {
		t.Errorf("%+v", c.Features)
	}
	if _, err := Load(good(), fstest.MapFS{"flake.nix": {}}); err != nil {
		t.Errorf("a workspace without features: %v", err)
	}
	for _, test := range []struct{ name, old, new, want string }{
		{"no TOML", `"Mine"`, `Mine`, `features/mine/feature.toml:2:9: unexpected character U+004D 'M' at start of value | a text stands in quotes`},
		{"read otherwise by Nix", `"Mine"`, `"\e"`, `features/mine/feature.toml:2:10: title: \e is an escape that Nix does not read | write \u001b`},
		{"a byte-order mark", `id = `, "\ufeffid = ", `features/mine/feature.toml:1:1: a byte-order mark | save the file as UTF-8 without a byte-order mark`},
		{"unknown key", `summary`, `sumary`, `features/mine/feature.toml:3:1: sumary: unknown key | did you mean summary?`},
		{"requires none", `"web-ui"`, `"webui"`, `features/mine/feature.toml:5:13: requires[0]: no feature "webui" | did you mean web-ui?`},
		{"empty", ``, ``, `features/mine/feature.toml:1:1: id: "" stands in the folder "mine" | give both the same name`},
	} {
		fsys := mine()
		text := strings.Replace(string(fsys["features/mine/feature.toml"].Data), test.old, test.new, 1)
		if test.old == "" {
			text = ""
		}
		fsys["features/mine/feature.toml"] = &fstest.MapFile{Data: []byte(text)}
		if _, err := Load(good(), fsys); err == nil || message(t, err) != test.want || test.name != "empty" && strings.Contains(err.Error(), "\nfeatures/") {
			t.Errorf("%s:\n got %v\nwant %s", test.name, err, test.want)
		}
	}
}

func TestOwnFeatureOfTheLibrary(t *testing.T) {
	own := mine()
	own["features/web-ui/feature.toml"] = good()["features/web-ui/feature.toml"]
	want := `features/web-ui/feature.toml:1:6: id: web-ui is a feature of nqd already, in nixlib/features/web-ui/feature.toml` +
		` | give the folder, and the id in it, another name`
	if _, err := Load(good(), own); err == nil || message(t, err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A preset is the library's: that an own feature which is always on spoils it, the host file is told.
func TestPresetsAreJudgedWithoutOwnFeatures(t *testing.T) {
	own := mine()
	text := string(own["features/mine/feature.toml"].Data) + "always = true\nconflicts = [\"plain\"]\n"
	own["features/mine/feature.toml"] = &fstest.MapFile{Data: []byte(text)}
	// One that excludes what is always on can never be on: that, too, is for the host file to hear.
	own["features/alone/feature.toml"] = &fstest.MapFile{Data: []byte(strings.NewReplacer(`"mine"`, `"alone"`, "requires", "conflicts", "web-ui", "base").
		Replace(string(mine()["features/mine/feature.toml"].Data)))}
	if _, err := Load(good(), own); err != nil {
		t.Error(err)
	}
}

// The units that systemd allows.
func TestUnits(t *testing.T) {
	fsys := good()
	text := strings.Replace(string(fsys["features/plain/feature.toml"].Data), `"web"`, `"web"
units = ["a-b_c:d.service", "a@b.service", "a\\x2db.socket", "-.mount", "a.timer", "a.target", "a.path"]
late_units = ["a@1.service"]`, 1)
	fsys["features/plain/feature.toml"] = &fstest.MapFile{Data: []byte(text)}
	if _, err := Load(fsys, nil); err != nil {
		t.Error(err)
	}
}

// The same mistake in two of a list is told twice.
func TestErrorsInTwoChecks(t *testing.T) {
	fsys := good()
	text := strings.ReplaceAll(string(fsys["features/web-ui/feature.toml"].Data), "grace = 1\n", "grace = \"1\"\n")
	fsys["features/web-ui/feature.toml"] = &fstest.MapFile{Data: []byte(text)}
	_, err := Load(fsys, nil)
	const cure = ": want a whole number\n  hint: write it in digits alone, without quotes"
	want := "nixlib/features/web-ui/feature.toml:65:9: checks[1].grace" + cure + "\nnixlib/features/web-ui/feature.toml:71:9: checks[2].grace" + cure
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// All that is wrong is told at once, by file.
func TestErrorsOfSeveralFiles(t *testing.T) {
	fsys, own := good(), mine()
	own["features/mine/feature.toml"] = &fstest.MapFile{Data: []byte("id = \"mine\"\ntitle = \"\"\nsumary = 1\n_type = \"x\"\n")}
	own["features/other/feature.toml"] = &fstest.MapFile{Data: []byte("id = 1\n")}
	fsys["presets.toml"] = &fstest.MapFile{Data: []byte("[minimal]\nsummary = \"\"\nfeatures = [\"x\"]\n")}
	_, err := Load(fsys, own)
	want := `features/mine/feature.toml:3:1: sumary: unknown key
  hint: did you mean summary?
features/mine/feature.toml:4:1: _type: keys that begin with "_" are code to the Nix module system
  hint: take the key out
features/other/feature.toml:1:6: id: want a text
  hint: write one text, in quotes
nixlib/presets.toml:3:13: minimal.features[0]: no feature "x"
  hint: known here: base, mine, other, plain, web-ui`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// A folder's name stands in host files and Nix attribute paths.
func TestFolderNames(t *testing.T) {
	for _, name := range []string{"My-Feature", "my feature", "2nd", "my_feature", "ü"} {
		text := "id = \"" + name + "\"\ntitle = \"x\"\nsummary = \"x\"\ncategory = \"web\"\n"
		_, err := Load(good(), fstest.MapFS{"features/" + name + "/feature.toml": {Data: []byte(text)}})
		want := "features/" + name + "/feature.toml:1:6: id: not a name: \"" + name + "\" | " + idCure
		if err == nil || message(t, err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Like builtins.readDir, Load does not take a link for the folder that it leads to.
func TestLinksAreNoFeatures(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{"features", "elsewhere/mine"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "elsewhere/mine/feature.toml"), []byte("no TOML"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../elsewhere/mine", filepath.Join(dir, "features/mine")); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(good(), os.DirFS(dir)); err != nil || c.Features["mine"] != nil {
		t.Errorf("%v", err)
	}
}

// What stands in the place of a feature is told by its name; what cannot be one is left alone.
func TestOddFolders(t *testing.T) {
	const file, nowhere = "features/mine/feature.toml", "a link that leads nowhere | make what it leads to, or remove the link"
	for name, test := range map[string]struct {
		folders []string
		links   map[string]string
		files   []string
		want    string
	}{
		"features is a file":        {nil, nil, []string{"features"}, "features: not a folder | the folders of your own features stand in it: give the file another name"},
		"features leads nowhere":    {nil, map[string]string{"features": "gone"}, nil, "features: " + nowhere},
		"features in a circle":      {nil, map[string]string{"features": "features"}, nil, "features: stat features: too many levels of symbolic links"},
		"feature.toml is a folder":  {[]string{file}, nil, nil, file + ": not a file | the feature is described in a file of that name: give this another one"},
		"feature.toml is a device":  {[]string{"features/mine"}, map[string]string{file: "/dev/null"}, nil, file + ": not a file | the feature is described in a file of that name: give this another one"},
		"feature.toml is gone":      {[]string{"features/mine"}, map[string]string{file: "gone"}, nil, file + ": " + nowhere},
		"a name that is no UTF-8":   {[]string{"features/\xff"}, nil, []string{"features/\xff/feature.toml"}, ""},
		"another name, no UTF-8":    {[]string{"features/mine/\xff"}, nil, []string{"features/\xff"}, ""},
		"a folder without":          {[]string{"features/mine/feature"}, nil, []string{"features/feature.toml"}, ""},
		"a link beside the folders": {[]string{"features"}, map[string]string{"features/.#lock": "ada@orion.1"}, nil, ""},
	} {
		dir := t.TempDir()
		var errs []error
		for _, folder := range test.folders {
			errs = append(errs, os.MkdirAll(filepath.Join(dir, folder), 0o755))
		}
		for link, to := range test.links {
			errs = append(errs, os.Symlink(to, filepath.Join(dir, link)))
		}
		for _, file := range test.files {
			errs = append(errs, os.WriteFile(filepath.Join(dir, file), []byte("x"), 0o644))
		}
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		c, err := Load(good(), os.DirFS(dir))
		got, one := "", (*document.Error)(nil)
		if err != nil {
			got = err.Error()
		}
		if errors.As(err, &one) {
			got += " | " + one.Hint()
		}
		if got != test.want || err == nil && len(c.Features) != 3 {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}

// A circle is told once, also when others lead into it.
func TestCircle(t *testing.T) {
	fsys := fstest.MapFS{"presets.toml": {Data: []byte("")}}
	for id, requires := range map[string]string{"a": `"d", "b"`, "b": `"d", "c"`, "c": `"a"`, "d": ``, "e": `"b"`} {
		text := "id = \"" + id + "\"\ntitle = \"x\"\nsummary = \"x\"\ncategory = \"web\"\nrequires = [" + requires + "]\n"
		fsys["features/"+id+"/feature.toml"] = &fstest.MapFile{Data: []byte(text)}
	}
	_, err := Load(fsys, nil)
	want := "nixlib/features/a/feature.toml:5:1: requires: a circle: a requires b requires c requires a\n  hint: take one of them out"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestBadLibraries(t *testing.T) {
	const base, web, plain, presets = "features/base/feature.toml", "features/web-ui/feature.toml", "features/plain/feature.toml", "presets.toml"
	for _, test := range []struct {
		name, want string
		edits      [][3]string
	}{
		{`unknown key`, `features/web-ui/feature.toml:3:1: sumary: unknown key | did you mean summary?`, [][3]string{{web, `summary =`, `sumary =`}}},
		{`unknown key far from all`, `features/web-ui/feature.toml:3:1: wobble: unknown key | known here: always, category, checks, conflicts, id, late_units, needs, options, packages, ports, requires, secrets, since, state, summary, systems, title, unfree, units, until`, [][3]string{{web, `summary =`, `wobble =`}}},
		{`unknown key in an option`, `features/web-ui/feature.toml:28:1: options.theme.value: unknown key | did you mean values?`, [][3]string{{web, `values =`, `value =`}}},
		{`unknown key in a check`, `features/web-ui/feature.toml:57:1: checks[0].state: unknown key | did you mean status?`, [][3]string{{web, `status =`, `state =`}}},
		{`key in capitals`, `features/web-ui/feature.toml:11:1: Units: unknown key | did you mean units?`, [][3]string{{web, "\nunits =", "\nUnits ="}}},
		{`id in capitals`, `features/web-ui/feature.toml:1:1: ID: unknown key | did you mean id?`, [][3]string{{web, `id = "web-ui"`, `ID = "web-ui"`}}},
		{`bound in capitals`, `features/web-ui/feature.toml:22:1: options.workers.Min: unknown key | did you mean min?`, [][3]string{{web, `min = 1`, `Min = 1`}}},
		{`one bracket too few`, `features/web-ui/feature.toml:43:2: state: want a list of tables | write each under [[state]], with two brackets`, [][3]string{{web, `[[state]]`, `[state]`}}},
		{`unit without a suffix`, `features/web-ui/feature.toml:11:10: units[0]: not a unit of systemd: "web" | the name with its suffix, as "x.service"`, [][3]string{{web, "units = [\"web.service\"]\nlate", "units = [\"web\"]\nlate"}}},
		{`unit of another type`, `features/web-ui/feature.toml:11:10: units[0]: not a unit of systemd: "web.slice" | the name with its suffix, as "x.service"`, [][3]string{{web, "units = [\"web.service\"]\nlate", "units = [\"web.slice\"]\nlate"}}},
		{`unit that is a path`, `features/web-ui/feature.toml:11:25: units[1]: not a unit of systemd: "x/web.service" | the name with its suffix, as "x.service"`, [][3]string{{web, "units = [\"web.service\"]\nlate", "units = [\"web.service\", \"x/web.service\"]\nlate"}}},
		{`template without an instance`, `features/web-ui/feature.toml:11:25: units[1]: not a unit of systemd: "web@.service" | the name with its suffix, as "x.service"`, [][3]string{{web, "units = [\"web.service\"]\nlate", "units = [\"web.service\", \"web@.service\"]\nlate"}}},
		{`unit of nothing but a suffix`, `features/web-ui/feature.toml:11:25: units[1]: not a unit of systemd: ".service" | the name with its suffix, as "x.service"`, [][3]string{{web, "units = [\"web.service\"]\nlate", "units = [\"web.service\", \".service\"]\nlate"}}},
		{`late timer`, `features/web-ui/feature.toml:12:15: late_units[0]: not a service of systemd: "pull.timer" | the name with its suffix, as "x.service"`, [][3]string{{web, `pull.service`, `pull.timer`}}},
		{`always, from a release on`, `features/base/feature.toml:6:9: since: a feature that is always on must suit every host | take it out, or ` + "`always`", [][3]string{{base, `always = true`, "always = true\nsince = \"26.05\""}}},
		{`always, up to a release`, `features/base/feature.toml:6:9: until: a feature that is always on must suit every host | take it out, or ` + "`always`", [][3]string{{base, `always = true`, "always = true\nuntil = \"26.05\""}}},
		{`always, on some systems`, `features/base/feature.toml:6:1: systems: a feature that is always on must suit every host | take it out, or ` + "`always`", [][3]string{{base, `always = true`, "always = true\nsystems = [\"x86_64-linux\"]"}}},
		{`always, with a secret`, `features/base/feature.toml:6:3: secrets: a feature that is always on must suit every host | take it out, or ` + "`always`", [][3]string{{base, `always = true`, "always = true\n[[secrets]]\nname = \"x\"\ndoc = \"x\""}}},
		{`always, against always`, `features/plain/feature.toml:5:14: conflicts[0]: plain and base are both always on | take it out, or ` + "`always`", [][3]string{{plain, `category = "web"`, "category = \"web\"\nconflicts = [\"base\"]\nalways = true"}}},
		{`unknown key in a preset`, `presets.toml:3:1: minimal.feature: unknown key | did you mean features?`, [][3]string{{presets, `features = []`, `feature = []`}}},
		{`no TOML`, `features/web-ui/feature.toml:4:12: unexpected character U+0061 'a' at start of value | a text stands in quotes`, [][3]string{{web, `"ai"`, `ai`}}},
		{`TOML that Nix reads otherwise`, `features/web-ui/feature.toml:2:10: title: \x57 is an escape that Nix does not read | write \u0057`, [][3]string{{web, `"Web"`, `"\x57eb"`}}},
		{`date`, `features/web-ui/feature.toml:3:11: summary: Nix reads no dates and times | write it as a text, in quotes`, [][3]string{{web, `"A page"`, `2026-11-23`}}},
		{`key that is code`, `features/web-ui/feature.toml:3:1: outPath: Nix takes a table with outPath for a store path | take the key out`, [][3]string{{web, `title = "Web"`, "title = \"Web\"\noutPath = \"/etc\""}}},
		{`wrong type`, `features/web-ui/feature.toml:58:12: checks[0].critical: want true or false | write true or false, without quotes`, [][3]string{{web, `critical = true`, `critical = 1`}}},
		{`text for a list`, `features/web-ui/feature.toml:11:9: units: want a list of texts | write it in brackets, as ["a", "b"]`, [][3]string{{web, "[\"web.service\"]\nlate", "\"web.service\"\nlate"}}},
		{`text for a table`, `features/plain/feature.toml:5:9: state: want a list of tables | write each under [[state]], with two brackets`, [][3]string{{plain, `category = "web"`, "category = \"web\"\nstate = \"/var/lib/plain\""}}},
		{`number in a list`, `features/web-ui/feature.toml:7:12: systems[0]: want a text | write one text, in quotes`, [][3]string{{web, `["x86_64-linux"]`, `[1]`}}},
		{`id`, `features/web-ui/feature.toml:1:6: id: "web" stands in the folder "web-ui" | give both the same name`, [][3]string{{web, `id = "web-ui"`, `id = "web"`}}},
		{`no title`, `features/web-ui/feature.toml:1:1: title: missing | each feature has a title, a summary and a category`, [][3]string{{web, `title = "Web"`, ``}}},
		{`category`, `features/web-ui/feature.toml:4:12: category: "games" is none of system, hardware, desktop, shell, terminal, development, ai, database, web, monitoring, container, security`, [][3]string{{web, `category = "ai"`, `category = "games"`}}},
		{`no category`, `features/web-ui/feature.toml:1:1: category: missing | each feature has a title, a summary and a category`, [][3]string{{web, `category = "ai"`, ``}}},
		{`since`, `features/web-ui/feature.toml:5:9: since: not a release: "26.5" | a release by year and month, as "26.11"`, [][3]string{{web, `"26.05"`, `"26.5"`}}},
		{`until`, `features/web-ui/feature.toml:6:9: until: not a release: "soon" | a release by year and month, as "26.11"`, [][3]string{{web, `"27.05"`, `"soon"`}}},
		{`until before since`, `features/web-ui/feature.toml:6:9: until: 26.05 is not after since, 26.05 | until is the first release without the feature`, [][3]string{{web, `"27.05"`, `"26.05"`}}},
		{`systems`, `features/web-ui/feature.toml:7:12: systems[0]: "riscv64-linux" is none of x86_64-linux, aarch64-linux`, [][3]string{{web, `"x86_64-linux"`, `"riscv64-linux"`}}},
		{`system twice`, `features/web-ui/feature.toml:7:28: systems[1]: "x86_64-linux" stands here twice | take one out`, [][3]string{{web, `["x86_64-linux"]`, `["x86_64-linux", "x86_64-linux"]`}}},
		{`requires none`, `features/web-ui/feature.toml:8:13: requires[0]: no feature "bose" | did you mean base?`, [][3]string{{web, `requires = ["base"]`, `requires = ["bose"]`}}},
		{`requires itself`, `features/web-ui/feature.toml:8:13: requires[0]: a feature cannot require itself | take it out`, [][3]string{{web, `requires = ["base"]`, `requires = ["web-ui"]`}}},
		{`requires what it excludes`, `features/web-ui/feature.toml:8:13: requires[0]: web-ui and base exclude each other, so web-ui could never be on | take one of the two out`, [][3]string{{web, `"other-web"`, `"base"`}}},
		{`excludes itself`, `features/web-ui/feature.toml:9:14: conflicts[0]: a feature cannot exclude itself | take it out`, [][3]string{{web, `"other-web"`, `"web-ui"`}}},
		{`excludes no id`, `features/web-ui/feature.toml:9:14: conflicts[0]: not a name: "Other Web" | lower case letters, digits and hyphens, beginning with a letter`, [][3]string{{web, `"other-web"`, `"Other Web"`}}},
		{`twice excluded`, `features/web-ui/feature.toml:9:27: conflicts[1]: "other-web" stands here twice | take one out`, [][3]string{{web, `"other-web"`, `"other-web", "other-web"`}}},
		{`circle`, `features/plain/feature.toml:5:1: requires: a circle: plain requires web-ui requires plain | take one of them out`, [][3]string{{plain, `category = "web"`, "category = \"web\"\nrequires = [\"web-ui\"]"}, {web, `requires = ["base"]`, `requires = ["plain"]`}}},
		{`package`, `features/web-ui/feature.toml:10:13: packages[0]: not a package: "nerd-fonts..hack" | an attribute path in nixpkgs, as "ripgrep" or "nerd-fonts.hack"`, [][3]string{{web, `nerd-fonts.hack`, `nerd-fonts..hack`}}},
		{`package with a program`, `features/web-ui/feature.toml:10:13: packages[0]: not a package: "hello; abort" | an attribute path in nixpkgs, as "ripgrep" or "nerd-fonts.hack"`, [][3]string{{web, `nerd-fonts.hack`, `hello; abort`}}},
		{`package twice`, `features/web-ui/feature.toml:10:32: packages[1]: "nerd-fonts.hack" stands here twice | take one out`, [][3]string{{web, `"7zz"`, `"nerd-fonts.hack"`}}},
		{`option type`, `features/web-ui/feature.toml:15:8: options.port.type: unknown type "float" | known are: bool, enum, int, listOf str, port, str`, [][3]string{{web, `type = "port"`, `type = "float"`}}},
		{`default of another type`, `features/web-ui/feature.toml:16:11: options.port.default: want a port number, not the text "8080"`, [][3]string{{web, `default = 8080`, `default = "8080"`}}},
		{`default out of range`, `features/web-ui/feature.toml:16:11: options.port.default: want a port from 1 to 65535, not 0`, [][3]string{{web, `default = 8080`, `default = 0`}}},
		{`default no value of the enum`, `features/web-ui/feature.toml:29:11: options.theme.default: want one of dark, light, not the text "blue"`, [][3]string{{web, `default = "dark"`, `default = "blue"`}}},
		{`default with a number in a list`, `features/web-ui/feature.toml:34:1: options.tags.default: element 2: want a text, not the number 1`, [][3]string{{web, `default = ["a"]`, `default = ["a", 1]`}}},
		{`default below min`, `features/web-ui/feature.toml:21:11: options.workers.default: want a whole number from 1 to 64, not 0`, [][3]string{{web, `default = 4`, `default = 0`}}},
		{`default above max`, `features/web-ui/feature.toml:21:11: options.workers.default: want a whole number from 1 to 64, not 65`, [][3]string{{web, `default = 4`, `default = 65`}}},
		{`default above the only bound`, `features/web-ui/feature.toml:21:11: options.workers.default: want a whole number up to 64, not 65`, [][3]string{{web, "default = 4\nmin = 1", `default = 65`}}},
		{`default below the only bound`, `features/web-ui/feature.toml:21:11: options.workers.default: want a whole number from 1 on, not 0`, [][3]string{{web, "default = 4\nmin = 1\nmax = 64", "default = 0\nmin = 1"}}},
		{`min above max`, `features/web-ui/feature.toml:23:7: options.workers.max: 64 is below min, 65`, [][3]string{{web, `min = 1`, `min = 65`}}},
		{`min of no int`, `features/web-ui/feature.toml:18:7: options.port.min: an int has bounds, and nothing else has`, [][3]string{{web, `doc = "Port."`, "doc = \"Port.\"\nmin = 1"}}},
		{`max is a text`, `features/web-ui/feature.toml:23:7: options.workers.max: want a whole number | write it in digits alone, without quotes`, [][3]string{{web, `max = 64`, `max = "64"`}}},
		{`no default`, `features/web-ui/feature.toml:14:10: options.port.default: missing | the value of the option where the host file has none`, [][3]string{{web, `default = 8080`, ``}}},
		{`no doc`, `features/web-ui/feature.toml:14:10: options.port.doc: missing | say what the option does`, [][3]string{{web, `doc = "Port."`, ``}}},
		{`values of no enum`, `features/web-ui/feature.toml:18:1: options.port.values: an enum has values, and nothing else has`, [][3]string{{web, `doc = "Port."`, "doc = \"Port.\"\nvalues = [\"a\"]"}}},
		{`option named enable`, `features/web-ui/feature.toml:32:10: options.enable: not a name for an option | lower case letters, digits and "_"; nqd has enable and expose itself`, [][3]string{{web, `[options.tags]`, `[options.enable]`}}},
		{`option in capitals`, `features/web-ui/feature.toml:32:10: options.Tags: not a name for an option | lower case letters, digits and "_"; nqd has enable and expose itself`, [][3]string{{web, `[options.tags]`, `[options.Tags]`}}},
		{`port of no option`, `features/web-ui/feature.toml:38:10: ports.page.option: no option "tags" of type port | the option that holds the number stands in a table [options.NAME] of this file`, [][3]string{{web, `option = "port"`, `option = "tags"`}}},
		{`port's name`, `features/web-ui/feature.toml:37:8: ports.Page: not a name: "Page" | lower case letters, digits and hyphens, beginning with a letter`, [][3]string{{web, `[ports.page]`, `[ports.Page]`}}},
		{`protocol`, `features/web-ui/feature.toml:39:12: ports.page.protocol: "sctp" is none of tcp, udp`, [][3]string{{web, `"tcp"`, `"sctp"`}}},
		{`page over udp`, `features/web-ui/feature.toml:39:12: ports.page.protocol: pages and metrics are read over tcp | make it tcp, or take web and metrics out`, [][3]string{{web, `"tcp"`, `"udp"`}}},
		{`metrics`, `features/web-ui/feature.toml:41:11: ports.page.metrics: "metrics" does not begin with a slash | the path that Prometheus reads, as "/metrics"`, [][3]string{{web, `"/metrics"`, `"metrics"`}}},
		{`two ports on one number`, `features/plain/feature.toml:17:10: ports.api.option: api and admin are both tcp port 9090 | give each an option of its own, with another default`, [][3]string{{plain, `protocol = "udp"`, `protocol = "tcp"`}, {plain, `default = 8080`, `default = 9090`}}},
		{`state path`, `features/web-ui/feature.toml:44:8: state[0].path: "var/lib/web" is not the path of a file or folder from the root on | as "/var/lib/x"`, [][3]string{{web, `path = "/var/lib/web"`, `path = "var/lib/web"`}}},
		{`state path with dots`, `features/web-ui/feature.toml:44:8: state[0].path: "/var/lib/../web" is not the path of a file or folder from the root on | as "/var/lib/x"`, [][3]string{{web, `path = "/var/lib/web"`, `path = "/var/lib/../web"`}}},
		{`no state path`, `features/web-ui/feature.toml:43:3: state[0].path: "" is not the path of a file or folder from the root on | as "/var/lib/x"`, [][3]string{{web, `path = "/var/lib/web"`, ``}}},
		{`state kind`, `features/web-ui/feature.toml:45:8: state[0].kind: "mysql" is none of files, sqlite, postgres, cache`, [][3]string{{web, `"sqlite"`, `"mysql"`}}},
		{`state twice`, `features/web-ui/feature.toml:49:8: state[1].path: "/var/lib/web" stands here twice | take one out`, [][3]string{{web, `[[secrets]]`, "[[state]]\npath = \"/var/lib/web\"\nkind = \"files\"\n[[secrets]]"}}},
		{`secret name`, `features/web-ui/feature.toml:49:8: secrets[0].name: not a name: "../key" | lower case letters, digits and hyphens, beginning with a letter`, [][3]string{{web, `"web-password"`, `"../key"`}}},
		{`secret without a doc`, `features/web-ui/feature.toml:48:3: secrets[0].doc: missing | say what the secret is for`, [][3]string{{web, `doc = "Who may look."`, ``}}},
		{`secret twice`, `features/web-ui/feature.toml:52:8: secrets[1].name: "web-password" stands here twice | take one out`, [][3]string{{web, `doc = "Who may look."`, "doc = \"Who may look.\"\n[[secrets]]\nname = \"web-password\"\ndoc = \"x\""}}},
		{`secret of another`, `features/web-ui/feature.toml:49:8: secrets[0].name: "web-password" is a secret of plain already | give it another name`, [][3]string{{plain, `category = "web"`, "category = \"web\"\n[[secrets]]\nname = \"web-password\"\ndoc = \"x\""}}},
		{`check of no port`, `features/web-ui/feature.toml:55:8: checks[0].port: no port "api" | name a table [ports.NAME] of this file`, [][3]string{{web, `port = "page"`, `port = "api"`}}},
		{`check of no unit`, `features/web-ui/feature.toml:64:8: checks[1].unit: no unit "wub.service" | name it in units or late_units of this file too`, [][3]string{{web, `unit = "web.service"`, `unit = "wub.service"`}}},
		{`check of no path`, `features/web-ui/feature.toml:52:3: checks[0].path: "" does not begin with a slash | a path of the server, as "/health"`, [][3]string{{web, "path = \"/\"\n", ``}}},
		{`check status`, `features/web-ui/feature.toml:57:10: checks[0].status: 20 is no HTTP status | the status of a good answer, as 200`, [][3]string{{web, `status = 200`, `status = 20`}}},
		{`check program`, `features/web-ui/feature.toml:70:1: checks[2].argv: no program named | a list of texts, as ["git", "--version"]`, [][3]string{{web, `["web", "--version"]`, `[]`}}},
		{`check kind`, `features/web-ui/feature.toml:69:8: checks[2].kind: "shell" is none of http, tcp, unit, command, gpu`, [][3]string{{web, `kind = "command"`, `kind = "shell"`}}},
		{`check grace`, `features/web-ui/feature.toml:59:9: checks[0].grace: want seconds, at least 1, not -1 | how long the feature may take to come up`, [][3]string{{web, `grace = 20`, `grace = -1`}}},
		{`check twice`, `features/web-ui/feature.toml:68:6: checks[2].id: "unit" is empty or taken | give each check a name of its own`, [][3]string{{web, `id = "runs"`, `id = "unit"`}}},
		{`preset of no feature`, `presets.toml:7:22: full.features[1]: no feature "web" | known here: base, plain, web-ui`, [][3]string{{presets, `"web-ui"`, `"web"`}}},
		{`preset with one twice`, `presets.toml:7:32: full.features[2]: "web-ui" stands here twice | take one out`, [][3]string{{presets, `"web-ui"`, `"web-ui", "web-ui"`}}},
		{`preset not closed`, `presets.toml:7:1: full.features: web-ui requires plain, which is not in the preset | put it in`, [][3]string{{web, `requires = ["base"]`, `requires = ["plain"]`}, {presets, `"plain", "web-ui"`, `"web-ui"`}}},
		{`preset with a conflict`, `presets.toml:7:1: full.features: plain and web-ui exclude each other | take one of them out`, [][3]string{{web, `"other-web"`, `"plain"`}}},
		{`preset with a port clash`, `presets.toml:7:1: full.features: plain and web-ui both want tcp port 8080 | give one of them another default`, [][3]string{{plain, `default = 9090`, `default = 8080`}}},
		{`unfree`, `features/web-ui/feature.toml:11:11: unfree[0]: not a package: "claude code" | the name without a version, as packages.allow_unfree of a host file takes it`, [][3]string{{web, `"7zz"]`, "\"7zz\"]\nunfree = [\"claude code\"]"}}},
		{`key that is code in a table`, `features/web-ui/feature.toml:18:1: options.port._type: keys that begin with "_" are code to the Nix module system | take the key out`, [][3]string{{web, `doc = "Port."`, "doc = \"Port.\"\n_type = \"x\""}}},
		{`default no list`, `features/web-ui/feature.toml:34:11: options.tags.default: want a list of texts, not the text "a"`, [][3]string{{web, `default = ["a"]`, `default = "a"`}}},
		{`needs without a word`, `features/web-ui/feature.toml:37:2: needs: memory_mb is a positive number, and for says what takes it | give both or neither`, [][3]string{{web, `[ports.page]`, "[needs]\nmemory_mb = 1\n[ports.page]"}}},
		{`unknown table`, `features/web-ui/feature.toml:37:2: wobble: unknown key | known here: always, category, checks, conflicts, id, late_units, needs, options, packages, ports, requires, secrets, since, state, summary, systems, title, unfree, units, until`, [][3]string{{web, `[ports.page]`, "[wobble.deep]\nx = 1\n[ports.page]"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			fsys := good()
			for _, edit := range test.edits {
				text := string(fsys[edit[0]].Data)
				if strings.Count(text, edit[1]) != 1 {
					t.Fatalf("%q stands %d times in %s", edit[1], strings.Count(text, edit[1]), edit[0])
				}
				fsys[edit[0]] = &fstest.MapFile{Data: []byte(strings.Replace(text, edit[1], edit[2], 1))}
			}
			_, err := Load(fsys, nil)
			if err == nil {
				t.Fatal("loaded")
			}
			if got := message(t, err); got != "nixlib/"+test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
	fsys := good()
	delete(fsys, presets)
	if _, err := Load(fsys, nil); err == nil || !strings.Contains(err.Error(), presets) {
		t.Errorf("without presets: %v", err)
	}
}

// The library that nqd carries loads; and Nix, which reads the same files, knows the same types
// and the same preset.
func TestLibrary(t *testing.T) {
	if _, err := Load(nixlib.FS, nil); err != nil {
		t.Error(err)
	}
	text := source(t, "lib/types.nix")
	_, text, found := strings.Cut(text, "named = {")
	table, rest, closed := strings.Cut(text, "};")
	names := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^\s*"?([A-Za-z][A-Za-z ]*)"? = `).FindAllStringSubmatch(table, -1) {
		names[match[1]] = true
	}
	more := regexp.MustCompile(`names = builtins.attrNames named \+\+ \[ "(\w+)" \];`).FindStringSubmatch(rest)
	if !found || !closed || more == nil {
		t.Fatal("lib/types.nix is not as this test reads it")
	}
	names[more[1]] = true
	if theirs := slices.Sorted(maps.Keys(names)); !slices.Equal(theirs, TypeNames()) {
		t.Errorf("types of lib/types.nix: %q\ntypes here: %q", theirs, TypeNames())
	}
	if want := `host.preset or "` + DefaultPreset + `"`; !strings.Contains(source(t, "modules/features.nix"), want) {
		t.Errorf("modules/features.nix does not say %s", want)
	}
}

func source(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(nixlib.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
