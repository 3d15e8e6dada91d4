package host

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

// features is a small catalog, so that messages do not change with the library.
func features(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load(fstest.MapFS{
		"features/base/feature.toml": {Data: []byte(`
id = "base"
title = "Base"
summary = "Base"
category = "system"
always = true
`)},
		"features/git/feature.toml": {Data: []byte(`
id = "git"
title = "Git"
summary = "Git"
category = "development"
[options.signing]
type = "enum"
values = ["none", "ssh"]
default = "none"
doc = "How commits are signed."
[options.depth]
type = "int"
default = 3
doc = "A number."
[options.note]
type = "str"
default = ""
doc = "A text."
`)},
		"features/ollama/feature.toml": {Data: []byte(`
id = "ollama"
title = "Ollama"
summary = "Ollama"
category = "ai"
[options.port]
type = "port"
default = 11434
doc = "Port."
[options.models]
type = "listOf str"
default = ["tiny"]
doc = "Models."
[ports.api]
option = "port"
protocol = "tcp"
`)},
		"features/postgresql/feature.toml": {Data: []byte(`
id = "postgresql"
title = "PostgreSQL"
summary = "PostgreSQL"
category = "database"
[options.port]
type = "port"
default = 5432
doc = "Port."
[ports.server]
option = "port"
protocol = "tcp"
`)},
		"features/dns/feature.toml": {Data: []byte(`
id = "dns"
title = "DNS"
summary = "DNS"
category = "network"
[options.port]
type = "port"
default = 5432
doc = "Port."
[ports.server]
option = "port"
protocol = "udp"
`)},
		"features/twin/feature.toml": {Data: []byte(`
id = "twin"
title = "Twin"
summary = "Another Ollama"
category = "ai"
[options.port]
type = "port"
default = 11434
doc = "Port."
[ports.api]
option = "port"
protocol = "tcp"
`)},
		"presets.toml": {Data: []byte(`
[twins]
summary = "Two features on one port"
features = ["ollama", "twin"]
[ai-workstation]
summary = "All"
features = ["git", "ollama"]
[minimal]
summary = "Little"
features = ["git"]
`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// orion is the host file of DESIGN §3.
func orion(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "orion.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestLoad(t *testing.T) {
	h, err := Load(filepath.Join("testdata", "orion.toml"), features(t))
	if err != nil {
		t.Fatal(err)
	}
	if h.Reading() == nil {
		t.Error("no reading")
	}
	h.reading = nil
	want := &Host{
		Version: 1,
		Preset:  "ai-workstation",
		Host: Identity{
			Name: "orion", System: "x86_64-linux", Release: "26.05", Timezone: "Europe/Berlin",
			Locale: "en_US.UTF-8", Keymap: "us", StateVersion: "26.05",
		},
		User: User{
			Name: "ada", FullName: "Ada Lovelace", GitName: "Ada Lovelace", GitEmail: "ada@example.org",
			GitHub: "ada", Editor: "vscodium",
		},
		Features: map[string]map[string]any{
			"ollama":     {"enable": true, "models": []string{"qwen3:8b"}},
			"postgresql": {"enable": true, "expose": []string{}},
		},
		Flatpak:  Flatpak{Apps: []string{"md.obsidian.Obsidian"}},
		Packages: Packages{AllowUnfree: []string{"claude-code"}},
		Build:    Build{Compile: "small"},
	}
	if !reflect.DeepEqual(h, want) {
		t.Errorf("got  %+v\nwant %+v", h, want)
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	_, err := Load(filepath.Join("testdata", "none.toml"), features(t))
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "none.toml") {
		t.Error(err)
	}
}

func TestEachErrorHasItsHintBelow(t *testing.T) {
	_, err := Parse("h", []byte("version = 1\nhost = { __a = 1, _b = 2 }\nuser = 1"), features(t))
	var hinter interface{ Hint() string }
	if !errors.As(err, &hinter) || hinter.Hint() == "" {
		t.Fatal(err)
	}
	want := "h:3:8: user: want a table\n  hint: write it as [user]"
	if !strings.HasSuffix(err.Error(), want) || strings.Count(err.Error(), "hint: take the key out") != 2 {
		t.Error(err)
	}
}

func TestAbsentKeys(t *testing.T) {
	h, err := Load(filepath.Join("testdata", "bare.toml"), features(t))
	if err != nil {
		t.Fatal(err)
	}
	if h.Preset != "minimal" || h.Build.Compile != "small" || h.Flatpak.Apps == nil || h.Packages.AllowUnfree == nil || h.Features == nil {
		t.Errorf("%+v", h)
	}
}

func TestEnabledAndOption(t *testing.T) {
	c := features(t)
	h, err := Load(filepath.Join("testdata", "odd.toml"), c)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := h.Enabled(c), []string{"base", "ollama", "postgresql"}; !reflect.DeepEqual(got, want) {
		t.Errorf("enabled: %q, want %q", got, want)
	}
	for _, test := range []struct {
		feature, option string
		want            any
	}{
		{"ollama", "port", int64(8080)},
		{"ollama", "models", []string{"a", "b"}},
		{"postgresql", "port", int64(15432)},
		{"git", "signing", "none"},
	} {
		if got := h.Option(c, test.feature, test.option); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s.%s: %#v, want %#v", test.feature, test.option, got, test.want)
		}
	}
	plain := Default()
	if got := plain.Option(c, "ollama", "models"); !reflect.DeepEqual(got, []string{"tiny"}) {
		t.Errorf("default: %#v", got)
	}
}

func TestSamePortOfTwoProtocols(t *testing.T) {
	text := strings.Replace(orion(t), "[flatpak]", "[features.dns]\nenable = true\n[flatpak]", 1)
	if _, err := Parse("host.toml", []byte(text), features(t)); err != nil {
		t.Error(err)
	}
}

// Whole host files, read by Go and by Nix.
func TestHostFilesReadLikeNix(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.toml"))
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	var documents [][]byte
	var hosts []*Host
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h, err := Parse(file, data, features(t))
		if err != nil {
			t.Fatal(err)
		}
		documents, hosts = append(documents, data), append(hosts, h)
	}
	eachNix(t, func(t *testing.T, nix nix) {
		for i, theirs := range nix.readAll(t, documents) {
			if err := Compare(hosts[i].Reading(), theirs); err != nil {
				t.Errorf("%s: %v", files[i], err)
			}
		}
	})
}

// Default must load with the library that nqd carries.
func TestDefaultLoads(t *testing.T) {
	c, err := catalog.Load(nixlib.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Default().Format(c); err != nil {
		t.Error(err)
	}
}

// The schema and the fields of Host are two lists of the same keys.
func TestSchemaIsHost(t *testing.T) {
	var fields, paths []string
	for _, e := range schema {
		paths = append(paths, e.path)
	}
	top := reflect.TypeFor[Host]()
	for i := range top.NumField() {
		field := top.Field(i)
		name := field.Tag.Get("toml")
		switch {
		case !field.IsExported() || name == "features":
		case field.Type.Kind() == reflect.Struct:
			for j := range field.Type.NumField() {
				fields = append(fields, name+"."+field.Type.Field(j).Tag.Get("toml"))
			}
		default:
			fields = append(fields, name)
		}
	}
	if !reflect.DeepEqual(fields, paths) {
		t.Errorf("fields of Host: %q\nschema: %q", fields, paths)
	}
}
