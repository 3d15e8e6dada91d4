package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

func TestPagesAreFresh(t *testing.T) {
	pages, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != pages[name] {
			t.Errorf("docs/%s is not what the library says now: make docs\n%s", name, difference(string(got), pages[name]))
		}
	}
}

// difference is the first line that differs.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "there:     " + g[i] + "\nshould be: " + w[i]
		}
	}
	return "one is longer"
}

func TestEveryKeyIsDescribed(t *testing.T) {
	for _, key := range host.Keys() {
		if key.Option.Doc == "" {
			t.Errorf("%s has no doc in internal/host/schema.go", key.Path)
		}
		if typeOf(key.Option) == "" {
			t.Errorf("%s: no words for the type %s", key.Path, key.Option.Type)
		}
	}
	c, err := catalog.Load(nixlib.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, feature := range c.Features {
		for name, option := range host.KeysOf(feature) {
			if option.Doc == "" {
				t.Errorf("features.%s.%s has no doc", id, name)
			}
		}
	}
}

func TestEveryTypeHasWords(t *testing.T) {
	for _, name := range catalog.TypeNames() {
		if typeOf(catalog.Option{Type: name}) == "" {
			t.Errorf("no words for the type %s", name)
		}
	}
}

const everything = `id = "all"
title = "All"
summary = "All that a feature can say"
category = "web"
since = "26.05"
until = "26.11"
systems = ["x86_64-linux"]
requires = ["other"]
conflicts = ["other-one", "none"]
packages = ["hello"]
unfree = ["secretive"]
units = ["all.service"]
late_units = ["load.service"]

[options.port]
type = "port"
default = 81
doc = "A port."

[options.way]
type = "enum"
values = ["a|b", "c"]
default = "c"
doc = "A way."

[options.size]
type = "int"
min = 1
max = 9
default = 3
doc = "A size of ` + "`<n>`" + `, n < 10."

[options.names]
type = "listOf str"
default = ["x", "y"]
doc = "Names."

[ports.page]
option = "port"
protocol = "tcp"
web = true
metrics = "/metrics"

[[state]]
path = "/var/lib/all"
kind = "sqlite"
migrates = true

[[secrets]]
name = "key"
doc = "A key"

[[checks]]
id = "page"
kind = "http"
port = "page"
path = "/"
status = 200
critical = true
grace = 9

[[checks]]
id = "runs"
kind = "command"
argv = ["all", "--version"]
critical = false
grace = 9
`

const wantSection = `
## all

**All.** All that a feature can say.

|  |  |
|---|---|
| category | web |
| on | in ` + "`minimal`" + ` |
| runs | ` + "`all.service`" + ` |
| downloads after the commit | ` + "`load.service`" + ` |
| keeps data | ` + "`/var/lib/all`" + ` (sqlite; a newer version changes it so that an older one may not read it) |
| unfree | ` + "`secretive`" + ` |
| installs | ` + "`hello`" + ` |
| listens on | tcp port 81 (page; for browsers; metrics at ` + "`/metrics`" + `) |
| is checked | ` + "`/`" + ` of page answers 200 (or the deployment is taken back), ` + "`all --version`" + ` succeeds |
| needs | [other](#other) |
| excludes | [other-one](#other-one), ` + "`none`" + ` |
| needs the secret | ` + "`key`" + ` (A key) |
| NixOS | from 26.05 on, before 26.11 |
| only on | ` + "`x86_64-linux`" + ` |

| option | type | default | what it says |
|---|---|---|---|
| ` + "`names`" + ` | list of texts | ` + "`[\"x\", \"y\"]`" + ` | Names. |
| ` + "`port`" + ` | port | ` + "`81`" + ` | A port. |
| ` + "`size`" + ` | whole number from 1 to 9 | ` + "`3`" + ` | A size of ` + "`<n>`" + `, n &lt; 10. |
| ` + "`way`" + ` | one of ` + "`a\\|b`, `c`" + ` | ` + "`\"c\"`" + ` | A way. |
`

func TestSection(t *testing.T) {
	c, err := catalog.Load(fstest.MapFS{
		"features/all/feature.toml":       {Data: []byte(everything)},
		"features/other/feature.toml":     {Data: []byte("id = \"other\"\ntitle = \"O\"\nsummary = \"O\"\ncategory = \"web\"\n")},
		"features/other-one/feature.toml": {Data: []byte("id = \"other-one\"\ntitle = \"O\"\nsummary = \"O\"\ncategory = \"web\"\n")},
		"presets.toml":                    {Data: []byte("[minimal]\nsummary = \"M\"\nfeatures = [\"all\", \"other\"]\n")},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := section(c, "all"); got != wantSection {
		t.Errorf("%s\n\ngot:%s\nwant:%s", difference(got, wantSection), got, wantSection)
	}
}
