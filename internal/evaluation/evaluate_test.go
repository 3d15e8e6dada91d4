package evaluation

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// References are made of directories with any name; characters that mean something in one are
// written so that they do not.
func TestReference(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"/home/ada/.config/nixos": "git+file:///home/ada/.config/nixos?rev=1",
		"/a b#c?d&e%f":            "git+file:///a%20b%23c%3Fd&e%25f?rev=1",
	} {
		if got := Reference("git+file", dir, "rev=1"); got != want {
			t.Errorf("%s: got %s, want %s", dir, got, want)
		}
	}
	if got, want := Reference("path", "/tmp/nqd-plan-1", ""), "path:///tmp/nqd-plan-1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The directory of a login may be somebody else's: su keeps the variable.
func TestTemporaryTree(t *testing.T) {
	mine := t.TempDir()
	file := filepath.Join(mine, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	for dir, want := range map[string]string{
		mine: mine, "": os.TempDir(), "relative": os.TempDir(), file: os.TempDir(),
		"/proc": os.TempDir(), // a directory in which nobody can make one
	} {
		t.Setenv("XDG_RUNTIME_DIR", dir)
		got, err := temporaryTree()
		if err != nil || filepath.Dir(got) != want {
			t.Errorf("%q: got %s, %v; want it in %s", dir, got, err, want)
		}
	}
}

// eachNix runs a test with every nix, on an empty machine.
func eachNix(t *testing.T, test func(*testing.T, *Evaluator)) {
	nixes.Each(t, func(t *testing.T, bin string) {
		m, err := machine.Sandbox(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		nix := &nixcli.Nix{Machine: m, Program: filepath.Join(bin, "nix"), Cache: t.TempDir()}
		test(t, &Evaluator{Machine: m, Nix: nix, Version: "1"})
	})
}

// events are what was told.
type events struct {
	lock sync.Mutex
	all  []event.Event
}

func (e *events) sink(one event.Event) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.all = append(e.all, one)
}

// stations are those that began and ended, in their order.
func (e *events) stations() (names []string) {
	for _, one := range e.all {
		switch one := one.(type) {
		case event.StationStarted:
			names = append(names, "+"+string(one.Station))
		case event.StationDone:
			names = append(names, "-"+string(one.Station))
		}
	}
	return names
}

// One evaluation answers for a tree as long as its answer is of use; what cannot be kept is told.
func TestEvaluate(t *testing.T) {
	t.Parallel()
	eachNix(t, func(t *testing.T, p *Evaluator) {
		features, err := catalog.Load(nixlib.FS, nil)
		if err != nil {
			t.Fatal(err)
		}
		written := host.Default()
		text, err := written.Format(features)
		if err != nil {
			t.Fatal(err)
		}
		h, err := host.Parse("host.toml", []byte(text), features)
		if err != nil {
			t.Fatal(err)
		}
		h.Host.Name = "orion"
		flake := t.TempDir()
		reading, err := json.Marshal(h.Reading())
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"flake.nix":   `{ outputs = _: { nqd.orion = builtins.fromJSON (builtins.readFile ./answer.json); }; }`,
			"answer.json": strings.Replace(answer(t), `{"version": 1}`, string(reading), 1),
		} {
			if err := os.WriteFile(filepath.Join(flake, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		from := Source{reference: Reference("path", flake, ""), key: "tree"}
		p.Evaluations = filepath.Join(t.TempDir(), "kept")
		evaluate := func(from Source, want ...string) *events {
			t.Helper()
			told := &events{}
			p.Sink, p.Nix.Sink = told.sink, told.sink
			e, err := p.Evaluate(t.Context(), h, from)
			if err != nil || e.System != newSystem {
				t.Errorf("got %s, %v", e.System, err)
			}
			if got := told.stations(); !slices.Equal(got, want) {
				t.Errorf("stations %q, want %q", got, want)
			}
			return told
		}
		evaluate(from, "+evaluate", "-evaluate")
		evaluate(from, "+evaluate", "-evaluate") // neither system nor derivation are in the store
		if err := os.MkdirAll(p.Machine.Path(newSystem), 0o755); err != nil {
			t.Fatal(err)
		}
		if told := evaluate(from); len(told.all) > 0 {
			t.Errorf("an answer that is kept: %+v", told.all)
		}
		from.key = ""
		evaluate(from, "+evaluate", "-evaluate") // may be another tree by now
		from.key = "another"
		p.Evaluations = filepath.Join(flake, "flake.nix", "kept")
		told := evaluate(from, "+evaluate", "-evaluate")
		if note, is := told.all[len(told.all)-1].(event.Note); !is || !note.Warning || !strings.HasPrefix(note.Text, "keeping the evaluation: ") {
			t.Errorf("got %+v", told.all)
		}

		told = &events{}
		p.Sink = told.sink
		h.Host.Name = "vega"
		if _, err := p.Evaluate(t.Context(), h, from); err == nil || !slices.Equal(told.stations(), []string{"+evaluate"}) {
			t.Errorf("no such host: %v, %q", err, told.stations())
		}
	})
}
