package outage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// messages are the errors of a recorded run of nix, and what git said: what nixcli hands over.
func messages(text string) (found []string) {
	open := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "error:"), strings.HasPrefix(line, "fatal: "):
			found, open = append(found, line), true
		case open && (strings.HasPrefix(line, " ") || line == "\n"):
			found[len(found)-1] += line
		default:
			open = false
		}
	}
	return found
}

// What real nix said, as package explain has it recorded: failures of the network pass, and nothing else does.
func TestRecorded(t *testing.T) {
	t.Parallel()
	passing := map[string]bool{
		"dns/fetchurl": true, "dns/input": true, "dns/git": true, "network-unreachable/fetchurl-refused": true,
		"network-unreachable/input": true, "cache-unreachable/nar-503": true, "download-failed/503": true, "github-rate-limit/http-429": true,
	}
	seen := map[string]bool{}
	files, err := filepath.Glob("../../explain/testdata/*/*.txt")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		kind := filepath.Base(filepath.Dir(file))
		name := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".txt"), "-2.26.3"), "-2.34.8")
		seen[kind+"/"+name] = true
		if problem, got := Find(messages(string(text))); got != passing[kind+"/"+name] || got != (problem != "") {
			t.Errorf("%s: %t, %q", file, got, problem)
		}
	}
	for name := range passing {
		if !seen[name] {
			t.Errorf("%s is not there", name)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	const url = "error: unable to download 'https://cache.example.org/x.nar.xz': "
	for text, want := range map[string]bool{
		url + "HTTP error 429": true, url + "HTTP error 500": true, url + "HTTP error 502": true, url + "HTTP error 504": true,
		url + "HTTP error 408": true,
		url + "HTTP error 401": false, url + "HTTP error 403": false, url + "HTTP error 404": false, url + "HTTP error 410": false,
		url + "HTTP error 501": false, url + "HTTP error 511": false,
		url + "Timeout was reached (28) Operation too slow": true, url + "Server returned nothing (no headers, no data) (52)": true,
		url + "Transferred a partial file (18)":                        true,
		url + "SSL peer certificate or SSH remote key was not OK (60)": false, url + "Problem with the SSL CA cert (77)": false,
		"fatal: unable to access 'https://x/': The requested URL returned error: 503":    true,
		"fatal: unable to access 'https://x/': The requested URL returned error: 403":    false,
		"fatal: unable to access 'https://x/': Failed to connect to x port 443: refused": true,
		"fatal: unable to access 'https://x/': server certificate verification failed":   false,
		"ssh: connect to host x port 22: Connection timed out":                           true,
		"ssh: Could not resolve hostname x: Temporary failure in name resolution":        true,
		"ssh: connect to host x port 22: Permission denied":                              false,
		"fatal: repository 'https://x/' not found":                                       false,
		// A builder's own words decide nothing, but nix's built-in builder's do.
		"error: builder failed\n       > fatal: unable to access 'https://x/': Could not resolve host: x": false,
		"error: builder failed\n       > curl: (6) Could not resolve host: x":                             false,
		"error: builder failed\n       >        error: unable to download 'https://x': HTTP error 503":    true,
		"error: undefined variable 'x'": false, "": false,
	} {
		if _, got := Find([]string{text}); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
	// What does not pass decides.
	for _, other := range []string{url + "HTTP error 404", "error: writing to file: No space left on device", "error: hash mismatch in fixed-output derivation"} {
		for _, said := range [][]string{{url + "HTTP error 503", other}, {other, url + "HTTP error 503"}} {
			if problem, is := Find(said); is {
				t.Errorf("%q: %q", said, problem)
			}
		}
	}
}

// The first problem is the one that is told, without what stands before it.
func TestFindTells(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"error:\n  error: Failed to open (error: unable to download 'https://x': HTTP error 503)": "unable to download 'https://x': HTTP error 503)",
		"fatal: unable to access 'https://x/': Could not resolve host: x":                         "fatal: unable to access 'https://x/': Could not resolve host: x",
	} {
		if got, _ := Find([]string{said, "error: unable to download 'https://y': HTTP error 500"}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
