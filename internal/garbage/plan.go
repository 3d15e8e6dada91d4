package garbage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
)

// plan is what a collection does.
type plan struct {
	told event.Garbage
	// links are roots of deployments that go, generations those of the system profile.
	links       []string
	generations []int
	// menu is the system that writes the boot menu again; empty where that stays as it is.
	menu machine.StorePath
	// hold are the store paths that have to stay and that no root of the store keeps.
	hold []machine.StorePath
	old  belongings
}

func (p plan) nothing() bool { return len(p.told.Goes) == 0 && p.told.Paths == 0 && p.menu == "" }

// plan looks at the machine and decides. It changes nothing.
func (c *Collector) plan(ctx context.Context, options Options) (plan, error) {
	if options.Keep < 1 {
		return plan{}, fmt.Errorf("keeping %d deployments: it has to be 1 or more", options.Keep)
	}
	roots, err := c.Nix.Roots(ctx)
	if err != nil {
		return plan{}, err
	}
	needed, err := c.needed(ctx, options, roots)
	if err != nil {
		return plan{}, err
	}
	p := plan{told: event.Garbage{DryRun: options.DryRun, Goes: []event.GarbageRoot{}, Stays: []event.GarbageRoot{}}}
	if err := c.planDeployments(&p, needed, options); err != nil {
		return plan{}, err
	}
	if err := c.planGenerations(&p, needed, options); err != nil {
		return plan{}, err
	}
	if err := c.planBackups(&p, needed, options); err != nil {
		return plan{}, err
	}
	if err := c.planSnapshots(ctx, &p, needed, options); err != nil {
		return plan{}, err
	}
	return p, c.planStore(ctx, &p, needed, roots)
}

// planDeployments decides which roots of deployments go.
func (c *Collector) planDeployments(p *plan, needed needs, options Options) error {
	links, err := c.links()
	if err != nil {
		return err
	}
	for _, link := range links {
		root := event.GarbageRoot{Kind: "deployment", Name: link.name(), System: string(link.system)}
		why, stays := needed.why(link.system)
		if !stays && young(link.made, options) {
			why, stays = "it is young", true
		}
		if stays {
			root.Why = why
			p.told.Stays = append(p.told.Stays, root)
			continue
		}
		root.Why = link.why(needed, options)
		p.told.Goes, p.links = append(p.told.Goes, root), append(p.links, link.file)
	}
	return nil
}

// planGenerations decides which generations of the system profile go, unless it is not known what the boot loader
// starts: it may be any of them.
func (c *Collector) planGenerations(p *plan, needed needs, options Options) error {
	generations, err := c.generations()
	if err != nil {
		return err
	}
	for i, g := range slices.Backward(generations) {
		root := event.GarbageRoot{Kind: "generation", Name: fmt.Sprint("generation ", g.Number), System: string(g.System)}
		why, stays := needed.why(g.System)
		switch {
		case stays:
		case needed.menu != "":
			why, stays = needed.menu, true
		case len(generations)-i <= options.Keep:
			why, stays = fmt.Sprintf("one of the last %d generations", options.Keep), true
		case young(g.made, options):
			why, stays = "it is young", true
		}
		if stays {
			root.Why = why
			p.told.Stays = append(p.told.Stays, root)
			continue
		}
		root.Why = fmt.Sprintf("older than the last %d generations", options.Keep)
		p.told.Goes, p.generations = append(p.told.Goes, root), append(p.generations, g.Number)
	}
	outdated, err := c.menuIsOutdated()
	if outdated && needed.menu == "" || len(p.generations) > 0 {
		p.menu = needed.current
	}
	return err
}

func young(made time.Time, options Options) bool { return options.Now.Sub(made) < options.OlderThan }

// planStore finds what goes of the store, and what would that has to stay: in a sandbox, and on any machine whose
// current system is in no profile, no root of the store keeps that.
func (c *Collector) planStore(ctx context.Context, p *plan, needed needs, roots []nixcli.Root) error {
	keep, err := c.keeping(ctx)
	if err != nil {
		return err
	}
	goes := make(map[string]bool)
	for _, link := range p.links {
		goes[link] = true
	}
	for _, number := range p.generations {
		goes[c.Machine.Path(generationLink(number))] = true
	}
	var stays []machine.StorePath
	for _, root := range roots {
		if !goes[root.By] && !strings.HasPrefix(root.By, c.dir()+"/") {
			stays = append(stays, root.Path)
		}
	}
	dead, err := c.unreached(ctx, stays, keep)
	if err != nil {
		return err
	}
	for _, system := range needed.all() {
		if _, lost := dead[system]; lost {
			p.hold = append(p.hold, system)
		}
	}
	if len(p.hold) > 0 {
		if dead, err = c.unreached(ctx, append(stays, p.hold...), keep); err != nil {
			return err
		}
	}
	for _, size := range dead {
		p.told.Paths, p.told.Freed = p.told.Paths+1, p.told.Freed+size
	}
	return nil
}

// bootDefault is what the boot loader starts, or why that is not known.
func (c *Collector) bootDefault(ctx context.Context, dry bool) (system machine.StorePath, unknown string, err error) {
	if dry {
		system, err = c.Guard.VisibleBootDefault() // nobody is asked for a password to be told something
	} else {
		system, err = c.Guard.BootDefault(ctx)
	}
	switch {
	case err == nil:
		return system, "", nil
	case errors.Is(err, guard.ErrUnknownLoader):
		return "", "nqd does not know this boot loader, which may start it", nil
	case ctx.Err() != nil:
		return "", "", err
	}
	return "", "what the boot loader starts could not be read: " + err.Error(), nil
}
