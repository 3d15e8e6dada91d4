package nixcli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

func read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const (
	openssl26 = "/nix/store/sgnrffb0ch2cdlh7qyf9rqy9prfb1nk5-openssl-3.0.13"
	openssl34 = "/nix/store/1l4ihajyqvqmrd0zcc9hn2zpjiv6pj8i-openssl-3.0.13"
	curl34    = "/nix/store/2iq64ayh1snxv4f07cp2f9pphn69yf56-curl-8.7.1"
)

// pair is the closure in the fixtures.
func pair(openssl, curl machine.StorePath) store.Closure {
	return store.Closure{openssl: {Size: 10112}, curl: {Size: 10176, References: []machine.StorePath{openssl}}}
}

func TestParseClosure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want store.Closure
	}{
		"2.26":          {read(t, "path-info/2.26.json"), pair(openssl26, curl)},
		"2.34":          {read(t, "path-info/2.34.json"), pair(openssl34, curl34)},
		"2.34 format 2": {read(t, "path-info/2.34-format-2.json"), pair(openssl34, curl34)},
		// Synthetic, after the manual of Nix 2.18.
		"2.18": {
			`[{"path":"` + curl + `","narSize":5,"references":["` + curl34 + `","` + curl + `","` + openssl26 + `"],"valid":true},` +
				`{"path":"` + openssl26 + `","narSize":7}]`,
			store.Closure{openssl26: {Size: 7}, curl: {Size: 5, References: []machine.StorePath{curl34, openssl26, curl}}},
		},
	} {
		got, err := parseClosure([]byte(c.text))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, c.want)
		}
	}
}

func TestParseClosureRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":         {"", "unknown answer"},
		"no JSON":         {"warning: {}", "unknown answer"},
		"a number":        {"7", "unknown answer"},
		"empty list":      {"[]", "names no path"},
		"empty map":       {"{}", "names no path"},
		"null":            {"null", "names no path"},
		"empty info":      {`{"info":{},"version":2}`, "names no path"},
		"invalid in list": {`[{"path":"` + curl + `","valid":false}]`, "curl-8.7.1 is not in the store"},
		"null in map":     {`{"` + curl + `":null}`, "curl-8.7.1 is not in the store"},
		"null in info":    {`{"info":{"` + curl + `":null}}`, "curl-8.7.1 is not in the store"},
		"foreign path":    {`{"/etc/passwd":{"narSize":1}}`, `"/etc/passwd": not a store path`},
		"foreign store":   {`{"info":{"yyra8w3cf49rnpkksls7f2cr0jzqkvgq-curl":{}},"storeDir":"/home/ada/store"}`, "not a store path"},
		"foreign link":    {`{"` + curl + `":{"references":["/etc/passwd"]}}`, `curl-8.7.1: "/etc/passwd": not a store path`},
		"no store":        {`{"info":{"yyra8w3cf49rnpkksls7f2cr0jzqkvgq-curl":{}}}`, "not a store path"},
	} {
		got, err := parseClosure([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want an error with %q", name, got, err, c.want)
		}
	}
}

