package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// read is an answer of nix, recorded for the tests of nixcli.
func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../testdata/config", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestBuildDir(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ settings, version, want string }{
		"as nix 2.26 has it": {read(t, "2.26.json"), "2.26.3", "/tmp"},
		"as nix 2.34 has it": {read(t, "2.34.json"), "2.34.8", "/nix/var/nix/builds"},
		"the last before":    {"{}", "2.29.5", "/tmp"},
		"the first":          {"{}", "2.30.0", "/nix/var/nix/builds"},
		"another one":        {"{}", "3.0", "/nix/var/nix/builds"},
		"unknown":            {"{}", "", "/tmp"},
		"set":                {`{"build-dir":{"value":"/var/tmp"}}`, "2.34.8", "/var/tmp"},
		"set to nothing":     {`{"build-dir":{"value":null}}`, "2.26.3", "/tmp"},
	} {
		if got, err := BuildDir([]byte(c.settings), c.version); err != nil || got != c.want {
			t.Errorf("%s: got %s, %v; want %s", name, got, err, c.want)
		}
	}
	if got, err := BuildDir([]byte("["), "2.30.0"); err == nil || got != "" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestCaches(t *testing.T) {
	t.Parallel()
	const three = "https://b.example https://a.example?priority=10 https://c.example"
	for name, c := range map[string]struct{ text, want string }{
		"2.26":    {read(t, "2.26.json"), three},
		"2.34":    {read(t, "2.34.json"), three},
		"none":    {`{"substituters":{"value":[]},"substitute":{"value":true}}`, ""},
		"unknown": {`{"substituters":{"value":["a"]}}`, "a"},
		"not now": {`{"substituters":{"value":["a"]},"substitute":{"value":false}}`, ""},
	} {
		if got, err := Caches([]byte(c.text)); err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, %v; want %s", name, got, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"": "unknown answer", "[]": "unknown answer", "{}": "names no substituters", `{"substituters":{"value":"a"}}`: "unknown answer",
	} {
		if got, err := Caches([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), "nix config show: "+want) {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
}
