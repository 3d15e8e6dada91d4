package plan

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// plannerFor is a planner of a machine with a nix at that path.
func plannerFor(m *machine.Machine, nix string) *Planner {
	ignore := func(event.Event) {}
	return &Planner{Evaluator: evaluation.Evaluator{
		Machine: m, Nix: &nixcli.Nix{Machine: m, Program: nix, Sink: ignore}, Sink: ignore, Version: "1",
	}}
}

// Whatever cannot be read is told, and takes nothing else along.
func TestLookAtAMachineThatCannotBeRead(t *testing.T) {
	t.Parallel()
	m := sandboxed(t)
	for _, folder := range []string{"/etc/passwd", "/etc/fstab"} {
		if err := os.MkdirAll(m.Path(folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p := plannerFor(m, "/no/nix")
	b := p.look(t.Context(), Old{System: oldSystem})()
	slices.Sort(b.unknown)
	want := []string{
		"the accounts of the machine: ", "the packages of the running system: ", "the services that run: ",
	}
	if len(b.unknown) != len(want) {
		t.Fatalf("unknown %q, want them to begin with %q", b.unknown, want)
	}
	for i, begin := range want {
		if !strings.HasPrefix(b.unknown[i], begin) || strings.Contains(b.unknown[i], "\n") {
			t.Errorf("unknown %q, want %q", b.unknown[i], begin)
		}
	}
	if b.closure != nil || b.accounts != nil || b.declared != nil || b.active != nil || b.caches != nil || b.System != oldSystem {
		t.Errorf("got %+v", b)
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	m := sandboxed(t)
	put(t, m, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nada:x:1000:100::/srv/ada:/bin/sh\n")
	put(t, m, "/etc/group", "wheel:x:1:\n")
	p := plannerFor(m, "/no/nix")
	b := p.look(t.Context(), Old{System: oldSystem})()
	if b.accounts == nil || len(b.accounts.Users) != 2 || len(b.accounts.Groups) != 1 || b.declared != nil {
		t.Errorf("accounts %+v, declared %+v", b.accounts, b.declared)
	}
	put(t, m, "/var/lib/nixos/declarative-users", "ada root")
	put(t, m, "/var/lib/nixos/declarative-groups", "")
	b = p.look(t.Context(), Old{System: oldSystem})()
	if b.declared == nil || len(b.declared.Users) != 2 {
		t.Errorf("declared %+v", b.declared)
	}
	for user, want := range map[string]string{"ada": "/srv/ada", "eve": "/data/eve", "bob": ""} {
		if got := b.home(user, []evaluation.Home{{User: "eve", Home: "/data/eve"}}); got != want {
			t.Errorf("home of %s: got %q, want %q", user, got, want)
		}
	}
	if got := (before{}).home("ada", nil); got != "" {
		t.Errorf("home on an unknown machine: %q", got)
	}
}

// Where the evaluation fails, nobody waits for what is read meanwhile.
func TestPlanOfAnEvaluationThatFails(t *testing.T) {
	t.Parallel()
	program, err := filepath.Abs("testdata/nix-that-fails")
	if err != nil {
		t.Fatal(err)
	}
	h := host.Default()
	_, _, err = plannerFor(sandboxed(t), program).Plan(t.Context(), &h, evaluation.Source{}, Old{System: oldSystem}, nil)
	var failed *nixcli.Error
	if !errors.As(err, &failed) || failed.Message != "no such host" {
		t.Errorf("got %v", err)
	}
}

func TestHomes(t *testing.T) {
	t.Parallel()
	p := plannerFor(sandboxed(t), "/no/nix")
	for _, file := range []string{"/srv/ada/.config/git/config", "/srv/ada/bin/mine", "/srv/ada/share/mine", "/srv/ada/list"} {
		put(t, p.Machine, file, "x")
	}
	put(t, p.Machine, "/home/eve", "no folder")
	if err := os.Symlink("/gone", p.Machine.Path("/srv/ada/dead")); err != nil {
		t.Fatal(err)
	}
	const generation, other = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-home-manager-generation", "/nix/store/1123456789abcdfghijklmnpqrsvwxyz-home-manager-generation"
	home := evaluation.Home{
		User: "ada", Home: "/srv/ada", Generation: generation, Files: []string{".config/git/config", ".bashrc", "dead"},
		Folders: []string{"bin", "share", "empty"}, Forced: []string{"list"},
	}
	now := &evaluation.Manifest{Home: []evaluation.Home{home}}
	was := func(home evaluation.Home) *evaluation.Manifest {
		return &evaluation.Manifest{Home: []evaluation.Home{home}}
	}
	const below = "what is in the way below /srv/ada/%: the build tells which files come there"
	moved := func(kept string, files ...string) (found []event.HomeFile) {
		for _, file := range files {
			found = append(found, event.HomeFile{User: "ada", Path: "/srv/ada/" + file, Kept: kept})
		}
		return found
	}
	for name, c := range map[string]struct {
		before  *evaluation.Manifest
		unknown []string
	}{
		"first":         {nil, []string{"bin", "share"}},
		"filled before": {was(evaluation.Home{User: "ada", Home: "/srv/ada", Folders: []string{"bin"}, Generation: other}), []string{"share"}},
		"another home":  {was(evaluation.Home{User: "ada", Home: "/home/ada", Folders: []string{"bin"}, Generation: generation}), []string{"bin", "share"}},
	} {
		plan := empty()
		p.homes(&plan, now, c.before)
		if want := moved(event.HomeBackup, ".config/git/config", "dead", "list"); !reflect.DeepEqual(plan.Home, want) {
			t.Errorf("%s: got %+v, want %+v", name, plan.Home, want)
		}
		var want []string
		for _, folder := range c.unknown {
			want = append(want, strings.ReplaceAll(below, "%", folder))
		}
		if !slices.Equal(plan.Unknown, want) {
			t.Errorf("%s: unknown %q, want %q", name, plan.Unknown, want)
		}
	}
	plan := empty()
	if p.homes(&plan, now, now); len(plan.Home)+len(plan.Unknown) > 0 {
		t.Errorf("the same home again: %+v", plan)
	}
	// In the home of somebody else all stays, and only what Home Manager does not go on with is told.
	if got, err := p.inTheWay(home, 4711); err != nil || !reflect.DeepEqual(got, moved("", ".config/git/config")) {
		t.Errorf("a home of somebody else: %+v, %v", got, err)
	}
	if got, err := p.inTheWay(evaluation.Home{Home: "/home/eve", Files: []string{"x/y"}}, 4711); err == nil {
		t.Errorf("no folder: %+v", got)
	}
}

func TestFlatpaks(t *testing.T) {
	t.Parallel()
	p := plannerFor(sandboxed(t), "/no/nix")
	h := host.Default()
	plan := empty()
	if p.flatpaks(&plan, &h, ""); !reflect.DeepEqual(plan, empty()) {
		t.Errorf("none wanted: got %+v", plan)
	}
	h.Flatpak.Apps = []string{"a.b.C", "d.e.F"}
	app := p.Machine.Path("/srv/ada/.local/share/flatpak/app/d.e.F")
	if err := errors.Join(os.MkdirAll(app, 0o755), os.Symlink("x86_64/stable", filepath.Join(app, "current"))); err != nil {
		t.Fatal(err)
	}
	p.flatpaks(&plan, &h, "/srv/ada")
	if want := (event.Change{Added: []string{"a.b.C"}, Removed: []string{}, Kept: []string{"d.e.F"}}); !reflect.DeepEqual(plan.Flatpaks, want) {
		t.Errorf("got %+v, want %+v", plan.Flatpaks, want)
	}
	put(t, p.Machine, "/var/lib/flatpak/app", "no folder")
	plan = empty()
	p.flatpaks(&plan, &h, "/srv/ada")
	if len(plan.Unknown) != 1 || !strings.HasPrefix(plan.Unknown[0], "which Flatpaks are installed: ") || len(plan.Flatpaks.Added) > 0 {
		t.Errorf("got %+v", plan)
	}
}

// A system that runs already is no change, whoever deployed it.
func TestPlanOfWhatRuns(t *testing.T) {
	t.Parallel()
	h, e := host.Default(), evaluated(t)
	for name, manifest := range map[string]*evaluation.Manifest{"nqd": &e.Manifest, "somebody else": nil} {
		got, err := begin(e, &h, Old{System: e.System, Manifest: manifest}, nil)
		if err != nil || len(got.Features.Added)+len(got.Features.Removed)+len(got.Unknown) > 0 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		for _, port := range got.Ports {
			if port.Change != "kept" || port.Taken != "" {
				t.Errorf("%s: port %+v", name, port)
			}
		}
		notNull(t, got)
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	if got := sentences([]string{"b", "a", "b"}); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
	if got := sentences(nil); got == nil {
		t.Error("null in JSON")
	}
}

// tree is three derivations: top of middle of bottom.
const tree = `let
  make = name: more: derivation ({ inherit name; system = "x86_64-linux"; builder = "/no/builder"; } // more);
in rec {
  bottom = make "bottom" { };
  middle = make "middle" { inherit bottom; };
  quick = make "quick" { preferLocalBuild = true; };
  top = make "top" { inherit middle quick; };
}`

// withEach runs a test with each Nix, and the derivations of tree in a store of its own.
func withEach(t *testing.T, test func(t *testing.T, p *Planner, drvs map[string]machine.StorePath)) {
	t.Parallel()
	nixes.Each(t, func(t *testing.T, bin string) {
		m := sandboxed(t)
		t.Cleanup(func() { writable(t, m.Path("/")) })
		p := plannerFor(m, filepath.Join(bin, "nix"))
		p.Nix.Cache = t.TempDir()
		drvs := map[string]machine.StorePath{}
		for _, name := range []string{"bottom", "middle", "quick", "top"} {
			cmd := exec.Command(filepath.Join(bin, "nix-instantiate"), "--store", m.Store(), "--option", "build-users-group", "", "-E", tree, "-A", name)
			cmd.Env = []string{"HOME=" + t.TempDir(), "NIX_CONF_DIR=" + t.TempDir()}
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			drvs[name] = machine.StorePath("/nix/store/" + filepath.Base(strings.TrimSpace(string(out))))
		}
		test(t, p, drvs)
	})
}

// writable lets a store be removed.
func writable(t *testing.T, root string) {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestBlame(t *testing.T) {
	withEach(t, func(t *testing.T, p *Planner, drvs map[string]machine.StorePath) {
		e := evaluation.Answer{Detail: evaluation.Detail{Roots: map[string][]machine.StorePath{
			"git": {drvs["middle"], drvs["bottom"]}, "ollama": {drvs["quick"], drvs["bottom"]}, "redis": {drvs["quick"], at("collected-1.drv")},
		}}}
		for name, want := range map[string][]string{"bottom": {"git", "ollama"}, "middle": {"git"}, "top": nil, "quick": {"ollama", "redis"}} {
			failed := &nixcli.Error{Doing: "building top", Message: "no builder", Derivation: drvs[name]}
			got := p.Blame(t.Context(), failed, e)
			var blamed *BuildError
			if !errors.As(got, &blamed) || !slices.Equal(blamed.Features(), want) || !errors.Is(got, failed) || got.Error() != failed.Error() {
				t.Errorf("%s: got %#v, want it for %q", name, got, want)
			}
		}
		for _, other := range []error{errors.New("x"), &nixcli.Error{Message: "no build"}} {
			if got := p.Blame(t.Context(), other, e); got != other { //nolint:errorlint // the very same
				t.Errorf("%v became %#v", other, got)
			}
		}
	})
}

// A database that cannot be read blames nobody.
func TestBlameWithoutDatabase(t *testing.T) {
	t.Parallel()
	p := plannerFor(sandboxed(t), "/no/nix")
	err := p.Blame(t.Context(), &nixcli.Error{Derivation: at("a.drv")}, evaluation.Answer{Detail: evaluation.Detail{Roots: map[string][]machine.StorePath{"git": {at("a.drv")}}}})
	var blamed *BuildError
	if !errors.As(err, &blamed) || blamed.Features() != nil {
		t.Errorf("got %#v", err)
	}
}

// late is a context that ended when nothing waits for it any more.
type late struct{ context.Context }

func (late) Err() error { return context.Canceled }

func TestDescribe(t *testing.T) {
	withEach(t, func(t *testing.T, p *Planner, drvs map[string]machine.StorePath) {
		h := host.Default()
		e := evaluated(t)
		e.Derivation = string(drvs["top"])
		e.Manifest.Boot = json.RawMessage("{}")
		e.Detail.Roots = map[string][]machine.StorePath{"git": {drvs["middle"]}}
		describe := func() (event.Plan, error) { return p.Describe(t.Context(), &h, e, Old{System: oldSystem}, nil) }
		got, err := describe()
		if err != nil {
			t.Fatal(err)
		}
		notNull(t, got)
		slices.SortFunc(got.Builds.Compiled, func(a, b event.PlannedBuild) int { return cmp.Compare(a.Name, b.Name) })
		var builds []string
		for _, build := range got.Builds.Compiled {
			builds = append(builds, build.Name+" for "+strings.Join(build.Features, "+"))
		}
		if want := []string{"bottom for git", "middle for git", "top for "}; !slices.Equal(builds, want) || got.Builds.Generated != 1 {
			t.Errorf("builds %q and %d more, want %q", builds, got.Builds.Generated, want)
		}
		if got.Packages.Exact || !slices.IsSorted(got.Unknown) {
			t.Errorf("got %+v", got)
		}

		const offline = "what caches have of what would be built: nqd is offline"
		if slices.Contains(got.Unknown, offline) {
			t.Errorf("online: %q", got.Unknown)
		}
		p.Nix.Offline = true
		if got, err = describe(); err != nil || !slices.Contains(got.Unknown, offline) {
			t.Errorf("offline: %q, %v", got.Unknown, err)
		}
		p.Nix.Offline = false

		// The new system is in the store, and its derivation was collected: there is nothing to ask nix for.
		e.System, e.Derivation = drvs["bottom"], string(at("collected-1.drv"))
		if got, err = describe(); err != nil || len(got.Builds.Compiled) > 0 || got.Fetches.Paths > 0 {
			t.Errorf("a system in the store: %+v, %v", got, err)
		}
		if slices.ContainsFunc(got.Unknown, func(text string) bool { return strings.HasPrefix(text, "how to have ") }) {
			t.Errorf("a system in the store: %q", got.Unknown)
		}
		// Both are in the store: the difference is exact.
		got, err = p.Describe(t.Context(), &h, e, Old{System: drvs["quick"]}, nil)
		if want := "+bottom.drv [] []"; err != nil || !got.Packages.Exact || !strings.HasPrefix(told(got.Packages), want) {
			t.Errorf("got %v, %s; want %s", err, told(got.Packages), want)
		}
		// Who interrupts gets no plan that looks whole.
		if _, err := p.Describe(late{t.Context()}, &h, e, Old{System: drvs["quick"]}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted: %v", err)
		}
		// There is neither.
		e.System = newSystem
		got, err = describe()
		want := "how to have " + string(at("collected-1.drv")) + ": nix can neither fetch nor build it, so the build will fail"
		if err != nil || !slices.Contains(got.Unknown, want) {
			t.Errorf("got %v, %q; want %q", err, got.Unknown, want)
		}
	})
}
