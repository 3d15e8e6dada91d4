package preflight

import (
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	models := map[string]catalog.Needs{"ollama": {MemoryMB: 8000, For: "models"}, "base": {}}
	compiles := event.Builds{Compiled: []event.PlannedBuild{{Name: "x"}}}
	for name, c := range map[string]struct {
		memory, cpus int
		needs        map[string]catalog.Needs
		builds       event.Builds
		want         string
	}{
		"not known":             {0, 8, models, compiles, ""},
		"enough":                {15800, 4, models, compiles, "ok 15.4 GiB"},
		"8 GB as they are told": {7600, 4, models, event.Builds{}, "ok 7.4 GiB"},
		"too little":            {3800, 4, models, event.Builds{}, "warn 3.7 GiB, and ollama wants 7.8 GiB for models (switch ollama off, or use it with less)"},
		"nobody wants it":       {900, 4, map[string]catalog.Needs{"base": {}}, event.Builds{}, "ok 900.0 MiB"},
		"many compilers": {
			7900, 16, nil, compiles, "warn 7.7 GiB for 16 compilers at once, which take up to 2.0 GiB each (let fewer run: nix.settings.cores = 3 in local.nix)",
		},
		"one is too many": {1000, 1, nil, compiles, "warn 1000.0 MiB for 1 compilers at once, which take up to 2.0 GiB each (let fewer run: nix.settings.cores = 1 in local.nix)"},
	} {
		l := Look{Needs: c.needs, facts: func() facts.Facts { return facts.Facts{MemoryMB: c.memory, CPUs: c.cpus} }}
		var got []string
		for _, r := range memory(l, event.Plan{Builds: c.builds}) {
			text := string(r.Verdict) + " " + r.Found
			if r.Cure != "" {
				text += " (" + r.Cure + ")"
			}
			got = append(got, text)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