func FuzzParseClosure(f *testing.F) {
	for _, name := range []string{"path-info/2.26.json", "path-info/2.34.json", "path-info/2.34-format-2.json"} {
		f.Add([]byte(read(f, name)))
	}
	f.Add([]byte(`[{"path":"` + curl + `","narSize":5}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		closure, err := parseClosure(data)
		if (err == nil) != (len(closure) > 0) {
			t.Errorf("%d paths, %v", len(closure), err)
		}
		for path, info := range closure {
			for _, path := range append(info.References, path) {
				if _, err := machine.ParseStorePath(string(path)); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

const assertions = `Failed assertions:
- The ‘fileSystems’ option does not specify your root file system.
- You must set the option ‘boot.loader.grub.devices’ or 'boot.loader.grub.mirroredBoots' to make the system bootable.`

const ofType = "A definition for option `services.ollama.port' is not of type `16 bit unsigned integer; between 0 and 65535 (both inclusive)'. Definition values:\n" +
	"- In `/nix/store/x/hosts/orion/local.nix': \"eleven\""

// The recorded errors read as whoever has to cure them wants them.
func TestLastErrorRecorded(t *testing.T) {
	t.Parallel()
	const log = "> checking things\n> error: the disk is on fire\n> make: *** [all] Error 2\nFor full logs, run:\n  nix log /nix/store/"
	old := "builder for '/nix/store/p62ssbw8hbfy17ym4zqdr7b6s275ajhc-broken-1.0.drv' failed with exit code 1;\nlast 3 log lines:\n" +
		log + "p62ssbw8hbfy17ym4zqdr7b6s275ajhc-broken-1.0.drv"
	now := "Cannot build '/nix/store/yhm04vhqrkmvyjp22i3v8ldgd1dzg4ap-broken-1.0.drv'.\nReason: builder failed with exit code 1.\nOutput paths:\n" +
		"  /nix/store/x170wcypbfz8mm9asvin5b5zk4nmqbwi-broken-1.0\nLast 3 log lines:\n" + log + "yhm04vhqrkmvyjp22i3v8ldgd1dzg4ap-broken-1.0.drv"
	const flake = "flake 'path:/sandbox/fl' does not provide attribute 'packages.x86_64-linux.nqd.studio', 'legacyPackages.x86_64-linux.nqd.studio' or 'nqd.studio'"
	for name, want := range map[string]string{
		"2.26/build-bad": old, "2.26/build-top": old, "2.34/build-bad": now, "2.34/build-top": now,
		"eval-thrown": assertions, "eval-late": ofType, "flake-missing": flake,
		"flake-none":        "path '//sandbox/nofl' does not exist",
		"path-info-missing": "path '/nix/store/00000000000000000000000000000000-missing-1.0' is not valid",
		"flake-syntax": "syntax error, unexpected ';'\nat /sandbox/nix/store/li544splxb0idiiwm7gvrpcj1v6f8g08-source/syntax.nix:1:7:\n" +
			"     1| { a = ; }\n      |       ^\n     2|",
	} {
		names := []string{name}
		if !strings.Contains(name, "/") {
			names = []string{"2.26/" + name, "2.34/" + name}
		}
		for _, name := range names {
			if got := last(split(read(t, "stderr/"+name+".txt"))); got != want {
				t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
			}
		}
	}
	for _, version := range []string{"2.26/", "2.34/"} {
		got := last(split(read(t, "stderr/"+version+"eval-trace.txt")))
		if !strings.HasPrefix(got, "attribute 'b' missing\nat /sandbox/t.nix:5:37:\n") || !strings.HasSuffix(got, "\nDid you mean a?") {
			t.Errorf("%seval-trace: got\n%s", version, got)
		}
	}
}

func TestLastError(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 31 {
		lines = append(lines, fmt.Sprint("- assertion ", i))
	}
	indented := func(lines []string) string { return "error: " + strings.Join(lines, "\n       ") }
	for name, c := range map[string]struct{ text, want string }{
		"nothing":         {"", "ended without saying why"},
		"blank":           {" \n\n", "ended without saying why"},
		"bare":            {"error:\n", "ended without saying why"},
		"no mark":         {"killed by the kernel\n", "killed by the kernel"},
		"the last of two": {"error: one\nerror: two\n", "two"},
		"mark inside":     {"error: reading x: error: y", "reading x: error: y"},
		"warning":         {"error: real\nwarning: error: unable to download; retrying", "real"},
		"said afterwards": {"error: real\n       more\nTry 'nix --help' for more information.", "real\nmore"},
		"of two builds":   {"error: one\nerror: two\nerror: 2 dependencies of derivation 'x' failed to build", "two"},
		"only dependency": {"error: 1 dependencies of derivation 'x' failed to build", "1 dependencies of derivation 'x' failed to build"},
		"a thrown mark":   {"error:\n       … while calling the 'throw' builtin\n\n       error: one\n       error: two", "one\nerror: two"},
		"no trace":        {"error: one\n       error: two", "one\nerror: two"},
		"dependencies":    {"building...\nerror: 1 dependencies of derivation 'x' failed to build\nerror: 2 dependencies of derivation 'y' failed to build", "2 dependencies of derivation 'y' failed to build"},
		"ignored":         {"error: real\nerror (ignored): while tidying up", "real"},
		"thirty lines":    {indented(lines[:30]), strings.Join(lines[:30], "\n")},
		"more lines":      {indented(lines), strings.Join(lines[:30], "\n") + "\n…"},
		"spaces":          {"error: real  \n       more  ", "real\nmore"},
	} {
		if got := bounded(last(split(c.text))); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]machine.Generation{
		"system-1-link":                         {Number: 1, System: curl},
		"system-42-link":                        {Number: 42, System: curl},
		"/nix/var/nix/profiles/system-42-link":  {Number: 42, System: curl},
		"system-7-link.tmp":                     {},
		"system-7":                              {},
		"system-x-link":                         {},
		"system-07-link":                        {},
		"other-7-link":                          {},
		curl:                                    {},
		"/home/ada/profiles/../system-foo-link": {},
		"system-8-link":                         {}, // leads to no store path
		"system-9-link":                         {}, // leads nowhere
	} {
		f := newFake(t)
		dir := filepath.Join(f.root, "nix/var/nix/profiles")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		links := map[string]string{"system": link, "system-8-link": "/home/ada/system"}
		if filepath.Base(link) != "system-8-link" && filepath.Base(link) != "system-9-link" {
			links[filepath.Base(link)] = curl
		}
		for name, target := range links {
			if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := SystemProfile{f.Nix}.Current()
		if (err == nil) != (want.Number != 0) || err == nil && got != want {
			t.Errorf("%s: got %v, %v; want %v", link, got, err, want)
		}
	}
	f := newFake(t)
	if _, err := (SystemProfile{f.Nix}).Current(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a profile: %v", err)
	}
}
