package lib

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// example is the feature that docs/adding-a-feature.md has its reader write, as the files of a
// workspace.
func example(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	folder := filepath.Join(root, "testing/features")
	names, err := filepath.Glob(filepath.Join(folder, "*/*"))
	if err != nil || len(names) == 0 {
		t.Fatal(err, names)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		short, err := filepath.Rel(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Join("features", short)] = string(text)
	}
	return files
}

const pagesOn = "[features.pages]\nenable = true\nmemory_mb = 128\n"

// The example does what its page says, on every release.
func TestExample(t *testing.T) {
	const (
		service      = `config.systemd.services.pages.serviceConfig`
		homeVariable = `home.home.sessionVariables.PAGES`
	)
	cases := []hostCase{
		{name: "builds", more: pagesOn, ask: builds, want: `[]`},
		{name: "off", more: "[features.pages]\nenable = false\n", ask: `config.systemd.services ? pages`, want: `false`},
		{name: "option", more: pagesOn, ask: service + `.MemoryMax`, want: `"128M"`},
		{name: "of the feature, local.nix wins", more: "[features.pages]\nenable = true\n", local: `{ systemd.services.pages.serviceConfig.MemoryMax = "1G"; }`, ask: service + `.MemoryMax`, want: `"1G"`},
		{name: "loopback", more: pagesOn, ask: `lib.hasSuffix "http.server 8123 --bind 127.0.0.1 --directory /var/lib/pages" ` + service + `.ExecStart`, want: `true`},
		{name: "exposed", more: pagesOn + "expose = [\"eth0\"]\n", ask: `[ (lib.hasInfix "--bind 0.0.0.0" ` + service + `.ExecStart) config.networking.firewall.interfaces.eth0.allowedTCPPorts ]`, want: `[true,[8123]]`},
		{name: "port", more: pagesOn + "port = 8124\n", ask: `map (port: [ port.feature port.number ]) (lib.filter (port: port.feature == "pages") manifest.ports)`, want: `[["pages",8124]]`},
		{name: "check", more: pagesOn, ask: `map (check: [ check.id check.target check.critical ]) (lib.filter (check: check.feature == "pages") manifest.checks)`, want: `[["unit","pages.service",true],["page","http://127.0.0.1:8123/",true]]`},
		{name: "state", more: pagesOn, ask: `map (state: state.path) (lib.filter (state: state.feature == "pages") manifest.state)`, want: `["/var/lib/private/pages"]`},
		{name: "home", more: pagesOn, ask: homeVariable, want: `"http://127.0.0.1:8123/"`},
		{name: "home off", more: "[features.pages]\nenable = false\n", ask: `home.home.sessionVariables ? PAGES`, want: `false`},
		{name: "home of the feature, home.nix wins", more: pagesOn, files: homeFile(`home.sessionVariables.PAGES = "mine";`), ask: homeVariable, want: `"mine"`},
		{name: "unit", more: pagesOn, ask: `lib.elem "pages.service" manifest.units`, want: `true`},
	}
	for i := range cases {
		files := example(t)
		maps.Copy(files, cases[i].files)
		cases[i].files = files
	}
	askAll(t, cases)
}

// block is a block of the page below a line that names its file.
var block = regexp.MustCompile("(?m)^`(features/[^`]+)`:\n\n```[a-z]*\n((?s:.*?))^```$")

// ofPage is docs/adding-a-feature.md.
func ofPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, "docs/adding-a-feature.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestExampleIsThatOfThePage(t *testing.T) {
	shown := map[string]string{}
	for _, match := range block.FindAllStringSubmatch(ofPage(t), -1) {
		shown[match[1]] = match[2]
	}
	files := example(t)
	for name, text := range files {
		if shown[name] != text {
			t.Errorf("testing/%s is not what docs/adding-a-feature.md shows of it:\n%s", name, shown[name])
		}
	}
	if len(shown) != len(files) {
		t.Errorf("the page shows %d files, and there are %d", len(shown), len(files))
	}
}

