package nixcli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	const old = ": too old, nqd needs 2.26 or newer"
	for answer, c := range map[string]struct {
		version, problem string
		format           bool // whether it knows --json-format
	}{
		"nix (Nix) 2.26.3\n":                  {"2.26.3", "", false},
		"nix (Nix) 2.26":                      {"2.26", "", false},
		"nix (Nix) 2.32.9":                    {"2.32.9", "", false},
		"nix (Nix) 2.33.0":                    {"2.33.0", "", true},
		"nix (Nix) 2.34.8":                    {"2.34.8", "", true},
		"nix (Nix) 3.0.1":                     {"3.0.1", "", true},
		"nix (Nix) 2.100.0":                   {"2.100.0", "", true},
		"nix (Nix) 2.35.0pre20260101_abcdef0": {"2.35.0pre20260101_abcdef0", "", true},
		"nix (Determinate Nix 3.11.2) 2.31.1": {"2.31.1", "", false},
		"nix (Determinate Nix 3.15.1) 2.33.1": {"2.33.1", "", true},
		"nix (Lix, like Nix) 2.93.0":          {"2.93.0", "", false},
		"nix (Nix) 2.25.9":                    {"2.25.9", "nix 2.25.9" + old, false},
		"nix (Nix) 2.3":                       {"2.3", "nix 2.3" + old, false},
		"nix (Nix) 1.99.1":                    {"1.99.1", "nix 1.99.1" + old, false},
		"nix (Determinate Nix 3.11) 2.18.1":   {"2.18.1", "nix 2.18.1" + old, false},
		" \n":                                 {"", "nix --version: empty answer", false},
		"nix (Nix)":                           {"(Nix)", `nix --version: "(Nix)": no version number at the end`, false},
		"nix (Nix) 3":                         {"3", `nix --version: "3": no version number at the end`, false},
	} {
		f := newFake(t)
		f.answer(t, "version", answer)
		problem := ""
		if err := f.CheckVersion(t.Context()); err != nil {
			problem = err.Error()
		}
		if problem != c.problem {
			t.Errorf("%q: got %q, want %q", answer, problem, c.problem)
		}
		version, err := f.Version(t.Context())
		if version != c.version || (err == nil) != (c.version != "") {
			t.Errorf("%q: version %q, %v; want %q", answer, version, err, c.version)
		}
		if has := f.has(t.Context(), jsonFormat); has != c.format {
			t.Errorf("%q: knows --json-format: %t", answer, has)
		}
	}
}

// Nix is asked for its version once, but a question without an answer is asked again.
func TestVersionIsAskedOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if version, err := f.Version(cancelled); !errors.Is(err, context.Canceled) {
		t.Fatalf("version %q, %v: want that it was cancelled", version, err)
	}
	f.events = nil
	for range 3 {
		if version, err := f.Version(t.Context()); err != nil || version != "2.26.3" {
			t.Fatalf("version %q, %v", version, err)
		}
	}
	if err := f.CheckVersion(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(f.events) != 1 {
		t.Errorf("events %v: want one program", f.events)
	} else if _, is := f.events[0].(event.Program); !is {
		t.Errorf("event %v", f.events[0])
	}
	f = newFake(t)
	f.Program = filepath.Join(f.dir, "absent")
	if version, err := f.Version(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("version %q, %v: want that there is no such program", version, err)
	}
}
