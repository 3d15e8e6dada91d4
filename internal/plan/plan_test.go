package plan

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

const (
	oldSystem = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-nixos-system-orion-old"
	newSystem = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-nixos-system-orion-new"
	newDrv    = "/nix/store/0f5z55vs9swzxwdmcms03qb2nakciwpa-nixos-system-orion-new.drv"
)

// answer is an evaluation as nixlib/manifest.nix gives it.
func answer(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../evaluation/testdata/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func evaluated(t *testing.T) evaluation.Answer {
	t.Helper()
	e, err := evaluation.Parse(answer(t))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPlan(t *testing.T) {
	t.Parallel()
	h := host.Default()
	h.Host.Name = "orion"
	files := []event.FileChange{{Path: "flake.nix", Change: "new"}}
	before := &evaluation.Manifest{Features: []string{"base", "git", "postgresql"}, Users: []string{"ada", "eve"}}
	got, err := begin(evaluated(t), &h, Old{System: oldSystem, Manifest: before}, files)
	if err != nil {
		t.Fatal(err)
	}
	manifest := evaluated(t).Manifest
	want := empty()
	want.Host, want.Old, want.New, want.Files = "orion", oldSystem, newSystem, files
	want.Features = event.Change{Added: []string{"ollama"}, Removed: []string{"postgresql"}, Kept: []string{"base", "git"}}
	want.Lost, want.Overrides, want.Skipped = manifest.Lost, manifest.Overrides, manifest.Skipped
	want.Checks = []event.PlannedCheck{{Feature: "ollama", ID: "api", Kind: "http", Target: "http://127.0.0.1:11434/", Critical: true}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf(" got %+v\nwant %+v", got, want)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	pending := []workspace.File{{Path: "a", New: true}, {Path: "b", Gone: true}, {Path: "c"}}
	want := []event.FileChange{{Path: "a", Change: "new"}, {Path: "b", Change: "removed"}, {Path: "c", Change: "changed"}, {Path: "d", Change: "new"}}
	if got := Files(pending, []git.Change{{Path: "c", Kind: git.Edited}, {Path: "d", Kind: git.New}, {Path: "a", Kind: git.New}}); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for name, c := range map[string]struct {
		pending []workspace.File
		changed []git.Change
		want    []event.FileChange
	}{
		"a lock that is gone":      {nil, []git.Change{{Path: "flake.lock", Kind: git.Removed}}, []event.FileChange{{Path: "flake.lock", Change: "changed"}}},
		"a lock that was edited":   {nil, []git.Change{{Path: "flake.lock", Kind: git.Edited}}, []event.FileChange{{Path: "flake.lock", Change: "changed"}}},
		"other inputs":             {nil, []git.Change{{Path: "flake.nix", Kind: git.Edited}, {Path: "x", Kind: git.New}}, []event.FileChange{{Path: "flake.nix", Change: "changed"}, {Path: "flake.lock", Change: "changed"}, {Path: "x", Change: "new"}}},
		"other inputs, of nqd":     {[]workspace.File{{Path: "flake.nix"}}, nil, []event.FileChange{{Path: "flake.nix", Change: "changed"}, {Path: "flake.lock", Change: "changed"}}},
		"other inputs, lock known": {nil, []git.Change{{Path: "flake.lock", Kind: git.New}, {Path: "flake.nix", Kind: git.Edited}}, []event.FileChange{{Path: "flake.lock", Change: "new"}, {Path: "flake.nix", Change: "changed"}}},
		"a new flake":              {[]workspace.File{{Path: "flake.nix", New: true}}, nil, []event.FileChange{{Path: "flake.nix", Change: "new"}}},
		"anything else":            {nil, []git.Change{{Path: "hosts/x/flake.nix", Kind: git.Edited}}, []event.FileChange{{Path: "hosts/x/flake.nix", Change: "changed"}}},
	} {
		if got := Files(c.pending, c.changed); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
	if got := Files(nil, nil); got == nil {
		t.Error("in JSON null, not an empty list")
	}
}

// Evaluations that older versions of nqd kept have less in them.
func TestPlanOfAnOlderManifest(t *testing.T) {
	t.Parallel()
	h, e := host.Default(), evaluated(t)
	e.Manifest.Overrides, e.Manifest.Skipped, e.Manifest.State = nil, nil, nil
	p, err := begin(e, &h, Old{System: oldSystem}, nil)
	if err != nil || p.Overrides == nil || p.Skipped == nil {
		t.Errorf("got %+v, %v; in JSON null", p, err)
	}
}

// What a plan does not know it says, rather than that nothing changes.
func TestPlanUnknown(t *testing.T) {
	t.Parallel()
	const (
		foreign = "which features the running system has: nqd did not deploy it"
		flatpak = "flatpak.apps: nqd does not install Flatpaks yet; 2 named"
		editor  = "user.editor: nqd does not set up editors yet"
		compile = "build.compile: nqd says what would be compiled, and does not yet hold Nix back"
	)
	for name, c := range map[string]struct {
		edit   func(*host.Host)
		before *evaluation.Manifest
		want   []string
	}{
		"nothing":        {func(*host.Host) {}, &evaluation.Manifest{}, nil},
		"always compile": {func(h *host.Host) { h.Build.Compile = "always" }, &evaluation.Manifest{}, nil},
		"foreign":        {func(*host.Host) {}, nil, []string{foreign}},
		"flatpak":        {func(h *host.Host) { h.Flatpak.Apps = []string{"a.b.C", "d.e.F"} }, &evaluation.Manifest{}, []string{flatpak}},
		"one flatpak":    {func(h *host.Host) { h.Flatpak.Apps = []string{"a.b.C"} }, &evaluation.Manifest{}, []string{"flatpak.apps: nqd does not install Flatpaks yet; 1 named"}},
		"editor":         {func(h *host.Host) { h.User.Editor = "vscodium" }, &evaluation.Manifest{}, []string{editor}},
		"compile":        {func(h *host.Host) { h.Build.Compile = "never" }, &evaluation.Manifest{}, []string{compile}},
		"all": {func(h *host.Host) {
			h.Flatpak.Apps, h.User.Editor, h.Build.Compile = []string{"a.b.C", "d.e.F"}, "vim", "never"
		}, nil, []string{compile, flatpak, editor, foreign}},
	} {
		h := host.Default()
		c.edit(&h)
		got, err := begin(evaluated(t), &h, Old{System: oldSystem, Manifest: c.before}, nil)
		if err != nil || !slices.Equal(got.Unknown, c.want) {
			t.Errorf("%s: got %q, %v; want %q", name, got.Unknown, err, c.want)
		}
		if added := []string{"base", "git", "ollama"}; !slices.Equal(got.Features.Added, added) {
			t.Errorf("%s: features added %q, want %q", name, got.Features.Added, added)
		}
	}
}

func TestPlanRefusesChecksOfAnotherShape(t *testing.T) {
	t.Parallel()
	h, e := host.Default(), evaluated(t)
	for _, checks := range []string{"", "{}", "null", `[{"critical":"yes"}]`} {
		e.Manifest.Checks = json.RawMessage(checks)
		if p, err := begin(e, &h, Old{System: oldSystem}, nil); err == nil || !strings.HasPrefix(err.Error(), "checks: ") {
			t.Errorf("%q: got %+v, %v", checks, p, err)
		}
	}
}

// What a late unit downloads is told of where it is new or another one.
func TestDownloading(t *testing.T) {
	t.Parallel()
	now := &evaluation.Manifest{LateUnits: []string{"a.service", "b.service", "c.service"}}
	before := &evaluation.Manifest{LateUnits: []string{"a.service", "b.service"}}
	if got := downloading(now, nil, event.Units{}); !slices.Equal(got, now.LateUnits) {
		t.Errorf("on a fresh machine: %q", got)
	}
	if got := downloading(now, before, event.Units{}); !slices.Equal(got, []string{"c.service"}) {
		t.Errorf("got %q", got)
	}
	if got := downloading(now, now, event.Units{Restart: []string{"a.service"}, Later: []string{"b.service"}}); !slices.Equal(got, []string{"a.service", "b.service"}) {
		t.Errorf("changed: %q", got)
	}
}
