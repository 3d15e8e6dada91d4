package catalog

import (
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

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
units = ["web.service"]
late_units = ["pull.service"]

[options.port]
type = "port"
default = 8080
doc = "Port."

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
		"presets.toml": {Data: []byte(`[minimal]
summary = "Little"
features = []

[full]
summary = "All"
features = ["web-ui"]
`)},
	}
}

func TestLoad(t *testing.T) {
	c, err := Load(good())
	if err != nil {
		t.Fatal(err)
	}
	want := &Feature{
		ID: "web-ui", Title: "Web", Summary: "A page", Category: "ai",
		Units: []string{"web.service"}, LateUnits: []string{"pull.service"},
		Options: map[string]Option{
			"port":  {Type: "port", Default: int64(8080), Doc: "Port."},
			"theme": {Type: "enum", Default: "dark", Doc: "Colours.", Values: []string{"dark", "light"}},
			"tags":  {Type: "listOf str", Default: []any{"a"}, Doc: "Tags."},
		},
		Ports: map[string]Port{"page": {Option: "port", Protocol: "tcp"}},
		Checks: []Check{
			{ID: "page", Kind: "http", Port: "page", Path: "/", Status: 200, Critical: true, Grace: 20},
			{ID: "unit", Kind: "unit", Unit: "web.service", Grace: 1},
			{ID: "runs", Kind: "command", Argv: []string{"web", "--version"}, Grace: 1},
		},
	}
	if got := c.Features["web-ui"]; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := c.Presets["full"]; !reflect.DeepEqual(got, Preset{Summary: "All", Features: []string{"web-ui"}}) {
		t.Errorf("preset: %+v", got)
	}
}

func TestEnabled(t *testing.T) {
	c, err := Load(good())
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
		{"full", nil, []string{"base", "web-ui"}},
		{"full", map[string]bool{"web-ui": false, "base": false, "no such": true}, []string{"base"}},
	} {
		if got := c.Enabled(test.preset, test.chosen); !slices.Equal(got, test.want) {
			t.Errorf("%q %v: %q, want %q", test.preset, test.chosen, got, test.want)
		}
	}
}

func TestBadLibraries(t *testing.T) {
	const web, presets = "features/web-ui/feature.toml", "presets.toml"
	for _, test := range []struct{ name, file, old, new, want string }{
		{"unknown key", web, `summary =`, `sumary =`, web + `:3:1: sumary: unknown key`},
		{"unknown key in an option", web, `values =`, `value =`, web + `:15:1: options.theme.value: unknown key`},
		{"unknown key in a preset", presets, `features = []`, `feature = []`, presets + `:3:1: minimal.feature: unknown key`},
		{"no TOML", web, `"ai"`, `ai`, web + `:4:12: unexpected character U+0061 'a' at start of value`},
		{"wrong type", web, `critical = true`, `critical = 1`, web + `:34:12: cannot decode TOML integer into struct field catalog.Check.Critical of type bool`},
		{"id", web, `id = "web-ui"`, `id = "web"`, web + `: id: "web" stands in the folder "web-ui"`},
		{"no title", web, `title = "Web"`, ``, web + `: title, summary, category: each feature has all three`},
		{"option type", web, `type = "port"`, `type = "float"`, web + `: options.port: type: unknown type "float"; known are: bool, enum, int, listOf str, port, str`},
		{"default of another type", web, `default = 8080`, `default = "8080"`, web + `: options.port: default: want a port number, not the text "8080"`},
		{"default out of range", web, `default = 8080`, `default = 0`, web + `: options.port: default: want a port from 1 to 65535, not 0`},
		{"default no value of the enum", web, `default = "dark"`, `default = "blue"`, web + `: options.theme: default: want one of dark, light, not the text "blue"`},
		{"default with a number in a list", web, `default = ["a"]`, `default = ["a", 1]`, web + `: options.tags: default: element 2: want a text, not the number 1`},
		{"no default", web, `default = 8080`, ``, web + `: options.port: default: want a port number, not nothing`},
		{"no doc", web, `doc = "Port."`, ``, web + `: options.port: doc: missing`},
		{"values of no enum", web, `doc = "Port."`, `doc = "Port."` + "\nvalues = [\"a\"]", web + `: options.port: values: an enum has values, and nothing else has`},
		{"option named enable", web, `[options.tags]`, `[options.enable]`, web + `: options.enable: not a name for an option`},
		{"port of no option", web, `option = "port"`, `option = "tags"`, web + `: ports.page.option: no option "tags" of type port`},
		{"protocol", web, `"tcp"`, `"sctp"`, web + `: ports.page.protocol: "sctp" is neither tcp nor udp`},
		{"check of no port", web, `port = "page"`, `port = "api"`, web + `: checks[0] (page): port: no port "api"`},
		{"check of no unit", web, `unit = "web.service"`, `unit = "wub.service"`, web + `: checks[1] (unit): unit: no unit "wub.service"`},
		{"check of no path", web, `path = "/"`, ``, web + `: checks[0] (page): path: "" does not begin with a slash`},
		{"check status", web, `status = 200`, `status = 20`, web + `: checks[0] (page): status: 20 is no HTTP status`},
		{"check program", web, `["web", "--version"]`, `[]`, web + `: checks[2] (runs): argv: no program named`},
		{"check kind", web, `kind = "command"`, `kind = "shell"`, web + `: checks[2] (runs): kind: "shell" is none of http, tcp, unit, command`},
		{"check grace", web, `grace = 20`, `grace = -1`, web + `: checks[0] (page): grace: want seconds, at least 1, not -1`},
		{"check twice", web, `id = "runs"`, `id = "unit"`, web + `: checks[2].id: "unit" is empty or taken`},
		{"preset of no feature", presets, `"web-ui"`, `"web"`, presets + `: full.features: no feature "web"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			fsys := good()
			text := string(fsys[test.file].Data)
			if strings.Count(text, test.old) != 1 {
				t.Fatalf("%q stands %d times in %s", test.old, strings.Count(text, test.old), test.file)
			}
			fsys[test.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, test.old, test.new, 1))}
			_, err := Load(fsys)
			if err == nil {
				t.Fatal("loaded")
			}
			if got := strings.Split(err.Error(), "\n")[0]; got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
	fsys := good()
	delete(fsys, presets)
	if _, err := Load(fsys); err == nil || !strings.Contains(err.Error(), presets) {
		t.Errorf("without presets: %v", err)
	}
}

// The library that nqd carries loads; and Nix, which reads the same files, knows the same types
// and the same preset.
func TestLibrary(t *testing.T) {
	if _, err := Load(nixlib.FS); err != nil {
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
