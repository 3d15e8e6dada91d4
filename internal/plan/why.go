package plan

import (
	"context"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// Why says what pulls a package into the evaluated system. Before the system is built it is the derivations that are
// followed, so that a package which is only built with is found too.
func (p *Planner) Why(ctx context.Context, e evaluation.Answer, name string) (event.Why, error) {
	root := e.System
	closure, err := p.inStore(ctx, root)
	if err != nil {
		root = machine.StorePath(e.Derivation)
		closure, err = store.Read(ctx, p.Machine, p.Nix, root)
	}
	if err != nil {
		return event.Why{}, err
	}
	return PulledIn(closure, root, name), nil
}

// PulledIn says what pulls a package into the closure of a system.
func PulledIn(closure store.Closure, system machine.StorePath, name string) event.Why {
	why := event.Why{Name: name, Chains: [][]string{}}
	for _, chain := range store.Why(closure, system, name) {
		var paths []string
		for _, path := range chain {
			paths = append(paths, string(path))
		}
		why.Chains = append(why.Chains, paths)
	}
	return why
}
