package plan

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/binarycache"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// cost is what it takes to have the new system in the store.
type cost struct {
	builds  event.Builds
	fetches event.Fetches
	sizes   map[machine.StorePath]int64 // of what would be fetched, unpacked
	unknown []string
}

// nothing is the cost of a system that is in the store.
func nothing() cost {
	return cost{builds: event.Builds{Compiled: []event.PlannedBuild{}}, fetches: event.Fetches{Caches: []event.Cache{}}}
}

// cost asks what is missing of the system, and the caches what that takes. Those of the machine are asked even where nix
// did before: nix tells sums only, and takes a cache that does not answer for one that has nothing.
func (p *Planner) cost(ctx context.Context, e evaluation.Answer, caches []string) (cost, error) {
	missing, err := p.Nix.Missing(ctx, e.Derivation)
	if err != nil {
		return cost{}, err
	}
	c := nothing()
	outputs := p.builds(ctx, &c, missing.Build, e.Detail.Roots)
	c.fetches.Paths, c.fetches.Download, c.fetches.Unpacked = len(missing.Fetch), missing.Download, missing.Unpacked
	if err := p.ask(ctx, &c, missing.Fetch, outputs, caches); err != nil {
		return cost{}, err
	}
	if p.Nix.Offline && len(missing.Build) > 0 {
		c.unknown = append(c.unknown, "what caches have of what would be built: nqd is offline")
	}
	for _, path := range missing.Unknown {
		c.unknown = append(c.unknown, "how to have "+path+": nix can neither fetch nor build it, so the build will fail")
	}
	return c, nil
}

// ask adds what the caches say of the paths that would be fetched, and of the outputs of what would be compiled.
func (p *Planner) ask(ctx context.Context, c *cost, fetch, outputs []machine.StorePath, caches []string) error {
	if len(fetch)+len(outputs) == 0 {
		return nil
	}
	answer, err := binarycache.Ask(ctx, caches, slices.Concat(fetch, outputs), binarycache.Options{Version: p.Version})
	if err != nil {
		return fmt.Errorf("asking the caches: %w", err)
	}
	from := c.fetched(fetch, answer.Found)
	var silent []string
	for _, cache := range answer.Caches {
		c.fetches.Caches = append(c.fetches.Caches, event.Cache{URL: cache.URL, Paths: from[cache.URL], Problem: cache.Problem})
		if cache.Problem != "" {
			silent = append(silent, cache.URL)
		}
	}
	built := func(path machine.StorePath) bool { return slices.Contains(outputs, path) }
	if slices.ContainsFunc(answer.Unknown, built) {
		c.unknown = append(c.unknown, "whether caches have what would be compiled: not all of it was answered by "+strings.Join(silent, ", "))
	}
	if there := slices.DeleteFunc(slices.Sorted(maps.Keys(answer.Found)), func(path machine.StorePath) bool { return !built(path) }); len(there) > 0 {
		c.unknown = append(c.unknown, fmt.Sprintf("why nix would build %s, which a cache has (%d such in all)", there[0].Name(), len(there)))
	}
	return nil
}

// fetched takes the sizes of what would be fetched, and counts how much of it would come from each cache. Nix's sums stay
// where the caches did not tell all.
func (c *cost) fetched(fetch []machine.StorePath, found map[machine.StorePath]binarycache.Narinfo) (from map[string]int) {
	from, c.sizes = map[string]int{}, map[machine.StorePath]int64{}
	var download, unpacked int64
	told := true
	for _, path := range fetch {
		info, known := found[path]
		told = told && info.FileSize > 0
		if !known {
			continue
		}
		from[info.Cache]++
		c.sizes[path] = info.NarSize
		download += info.FileSize
		unpacked += info.NarSize
	}
	if told {
		c.fetches.Download, c.fetches.Unpacked = download, unpacked
	}
	return from
}

