package plan

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

const (
	oldSystem = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-nixos-system-orion-old"
	newSystem = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-nixos-system-orion-new"
	newDrv    = "/nix/store/0f5z55vs9swzxwdmcms03qb2nakciwpa-nixos-system-orion-new.drv"
)

// answer is an evaluation as nixlib/manifest.nix gives it.
const answer = `{
  "host": {"version": 1},
  "drvPath": "` + newDrv + `",
  "toplevel": "` + newSystem + `",
  "manifest": {
    "version": 1,
    "features": ["base", "git", "ollama"],
    "units": ["home-manager-ada.service", "ollama.service"],
    "late_units": ["ollama-model-loader.service"],
    "ports": [{"feature": "ollama", "name": "api", "protocol": "tcp", "number": 11434, "expose": []}],
    "checks": [{"feature": "ollama", "id": "api", "kind": "http", "critical": true, "grace": 30, "target": "http://127.0.0.1:11434/", "status": 200}],
    "lost": [{"feature": "base", "option": "networking.hostName", "value": "orion", "final": "nixos", "files": ["local.nix"]}],
    "overrides": [{"feature": "ollama", "option": "services.ollama.port", "value": 8080, "replaced": [11434], "files": ["hosts/orion/local.nix"]}],
    "skipped": [{"feature": "git", "package": "git-absent", "why": "nixpkgs has no such package"}],
    "state": [{"feature": "ollama", "path": "/var/lib/ollama", "kind": "files", "migrates": false}],
    "users": ["ada", "bob"]
  }
}`

func evaluation(t *testing.T) Evaluation {
	t.Helper()
	e, err := ParseEvaluation(json.RawMessage(answer))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestParseEvaluation(t *testing.T) {
	t.Parallel()
	e := evaluation(t)
	checks := e.Manifest.Checks
	e.Manifest.Checks = nil
	want := Evaluation{
		Host:       json.RawMessage(`{"version": 1}`),
		Derivation: newDrv,
		System:     newSystem,
		Manifest: Manifest{
			Version:   1,
			Features:  []string{"base", "git", "ollama"},
			Units:     []string{"home-manager-ada.service", "ollama.service"},
			LateUnits: []string{"ollama-model-loader.service"},
			Ports:     []event.Port{{Feature: "ollama", Name: "api", Protocol: "tcp", Number: 11434, Expose: []string{}}},
			Lost: []event.Lost{{
				Feature: "base", Option: "networking.hostName", Wanted: json.RawMessage(`"orion"`),
				Final: json.RawMessage(`"nixos"`), Files: []string{"local.nix"},
			}},
			Overrides: []event.Override{{
				Feature: "ollama", Option: "services.ollama.port", Value: json.RawMessage(`8080`),
				Replaced: []json.RawMessage{json.RawMessage(`11434`)}, Files: []string{"hosts/orion/local.nix"},
			}},
			Skipped: []event.Skipped{{Feature: "git", Package: "git-absent", Why: "nixpkgs has no such package"}},
			State:   []State{{Feature: "ollama", Path: "/var/lib/ollama", Kind: "files"}},
			Users:   []string{"ada", "bob"},
		},
	}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("got %+v\nwant %+v", e, want)
	}
	if !strings.Contains(string(checks), `"id": "api"`) {
		t.Errorf("checks: %s", checks)
	}
}

func TestParseEvaluationRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"no JSON":              {answer, "error", "reading the evaluation"},
		"another shape":        {`"ada", "bob"`, `1`, "reading the evaluation"},
		"an older format":      {`"version": 1,`, `"version": 0,`, "manifest of format 0; this nqd reads 1"},
		"a newer format":       {`"version": 1,`, `"version": 2,`, "manifest of format 2; this nqd reads 1"},
		"no manifest":          {answer, `{"drvPath":"` + newDrv + `","toplevel":"` + newSystem + `"}`, "manifest of format 0"},
		"system elsewhere":     {newSystem + `"`, `/home/ada/result"`, `"/home/ada/result": not a store path`},
		"system below a path":  {newSystem + `"`, newSystem + `/../x"`, "not a store path"},
		"no system":            {newSystem + `"`, `"`, `"": not a store path`},
		"derivation elsewhere": {newDrv, "/home/ada/x.drv", `"/home/ada/x.drv": not a store path`},
		"no derivation":        {newDrv, "", `"": not a store path`},
	} {
		if !strings.Contains(answer, c.old) {
			t.Fatalf("%s: %q is not in the answer", name, c.old)
		}
		got, err := ParseEvaluation(json.RawMessage(strings.Replace(answer, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
		if !reflect.DeepEqual(got, Evaluation{}) {
			t.Errorf("%s: got %+v beside the error", name, got)
		}
	}
}

func TestMake(t *testing.T) {
	t.Parallel()
	h := host.Default()
	h.Host.Name = "orion"
	files := []event.FileChange{{Path: "flake.nix", Change: "new"}}
	before := &Manifest{Features: []string{"base", "git", "postgresql"}, Users: []string{"ada", "eve"}}
	got, err := Make(&h, evaluation(t), oldSystem, before, files)
	if err != nil {
		t.Fatal(err)
	}
	manifest := evaluation(t).Manifest
	want := event.Plan{
		Host: "orion", Old: oldSystem, New: newSystem, Files: files,
		Features:  event.Change{Added: []string{"ollama"}, Removed: []string{"postgresql"}, Kept: []string{"base", "git"}},
		Users:     event.Change{Added: []string{"bob"}, Removed: []string{"eve"}, Kept: []string{"ada"}},
		Ports:     manifest.Ports,
		Checks:    []event.PlannedCheck{{Feature: "ollama", ID: "api", Kind: "http", Target: "http://127.0.0.1:11434/", Critical: true}},
		Lost:      manifest.Lost,
		Overrides: manifest.Overrides, Skipped: manifest.Skipped,
		Unknown: []string{}, // in JSON an empty list, not null
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf(" got %+v\nwant %+v", got, want)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	pending := []workspace.File{{Path: "a", New: true}, {Path: "b", Gone: true}, {Path: "c"}}
	want := []event.FileChange{{Path: "a", Change: "new"}, {Path: "b", Change: "removed"}, {Path: "c", Change: "changed"}, {Path: "d", Change: "changed"}}
	if got := Files(pending, []string{"c", "d", "a"}); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Files(nil, nil); got == nil {
		t.Error("in JSON null, not an empty list")
	}
}

// Evaluations that older versions of nqd kept have less in them.
func TestMakeOfAnOlderManifest(t *testing.T) {
	t.Parallel()
	h, e := host.Default(), evaluation(t)
	e.Manifest.Overrides, e.Manifest.Skipped, e.Manifest.State = nil, nil, nil
	p, err := Make(&h, e, oldSystem, nil, nil)
	if err != nil || p.Overrides == nil || p.Skipped == nil {
		t.Errorf("got %+v, %v; in JSON null", p, err)
	}
}

// What a plan does not know it says, rather than that nothing changes.
func TestMakeUnknown(t *testing.T) {
	t.Parallel()
	const (
		foreign = "what the running system has: nqd did not deploy it"
		flatpak = "flatpak.apps: nqd does not install Flatpaks yet; 2 named"
		editor  = "user.editor: nqd does not set up editors yet"
		compile = "build.compile: nqd does not yet know what no cache has; Nix may compile"
	)
	for name, c := range map[string]struct {
		edit   func(*host.Host)
		before *Manifest
		want   []string
	}{
		"nothing":        {func(*host.Host) {}, &Manifest{}, nil},
		"always compile": {func(h *host.Host) { h.Build.Compile = "always" }, &Manifest{}, nil},
		"foreign":        {func(*host.Host) {}, nil, []string{foreign}},
		"flatpak":        {func(h *host.Host) { h.Flatpak.Apps = []string{"a.b.C", "d.e.F"} }, &Manifest{}, []string{flatpak}},
		"one flatpak":    {func(h *host.Host) { h.Flatpak.Apps = []string{"a.b.C"} }, &Manifest{}, []string{"flatpak.apps: nqd does not install Flatpaks yet; 1 named"}},
		"editor":         {func(h *host.Host) { h.User.Editor = "vscodium" }, &Manifest{}, []string{editor}},
		"compile":        {func(h *host.Host) { h.Build.Compile = "never" }, &Manifest{}, []string{compile}},
		"all": {func(h *host.Host) {
			h.Flatpak.Apps, h.User.Editor, h.Build.Compile = []string{"a.b.C", "d.e.F"}, "vim", "never"
		}, nil, []string{flatpak, editor, compile, foreign}},
	} {
		h := host.Default()
		c.edit(&h)
		got, err := Make(&h, evaluation(t), oldSystem, c.before, nil)
		if err != nil || !slices.Equal(got.Unknown, c.want) {
			t.Errorf("%s: got %q, %v; want %q", name, got.Unknown, err, c.want)
		}
		if added := []string{"base", "git", "ollama"}; !slices.Equal(got.Features.Added, added) {
			t.Errorf("%s: features added %q, want %q", name, got.Features.Added, added)
		}
	}
}

func TestMakeRefusesChecksOfAnotherShape(t *testing.T) {
	t.Parallel()
	h, e := host.Default(), evaluation(t)
	for _, checks := range []string{"", "{}", `[{"critical":"yes"}]`} {
		e.Manifest.Checks = json.RawMessage(checks)
		if p, err := Make(&h, e, oldSystem, nil, nil); err == nil || !strings.HasPrefix(err.Error(), "checks: ") {
			t.Errorf("%q: got %+v, %v", checks, p, err)
		}
	}
}
