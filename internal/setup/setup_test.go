package setup

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/adopt"
	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

func known(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load(nixlib.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// german is what the graphical installer leaves of a machine in Germany whose language is English.
func german() Found {
	locales := map[string]string{}
	for _, name := range formats() {
		locales[name] = "de_DE.UTF-8"
	}
	return Found{Facts: facts.Facts{
		HostName: "orion", System: "x86_64-linux", User: "ada", FullName: "Ada Lovelace", Timezone: "Europe/Berlin",
		Locale: "en_US.UTF-8", Locales: locales, Keymap: "de-latin1-nodeadkeys", XkbLayout: "de", XkbVariant: "nodeadkeys",
		Release: "26.05", StateVersion: "25.11",
	}}
}

func formatted(t testing.TB, c *catalog.Catalog, p Proposal) *host.Host {
	t.Helper()
	text, err := p.Host().Format(c)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Parse("host.toml", text, c)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return h
}

func TestMachineOfAnotherCountry(t *testing.T) {
	t.Parallel()
	c := known(t)
	h := formatted(t, c, Propose(c, german()))
	if h.Host.Timezone != "Europe/Berlin" || h.Host.Keymap != "de-latin1-nodeadkeys" || h.Host.StateVersion != "25.11" {
		t.Errorf("%+v", h.Host)
	}
	want := map[string]any{"format_locale": "de_DE.UTF-8", "xkb_layout": "de", "xkb_variant": "nodeadkeys"}
	if got := h.Features["locale"]; !reflect.DeepEqual(got, want) {
		t.Errorf("locale: got %v, want %v", got, want)
	}

	found := german()
	found.Facts.Locales["LC_TIME"], found.Facts.XkbOptions = "en_DK.UTF-8", "caps:escape"
	options := formatted(t, c, Propose(c, found)).Features["locale"]
	if !reflect.DeepEqual(options["formats"], []string{"LC_TIME=en_DK.UTF-8"}) || options["format_locale"] != "de_DE.UTF-8" ||
		options["xkb_options"] != "caps:escape" {
		t.Errorf("got %v", options)
	}
}

// What is as the language and the keymap make it does not stand in the file.
func TestDefaultsStayOut(t *testing.T) {
	t.Parallel()
	c := known(t)
	found := german()
	found.Facts.Locales, found.Facts.Keymap, found.Facts.XkbLayout, found.Facts.XkbVariant = nil, "us", "us", ""
	if h := formatted(t, c, Propose(c, found)); len(h.Features) != 0 || len(h.Packages.AllowUnfree) != 0 {
		t.Errorf("features %v, unfree %v", h.Features, h.Packages.AllowUnfree)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	c := known(t)
	option := Said{From: "option", Texts: map[string]string{"host.keymap": "fr"}, Unfree: []string{"a"}, Features: map[string]map[string]any{
		"ollama": {"port": int64(2)}}}
	answers, err := Answers("a.toml", []byte("[host]\nkeymap = \"es\"\nlocale = \"es_ES.UTF-8\"\n[user]\ngit_name = \"\"\n"+
		"[features.ollama]\nport = 1\nenable = true\n[packages]\nallow_unfree = [\"b\", \"a\"]\n"), c)
	if err != nil {
		t.Fatal(err)
	}
	p := Propose(c, german(), option, answers)
	h := formatted(t, c, p)
	if h.Host.Keymap != "fr" || h.Host.Locale != "es_ES.UTF-8" || h.Host.Timezone != "Europe/Berlin" || h.Build.Compile != "small" {
		t.Errorf("%+v", h)
	}
	if h.User.GitName != "" { // said to be none
		t.Errorf("git name %q", h.User.GitName)
	}
	if got := h.Features["ollama"]; got["port"] != int64(2) || got["enable"] != true {
		t.Errorf("ollama: %v", got)
	}
	if got := slices.Sorted(slices.Values(h.Packages.AllowUnfree)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("unfree: %q", got)
	}
	if got := p.Correct(map[string]string{"host.keymap": "it"}).Host().Host.Keymap; got != "it" {
		t.Errorf("corrected: %q", got)
	}
}

func TestPreset(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want  string
		found Found
	}{
		"neither":  {"minimal", Found{Decision: gpu.Decision{Compute: "vulkan"}}},
		"a card":   {"inference-server", Found{Decision: gpu.Decision{Compute: "cuda"}}},
		"a screen": {"ai-workstation", Found{Facts: facts.Facts{Desktop: "cosmic"}, Decision: gpu.Decision{Compute: "cuda"}}},
		"a laptop": {"ai-workstation", Found{Facts: facts.Facts{Battery: true}, Decision: gpu.Decision{Compute: "cuda"}}},
	} {
		if got, why := preset(c.found); got != c.want || why == "" {
			t.Errorf("%s: got %s (%s), want %s", name, got, why, c.want)
		}
	}
}

// What the machine has and a host file cannot hold is told, and nothing is made of it.
func TestNothingInvented(t *testing.T) {
	t.Parallel()
	c := known(t)
	found := Found{Facts: facts.Facts{
		HostName: "my machine", Timezone: "Mars/Olympus", Locale: "english", Keymap: "/nix/store/x-keymap", User: "root",
		XkbLayout: "de;rm", Locales: map[string]string{"LC_COLLATE": "C.UTF-8"},
	}}
	p := Propose(c, found)
	h, unknown := formatted(t, c, p), host.Default()
	if h.Host.Name != unknown.Host.Name || h.Host.Timezone != "UTC" || h.Host.Keymap != "us" || len(h.Features) != 0 ||
		h.User != (host.User{Name: unknown.User.Name}) {
		t.Errorf("%+v", h)
	}
	var told []string
	for _, warning := range p.Warnings {
		told = append(told, warning.Text)
	}
	for _, key := range []string{"host.name", "host.timezone", "host.locale", "user.name", layoutKey, "LC_COLLATE"} {
		if !strings.Contains(strings.Join(told, "\n"), key) {
			t.Errorf("%s is not told: %q", key, told)
		}
	}
	if !p.Assumed() {
		t.Error("the release of the installation is nobody's guess")
	}
}

func TestReleases(t *testing.T) {
	t.Parallel()
	for runs, want := range map[string]string{"25.11": "26.05", "26.05": "26.05", "26.11": "26.11", "27.05": "unstable", "": "26.05"} {
		p := Propose(known(t), Found{Facts: facts.Facts{Release: runs}})
		if got := p.Value("host.release"); got != want {
			t.Errorf("%s: got %s, want %s", runs, got, want)
		}
		if warned := len(p.Warnings) > 0; warned != (runs != "" && runs != want) {
			t.Errorf("%s: warnings %v", runs, p.Warnings)
		}
	}
}

// Who says a release himself is not told that it is another one.
func TestReleaseThatWasSaid(t *testing.T) {
	t.Parallel()
	p := Propose(known(t), Found{Facts: facts.Facts{Release: "25.11"}}, Said{Texts: map[string]string{"host.release": "26.11"}})
	if p.Value("host.release") != "26.11" || len(p.Warnings) > 0 {
		t.Errorf("%s, warnings %v", p.Value("host.release"), p.Warnings)
	}
}

// A variant is one of its layout, which has to stand beside it then.
func TestVariantKeepsItsLayout(t *testing.T) {
	t.Parallel()
	p := Propose(known(t), Found{Facts: facts.Facts{Keymap: "de", XkbLayout: "de", XkbVariant: "neo"}})
	if p.Value(layoutKey) != "de" || p.Value(variantKey) != "neo" {
		t.Errorf("layout %q, variant %q", p.Value(layoutKey), p.Value(variantKey))
	}
}

func TestEveryCheckRefuses(t *testing.T) {
	t.Parallel()
	for key, bad := range map[string]string{
		"host.name": "a b", "host.timezone": "Europe/Berl", "host.locale": "german", "host.keymap": "../us", "user.name": "Ada",
		"user.full_name": "a:b", "user.git_name": "a\nb", "user.git_email": "ada@", "user.github": strings.Repeat("a", 40),
		"user.editor": "rm -rf", "host.release": "24.05", stateVersion: "26.13", "host.system": "riscv", "build.compile": "yes",
		formatKey: "german", formatsKey: "LC_ALL=de_DE.UTF-8", layoutKey: "a b", variantKey: "$x", optionsKey: "caps",
	} {
		if err := check(key, bad); err == nil {
			t.Errorf("%s = %q is taken", key, bad)
		}
	}
}

func TestAnswersFile(t *testing.T) {
	t.Parallel()
	_, err := Answers("a.toml", []byte("[host]\nnmae = \"x\"\ntimezone = \"Local\"\n"), known(t))
	if err == nil || !strings.Contains(err.Error(), "a.toml:2:1: host.nmae") || !strings.Contains(err.Error(), "a.toml:3:12: host.timezone") {
		t.Errorf("got %v", err)
	}
}

func TestFormAsksForWhatNobodySaid(t *testing.T) {
	t.Parallel()
	found := german()
	found.Adoption = adopt.Adoption{From: adopt.Configuration, Files: []adopt.File{{Path: "configuration.nix"}}}
	keys := func(fields []wizard.Field) (keys []string) {
		for _, field := range fields {
			keys = append(keys, field.Key)
		}
		return keys
	}
	form := Propose(known(t), found).Form("/w", true)
	if got, want := keys(form.Questions), append(asked(), AdoptKey); !slices.Equal(got, want) {
		t.Errorf("asks %q, want %q", got, want)
	}
	said := Said{Texts: map[string]string{"preset": "minimal"}}
	form = Propose(known(t), found, said).Form("/w", false)
	if slices.Contains(keys(form.Questions), "preset") || !slices.Contains(keys(form.Settings), "preset") ||
		slices.Contains(keys(form.Questions), AdoptKey) {
		t.Errorf("asks %q, shows %q", keys(form.Questions), keys(form.Settings))
	}
	found.Adoption.Findings = []event.Finding{{File: "/etc/nixos/wifi.nix", Line: 3, Text: "a key", Cure: "take it out"}}
	form = Propose(known(t), found).Form("/w", true)
	shown := strings.Join(form.Found, "\n")
	if !strings.Contains(shown, "/etc/nixos/wifi.nix:3: a key") || !strings.Contains(shown, "cure: take it out") {
		t.Error(shown)
	}
}

// Whatever passes the checks of the form is a host file that loads, unless two of the answers exclude each other.
func TestAnswersThatPassLoad(t *testing.T) {
	c := known(t)
	rapid.Check(t, func(t *rapid.T) {
		form := Propose(c, german()).Form("/w", false)
		answers := map[string]string{}
		for _, field := range slices.Concat(form.Questions, form.Settings) {
			answer := field.Value
			if len(field.Choices) > 0 {
				answer = rapid.SampledFrom(field.Choices).Draw(t, field.Key).Value
			} else if rapid.Bool().Draw(t, field.Key+" is changed") {
				answer = rapid.StringMatching(`[a-zA-Z0-9_:@./ ,=-]{0,12}`).Draw(t, field.Key)
			}
			if field.Check(answer) == nil {
				answers[field.Key] = answer
			}
		}
		answers[stateVersion] = "25.11" // not later than any release
		answers["host.system"] = "x86_64-linux"
		p := Propose(c, german()).Correct(answers)
		if _, err := p.Host().Format(c); err != nil {
			t.Fatalf("%v: %v", answers, err)
		}
	})
}

func TestGather(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"etc/passwd":                       "ada:x:1000:100:Ada:/home/ada:/bin/sh\n",
		"home/ada/.gitconfig":              "[user]\n\tname = \"Ada \\\"C.\\\" L\" ; a comment\n[github]\n\tuser = ada\n",
		"home/ada/.config/git/config":      "[user]\n\tname = other\n\temail = ada@example.org\n",
		"etc/profiles/per-user/ada/bin/hx": "",
		"run/current-system/sw/bin/nano":   "",
	} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{}
	look := func() Found {
		return Gather(t.Context(), m, "/home/ada", func(name string) string { return variables[name] })
	}
	found := look()
	if want := (Identity{Name: `Ada "C." L`, Email: "ada@example.org", GitHub: "ada"}); found.Git != want {
		t.Errorf("got %+v, want %+v", found.Git, want)
	}
	for value, want := range map[string]string{"": "helix", "/bin/nvim -f": "neovim", "micro": "micro", "$(x)": "helix"} {
		maps.Copy(variables, map[string]string{"EDITOR": value})
		if found := look(); found.Editor != want || found.EditorFrom == "" {
			t.Errorf("EDITOR=%s: got %s (%s), want %s", value, found.Editor, found.EditorFrom, want)
		}
	}
}

// Consent to unfree packages is consent to the feature that wants them, by name.
func TestUnfreeGoesWithItsFeature(t *testing.T) {
	t.Parallel()
	c := known(t)
	found := german()
	found.Decision = gpu.Decision{
		Compute: "cuda", Nvidia: &gpu.Nvidia{Branch: "production", Open: true}, AMD: &gpu.AMD{}, Warnings: []string{"a warning"},
	}
	p := Propose(c, found)
	h := formatted(t, c, p)
	for _, id := range found.Decision.Features() {
		if h.Features[id]["enable"] != true {
			t.Errorf("%s is not on: %v", id, h.Features)
		}
	}
	if got := slices.Sorted(slices.Values(h.Packages.AllowUnfree)); !slices.Equal(got, found.Decision.Unfree()) {
		t.Errorf("allowed %q, want %q", got, found.Decision.Unfree())
	}
	if !slices.Contains(p.Warnings, Warning{Text: "a warning"}) {
		t.Errorf("warnings %v", p.Warnings)
	}
	form, shown := p.Form("/w", false), false
	for _, field := range form.Settings[:len(found.Decision.Features())] { // above what else there is: nobody has to look for it
		shown = shown || strings.Contains(field.Title, "nvidia-x11") && field.Key == "features.gpu-nvidia.enable"
	}
	if !shown {
		t.Error("the page does not name nvidia-x11")
	}
	for _, name := range found.Decision.Unfree() {
		if first := strings.Join(form.Found, "\n"); !strings.Contains(first, name) {
			t.Errorf("%s is not named before the first question: %s", name, first)
		}
	}

	h = formatted(t, c, p.Correct(map[string]string{"features.gpu-nvidia.enable": No, "features.gpu-containers.enable": No}))
	if len(h.Packages.AllowUnfree) > 0 || h.Features["gpu-nvidia"]["enable"] != false {
		t.Errorf("declined: allowed %q, %v", h.Packages.AllowUnfree, h.Features)
	}
	off := Said{Features: map[string]map[string]any{"gpu-nvidia": {"enable": false}, "gpu-containers": {"enable": false}}}
	if h := formatted(t, c, Propose(c, found, off)); len(h.Packages.AllowUnfree) > 0 || h.Features["gpu-nvidia"]["enable"] != false {
		t.Errorf("switched off: allowed %q, %v", h.Packages.AllowUnfree, h.Features)
	}
}
