package host

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
	"github.com/masterofnull/nixos-quick-deploy/testing/toml"
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
category = "web"
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
		"features/open-webui/feature.toml": {Data: []byte(`
id = "open-webui"
title = "Open WebUI"
summary = "Open WebUI"
category = "ai"
requires = ["ollama", "git"]
`)},
		"features/plasma/feature.toml": {Data: []byte(`
id = "plasma"
title = "Plasma"
summary = "Plasma"
category = "desktop"
conflicts = ["gnome", "cosmic"]
`)},
		"features/gnome/feature.toml": {Data: []byte(`
id = "gnome"
title = "GNOME"
summary = "GNOME"
category = "desktop"
`)},
		"features/newer/feature.toml": {Data: []byte(`
id = "newer"
title = "Newer"
summary = "Newer"
category = "shell"
since = "26.11"
systems = ["x86_64-linux"]
`)},
		"features/older/feature.toml": {Data: []byte(`
id = "older"
title = "Older"
summary = "Older"
category = "shell"
until = "26.11"
`)},
		"features/proxy/feature.toml": {Data: []byte(`
id = "proxy"
title = "Proxy"
summary = "Proxy"
category = "web"
[options.plain]
type = "port"
default = 80
doc = "Port."
[options.secure]
type = "port"
default = 443
doc = "Port."
[options.workers]
type = "int"
default = 1
min = 1
max = 8
doc = "Workers."
[ports.plain]
option = "plain"
protocol = "tcp"
[ports.secure]
option = "secure"
protocol = "tcp"
[ports.quic]
option = "secure"
protocol = "udp"
`)},
		"features/grafana/feature.toml": {Data: []byte(`
id = "grafana"
title = "Grafana"
summary = "Grafana"
category = "monitoring"
[[secrets]]
name = "grafana-admin"
doc = "The password."
[[secrets]]
name = "grafana-key"
doc = "The key."
`)},
		"presets.toml": {Data: []byte(`
[desk]
summary = "A desktop"
features = ["git", "gnome", "older"]
[chat]
summary = "Chat"
features = ["git", "ollama", "open-webui"]
[monitor]
summary = "Monitoring"
features = ["grafana"]
[ai-workstation]
summary = "All"
features = ["git", "ollama"]
[minimal]
summary = "Little"
features = ["git"]
`)},
	}, nil)
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
	h.document = nil
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
		Users: map[string]Account{},
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
	if h.Preset != "minimal" || h.Build.Compile != "small" || h.Flatpak.Apps == nil || h.Packages.AllowUnfree == nil || h.Features == nil || h.Users == nil {
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
	toml.EachNix(t, func(t *testing.T, nix toml.Nix) {
		for i, theirs := range nix.ReadAll(t, documents) {
			if err := document.Compare(hosts[i].Reading(), theirs); err != nil {
				t.Errorf("%s: %v", files[i], err)
			}
		}
	})
}

// Default must load with the library that nqd carries.
func TestDefaultLoads(t *testing.T) {
	c, err := catalog.Load(nixlib.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Default().Format(c); err != nil {
		t.Error(err)
	}
}

// The schema and the fields of Host are two lists of the same keys.
func TestSchemaIsHost(t *testing.T) {
	var fields []string
	top := reflect.TypeFor[Host]()
	for i := range top.NumField() {
		field := top.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("toml"), ",")
		switch {
		case !field.IsExported() || slices.Contains(tables, name):
		case field.Type.Kind() == reflect.Struct:
			for j := range field.Type.NumField() {
				fields = append(fields, name+"."+field.Type.Field(j).Tag.Get("toml"))
			}
		default:
			fields = append(fields, name)
		}
	}
	if paths := pathsOf(schema); !reflect.DeepEqual(fields, paths) {
		t.Errorf("fields of Host: %q\nschema: %q", fields, paths)
	}
	fields = nil
	for field := range reflect.TypeFor[Account]().Fields() {
		fields = append(fields, field.Tag.Get("toml"))
	}
	if paths := pathsOf(account); !reflect.DeepEqual(fields, paths) {
		t.Errorf("fields of Account: %q\nschema: %q", fields, paths)
	}
}

func pathsOf(entries []entry) []string {
	var paths []string
	for _, e := range entries {
		paths = append(paths, e.path)
	}
	return paths
}

