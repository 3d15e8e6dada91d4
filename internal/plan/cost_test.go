package plan

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// put gives a machine a file.
func put(t *testing.T, m *machine.Machine, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(m.Path(file)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(m.Path(file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sandboxed is an empty machine.
func sandboxed(t *testing.T) *machine.Machine {
	t.Helper()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]kind{
		"env-quick":        {quick: true, outputs: []machine.StorePath{"/nix/store/56g8ggj8bch1r1n6kzmc8dw4yr2ixvmc-env-quick"}},
		"env-slow":         {outputs: []machine.StorePath{"/nix/store/yn8wsbck55d8pvspjw1ca49s6d18zmwv-env-slow"}},
		"structured-quick": {quick: true, outputs: []machine.StorePath{"/nix/store/9nfcjnzxcvi1c959lrbk7wp3kn5ig1p8-structured-quick"}},
		"structured-slow":  {outputs: []machine.StorePath{"/nix/store/y2jz98nr42w4253gf3n64bd0kpijrir6-structured-slow"}},
		"source":           {quick: true, source: true, outputs: []machine.StorePath{"/nix/store/j10mkkm54l807iy8sfm74w3rr9x017km-source"}},
		"outputs": {outputs: []machine.StorePath{
			"/nix/store/vry6irnhi1by666czwxjfs4lb1kh6jy2-outputs-dev", "/nix/store/zdwnq8jbgh31vgds3y8bs24glb5j4v22-outputs",
		}},
	} {
		text, err := os.ReadFile("testdata/drv/" + name + ".drv")
		if err != nil {
			t.Fatal(err)
		}
		if got := kindOf(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	for _, text := range []string{"", "Derive(", `Derive([("out","","r:sha256","")],[`, "no derivation"} {
		if got := kindOf([]byte(text)); !reflect.DeepEqual(got, kind{}) {
			t.Errorf("%q: got %+v", text, got)
		}
	}
}

// cacheOf is a binary cache with the paths, each 100 bytes that come as 40; of one whose name has "untold" it does not
// say how they come.
func cacheOf(t *testing.T, paths ...machine.StorePath) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/nix-cache-info" {
			fmt.Fprintln(w, "StoreDir: /nix/store")
			return
		}
		for _, path := range paths {
			if strings.HasPrefix(filepath.Base(string(path)), strings.TrimSuffix(filepath.Base(r.URL.Path), ".narinfo")) {
				fmt.Fprintf(w, "StorePath: %s\nURL: nar/x.nar.xz\nCompression: xz\nNarHash: sha256:2\nNarSize: 100\nReferences: \n", path)
				if !strings.Contains(path.Name(), "untold") {
					fmt.Fprintln(w, "FileSize: 40")
				}
				return
			}
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestAsk(t *testing.T) {
	t.Parallel()
	a, b, untold := at("a-1"), at("b-1"), at("untold-1")
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(broken.Close)
	one, two := cacheOf(t, a), cacheOf(t, a, b, untold)
	for name, c := range map[string]struct {
		fetch, outputs     []machine.StorePath
		caches             []string
		download, unpacked int64
		from               []int
		sizes              int
		problem            string // of the last cache
		unknown            string
	}{
		"nothing":                  {nil, nil, []string{one}, 1, 2, []int{}, 0, "", ""},
		"all":                      {[]machine.StorePath{a, b}, nil, []string{one, two}, 80, 200, []int{1, 1}, 2, "", ""},
		"not all":                  {[]machine.StorePath{a, b}, nil, []string{one}, 1, 2, []int{1}, 1, "", ""},
		"how large is not told":    {[]machine.StorePath{a, untold}, nil, []string{two}, 1, 2, []int{2}, 2, "", ""},
		"no caches":                {[]machine.StorePath{a}, nil, nil, 1, 2, []int{}, 0, "", ""},
		"one that does not answer": {[]machine.StorePath{a}, nil, []string{one, broken.URL}, 40, 100, []int{1, 0}, 1, "", ""},
		"none that answers":        {[]machine.StorePath{a}, nil, []string{broken.URL}, 1, 2, []int{0}, 0, "nix-cache-info", ""},
		"compiled, as none has it": {nil, []machine.StorePath{b}, []string{one}, 0, 0, []int{0}, 0, "", ""},
		"compiled, as none answers": {
			nil, []machine.StorePath{b}, []string{one, broken.URL}, 0, 0, []int{0, 0}, 0, "nix-cache-info",
			"whether caches have what would be compiled: not all of it was answered by " + broken.URL,
		},
		"compiled, though one has it": {
			[]machine.StorePath{a}, []machine.StorePath{b}, []string{two}, 40, 100, []int{1}, 1, "",
			"why nix would build b-1, which a cache has (1 such in all)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cost := nothing()
			cost.fetches.Paths, cost.fetches.Download, cost.fetches.Unpacked = len(c.fetch), 1, 2
			if err := (&Planner{Evaluator: evaluation.Evaluator{Version: "1"}}).ask(t.Context(), &cost, c.fetch, c.outputs, c.caches); err != nil {
				t.Fatal(err)
			}
			if f := cost.fetches; f.Download != c.download || f.Unpacked != c.unpacked {
				t.Errorf("%d bytes to download, %d unpacked; want %d, %d", f.Download, f.Unpacked, c.download, c.unpacked)
			}
			from, problem := []int{}, ""
			for _, cache := range cost.fetches.Caches {
				from, problem = append(from, cache.Paths), cache.Problem
			}
			if !slices.Equal(from, c.from) || len(cost.sizes) != c.sizes {
				t.Errorf("%v from the caches and %d sizes, want %v and %d", from, len(cost.sizes), c.from, c.sizes)
			}
			if !strings.Contains(problem, c.problem) || c.problem == "" && problem != "" {
				t.Errorf("problem %q, want %q", problem, c.problem)
			}
			if got := strings.Join(cost.unknown, "; "); got != c.unknown {
				t.Errorf("unknown %q, want %q", got, c.unknown)
			}
			notNull(t, cost.fetches)
		})
	}
}

func TestAskIsCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := nothing()
	err := (&Planner{}).ask(ctx, &c, []machine.StorePath{at("a-1")}, nil, []string{cacheOf(t)})
	if !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "asking the caches: ") {
		t.Errorf("got %v", err)
	}
}

// What would be built is sorted by what it is for, and what cannot be known is said.
func TestBuilds(t *testing.T) {
	t.Parallel()
	p := Planner{Evaluator: evaluation.Evaluator{Machine: sandboxed(t)}}
	var drvs []machine.StorePath
	for _, name := range []string{"env-quick", "env-slow", "source", "structured-quick", "structured-slow"} {
		text, err := os.ReadFile("testdata/drv/" + name + ".drv")
		if err != nil {
			t.Fatal(err)
		}
		drv := at(name + ".drv")
		put(t, p.Machine, string(drv), string(text))
		drvs = append(drvs, drv)
	}
	c := nothing()
	outputs := p.builds(t.Context(), &c, drvs, map[string][]machine.StorePath{"git": {drvs[1]}})
	want := event.Builds{Generated: 2, Sources: 1, Compiled: []event.PlannedBuild{
		{Derivation: string(drvs[1]), Name: "env-slow", Features: []string{}},
		{Derivation: string(drvs[4]), Name: "structured-slow", Features: []string{}},
	}}
	if !reflect.DeepEqual(c.builds, want) {
		t.Errorf(" got %+v\nwant %+v", c.builds, want)
	}
	if want := []machine.StorePath{"/nix/store/yn8wsbck55d8pvspjw1ca49s6d18zmwv-env-slow", "/nix/store/y2jz98nr42w4253gf3n64bd0kpijrir6-structured-slow"}; !slices.Equal(outputs, want) {
		t.Errorf("outputs %q, want %q", outputs, want)
	}
	// The machine has no database.
	if len(c.unknown) != 1 || !strings.HasPrefix(c.unknown[0], "which features need what would be built: ") {
		t.Errorf("unknown %q", c.unknown)
	}
}