// builds adds what would be built here, and for which features: those that have a derivation whose inputs lead there. The
// outputs are those of what would be compiled, as far as they are known.
func (p *Planner) builds(ctx context.Context, c *cost, drvs []machine.StorePath, roots map[string][]machine.StorePath) (outputs []machine.StorePath) {
	kinds, err := p.kinds(ctx, drvs)
	if err != nil {
		c.unknown = append(c.unknown, "what of the builds only writes configuration: "+err.Error())
	}
	var slow []machine.StorePath
	for _, drv := range drvs {
		switch kind := kinds[drv]; {
		case kind.source:
			c.builds.Sources++
		case kind.quick:
			c.builds.Generated++
		default:
			slow = append(slow, drv)
			outputs = append(outputs, kind.outputs...)
		}
	}
	features, err := p.featuresOf(ctx, slow, roots)
	if err != nil {
		c.unknown = append(c.unknown, "which features need what would be built: "+err.Error())
	}
	for _, drv := range slow {
		c.builds.Compiled = append(c.builds.Compiled, event.PlannedBuild{
			Derivation: string(drv), Name: strings.TrimSuffix(drv.Name(), ".drv"), Features: listed(features[drv]),
		})
	}
	// In nix's own order two versions of it differ.
	slices.SortFunc(c.builds.Compiled, func(a, b event.PlannedBuild) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Derivation, b.Derivation))
	})
	return outputs
}

// kind is what a derivation is for.
type kind struct {
	quick   bool // it only writes configuration or links
	source  bool // it downloads something whose hash is known before
	outputs []machine.StorePath
}

// quickly are the attributes of a derivation that is not worth a download, as they stand in its file: with
// __structuredAttrs it is text in one of them (nix, src/libstore/derivations.cc; nixpkgs, trivial-builders).
var quickly = [][]byte{[]byte(`("preferLocalBuild","1")`), []byte(`\"preferLocalBuild\":true`)}

// output is one of a derivation in its file, which begins with them: name, path, algorithm and hash. Only one that is a
// download has a hash; one whose path is known after the build alone has no path (nix, src/libstore/derivations.cc).
var output = regexp.MustCompile(`^[\[,]\("[^"]*","([^"]*)","[^"]*","([^"]*)"\)`)

// kindOf reads the file of a derivation.
func kindOf(text []byte) kind {
	k := kind{quick: slices.ContainsFunc(quickly, func(attribute []byte) bool { return bytes.Contains(text, attribute) })}
	rest := text[max(0, bytes.IndexByte(text, '[')):]
	for found := output.FindSubmatch(rest); found != nil; found = output.FindSubmatch(rest) {
		k.source = k.source || len(found[2]) > 0
		if path, err := machine.ParseStorePath(string(found[1])); err == nil {
			k.outputs = append(k.outputs, path)
		}
		rest = rest[len(found[0]):]
	}
	return k
}

// kinds says what derivations are for. Where their files cannot be read, nix is asked.
func (p *Planner) kinds(ctx context.Context, drvs []machine.StorePath) (map[machine.StorePath]kind, error) {
	kinds := make(map[machine.StorePath]kind, len(drvs))
	for _, drv := range drvs {
		text, err := p.Machine.ReadFile(string(drv))
		if err != nil {
			return p.kindsByNix(ctx, drvs)
		}
		kinds[drv] = kindOf(text)
	}
	return kinds, nil
}

func (p *Planner) kindsByNix(ctx context.Context, drvs []machine.StorePath) (map[machine.StorePath]kind, error) {
	derivations, err := p.Nix.Derivations(ctx, drvs)
	kinds := make(map[machine.StorePath]kind, len(drvs))
	for drv, derivation := range derivations {
		kinds[drv] = kind{quick: derivation.PreferLocalBuild, outputs: slices.Sorted(maps.Values(derivation.Outputs))}
	}
	return kinds, err
}

// featuresOf are the features that each derivation is built for, sorted.
func (p *Planner) featuresOf(ctx context.Context, drvs []machine.StorePath, roots map[string][]machine.StorePath) (map[machine.StorePath][]string, error) {
	if len(drvs) == 0 || len(roots) == 0 {
		return nil, nil
	}
	db, err := store.Open(p.Machine)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	all := slices.Concat(slices.Collect(maps.Values(roots))...)
	there, err := db.Has(ctx, all...)
	if err != nil {
		return nil, err
	}
	// What was collected since the evaluation needs nothing.
	all = slices.DeleteFunc(all, func(root machine.StorePath) bool { return !there[root] })
	reached, err := db.Reach(ctx, all, drvs)
	if err != nil {
		return nil, err
	}
	features := map[machine.StorePath][]string{}
	for _, feature := range slices.Sorted(maps.Keys(roots)) {
		for _, root := range roots[feature] {
			for _, drv := range reached[root] {
				if !slices.Contains(features[drv], feature) {
					features[drv] = append(features[drv], feature)
				}
			}
		}
	}
	return features, nil
}