func TestUsers(t *testing.T) {
	text := strings.Replace(orion(t), "[features.ollama]", "[users.bob]\nfull_name = \"Bob\"\nadmin = true\n[users.eve]\n[features.ollama]", 1)
	h, err := Parse("host.toml", []byte(text), features(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]Account{"bob": {FullName: "Bob", Admin: true}, "eve": {}}; !reflect.DeepEqual(h.Users, want) {
		t.Errorf("got %+v, want %+v", h.Users, want)
	}
}

func TestEveryInterface(t *testing.T) {
	text := strings.Replace(orion(t), "expose = []", `expose = ["*", "eth0"]`, 1)
	if _, err := Parse("host.toml", []byte(text), features(t)); err != nil {
		t.Error(err)
	}
}

// What goes together may be on together: an unstable release has everything.
func TestEnabledTogether(t *testing.T) {
	for name, c := range map[string]struct{ release, system, features string }{
		"requires of the preset":   {"26.05", "x86_64-linux", "open-webui"},
		"one desktop":              {"26.05", "x86_64-linux", "plasma"},
		"since this release":       {"26.11", "x86_64-linux", "newer"},
		"since a number, unstable": {"unstable", "x86_64-linux", "newer"},
		"until a number, unstable": {"unstable", "aarch64-linux", "older"},
		"until the next release":   {"26.05", "aarch64-linux", "older"},
	} {
		text := strings.Replace(orion(t), "[flatpak]", "[features."+c.features+"]\nenable = true\n[flatpak]", 1)
		text = strings.Replace(strings.Replace(text, `release = "26.05"`, `release = "`+c.release+`"`, 1), `"x86_64-linux"`, `"`+c.system+`"`, 1)
		if _, err := Parse("host.toml", []byte(text), features(t)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is always on cannot be switched off.
func TestAlwaysOn(t *testing.T) {
	feature := func(id, more string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("id = \"" + id + "\"\ntitle = \"x\"\nsummary = \"x\"\ncategory = \"system\"\n" + more)}
	}
	c, err := catalog.Load(fstest.MapFS{
		"features/base/feature.toml":   feature("base", "always = true\nconflicts = [\"nobase\"]\n"),
		"features/nobase/feature.toml": feature("nobase", ""),
		"presets.toml":                 {Data: []byte("[minimal]\nsummary = \"x\"\nfeatures = []\n")},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := Default()
	h.Preset, h.Features["nobase"] = "minimal", map[string]any{"enable": true}
	_, err = h.Format(c)
	want := `host.toml:26:10: features.nobase: does not go together with base, and both are on
  hint: switch one of them off: [features.nobase] enable = false`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	// The catalog refuses what would make this the answer; an answer it must be all the same.
	if got := off(c, "base"); got != "take `always` out of nixlib/features/base/feature.toml" {
		t.Errorf("got %s", got)
	}
}

// A clash of features that the host file does not name stands at the preset.
func TestPortClashOfWhatIsNotNamed(t *testing.T) {
	feature := func(id, more string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("id = \"" + id + "\"\ntitle = \"x\"\nsummary = \"x\"\ncategory = \"system\"\n" + more +
			"[options.port]\ntype = \"port\"\ndefault = 80\ndoc = \"x\"\n[ports.page]\noption = \"port\"\nprotocol = \"tcp\"\n")}
	}
	c, err := catalog.Load(fstest.MapFS{
		"features/web/feature.toml":   feature("web", ""),
		"features/other/feature.toml": {Data: []byte("id = \"other\"\ntitle = \"x\"\nsummary = \"x\"\ncategory = \"web\"\n")},
		"presets.toml":                {Data: []byte("[minimal]\nsummary = \"x\"\nfeatures = [\"web\"]\n")},
	}, fstest.MapFS{"features/mine/feature.toml": feature("mine", "always = true\n")})
	if err != nil {
		t.Fatal(err)
	}
	h := Default()
	h.Preset, h.Features["other"] = "minimal", map[string]any{"enable": true}
	_, err = h.Format(c)
	want := "host.toml:4:10: features.web.port: web and mine both want tcp port 80\n  hint: give features.web.port or features.mine.port another port"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestCheckSecrets(t *testing.T) {
	c := features(t)
	said := "version = 1\n" + strings.Replace(strings.TrimPrefix(orion(t), "version = 1\n"), "[flatpak]", "[features.grafana]\nenable = true\n[flatpak]", 1)
	const cure = "\n  hint: nqd cannot make secrets yet: until `nqd secrets` exists, switch it off: [features.grafana] enable = false"
	for name, test := range map[string]struct {
		text    string
		present []string
		want    string
	}{
		"off":       {orion(t), nil, ""},
		"all there": {said, []string{"secrets/orion/grafana-admin.age", "secrets/orion/grafana-key.age"}, ""},
		"one there": {said, []string{"secrets/orion/grafana-admin.age", "secrets/vega/grafana-key.age"},
			"host.toml:25:10: features.grafana: needs the secret grafana-key, and there is no secrets/orion/grafana-key.age" + cure},
		"none, by the preset": {strings.Replace(orion(t), "ai-workstation", "monitor", 1), nil,
			"host.toml:2:10: features.grafana: needs the secret grafana-admin, and there is no secrets/orion/grafana-admin.age" + cure + "\n" +
				"host.toml:2:10: features.grafana: needs the secret grafana-key, and there is no secrets/orion/grafana-key.age" + cure},
	} {
		h, err := Parse("host.toml", []byte(test.text), c)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := h.CheckSecrets(c, func(file string) bool { return slices.Contains(test.present, file) }); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
		if err := h.CheckSecrets(c, func(string) bool { return true }); err != nil {
			t.Errorf("%s: asked again, with all there: %v", name, err)
		}
	}
}