// The page tells of every key that a feature.toml may have, and of every word.
func TestExampleKnowsTheWords(t *testing.T) {
	_, page, _ := strings.Cut(ofPage(t), "\n## What may be in")
	words := append(catalog.TypeNames(), catalog.Systems...)
	for _, table := range []any{catalog.Feature{}, catalog.Option{}, catalog.Port{}, catalog.State{}, catalog.Secret{}, catalog.Check{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(table)) {
			if key := field.Tag.Get("toml"); key != "-" {
				words = append(words, key)
			}
		}
	}
	source, err := os.ReadFile(filepath.Join(root, "internal/catalog/feature.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, lists, _ := strings.Cut(string(source), "// The words that feature.toml may use.\n")
	lists, _, found := strings.Cut(lists, "\n)\n")
	if !found {
		t.Fatal("internal/catalog/feature.go: the words are elsewhere now")
	}
	for _, match := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(lists, -1) {
		words = append(words, match[1])
	}
	for _, word := range words {
		if !regexp.MustCompile("`\\[*" + regexp.QuoteMeta(word) + `\b`).MatchString(page) {
			t.Errorf("docs/adding-a-feature.md does not tell of %q", word)
		}
	}
}

// TestAsked asks nothing of cases that have names as in TestShelf: TestExampleOfCommands runs it
// in its place.
func TestAsked(t *testing.T) {
	var cases []hostCase
	for _, name := range []string{"git", "git-annex", "legit", "nothing", "everything", "everything on aarch64"} {
		cases = append(cases, hostCase{name: name, ask: `true`, want: `true`})
	}
	askAll(t, cases)
}

// command is a test that the page has its reader run: its packages, and its names.
var command = regexp.MustCompile(`(?m)^ *scripts/prepare go test (.*?)(?: -v)?(?: -run '(.*)')?$`)

// The page's commands run what the page says they do: a name of too few levels would run all, one
// of a wrong name nothing, and both would pass.
func TestExampleOfCommands(t *testing.T) {
	commands := command.FindAllStringSubmatch(ofPage(t), -1)
	if len(commands) != 3 {
		t.Errorf("%d commands, and 3 are known: %q", len(commands), commands)
	}
	for _, c := range commands {
		for _, folder := range strings.Fields(c[1]) {
			if _, err := os.Stat(filepath.Join(root, strings.TrimSuffix(folder, "/..."))); err != nil {
				t.Error(err)
			}
		}
		name, cases, _ := strings.Cut(c[2], "/")
		if name == "" {
			continue
		}
		name = strings.TrimSuffix(strings.Replace(name, "ID", "Home", 1), "$")
		if listed, _, _ := strings.Cut(runSelf(t, "-test.list", "^"+name+"$"), "\n"); listed != name {
			t.Errorf("%s: no such test", name)
		}
		if cases != "" {
			twoOfEach(t, "TestAsked/"+strings.Replace(cases, "ID", "git", 1))
		}
	}
}

// passed is a line about a case that passed: the release and Nix that it ran with.
var passed = regexp.MustCompile(`(?m)^ *--- PASS: TestAsked/([^/\s]+/[^/\s]+)/(\S+) `)

// twoOfEach wants the pattern to run the two cases git and everything, on each release and Nix.
func twoOfEach(t *testing.T, pattern string) {
	t.Helper()
	out := runSelf(t, "-test.v", "-test.run", pattern)
	if strings.Contains(out, "--- SKIP") {
		t.Skip("no nix")
	}
	ran := map[string]string{}
	for _, match := range passed.FindAllStringSubmatch(out, -1) {
		ran[match[1]] += match[2] + " "
	}
	if len(ran) < len(sandbox.Releases) {
		t.Errorf("%s: ran on %d of %d releases:\n%s", pattern, len(ran), len(sandbox.Releases), out)
	}
	for where, names := range ran {
		if names != "git everything " {
			t.Errorf("%s: with %s it runs %s", pattern, where, names)
		}
	}
}

// runSelf runs this test program once more and returns what it prints.
func runSelf(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), os.Args[0], args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}
