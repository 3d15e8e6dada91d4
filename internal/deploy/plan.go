package deploy

import (
	"context"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/plan"
)

// Plan tells what Apply would do, as far as that is known without building, and, for a package name in why, what pulls
// that in. It writes into a temporary directory only.
func (d *Deployer) Plan(ctx context.Context, name, why string) error {
	h, err := d.read(name)
	if err != nil {
		return err
	}
	pending, err := d.Workspace.Pending()
	if err != nil {
		return err
	}
	looking, stop := context.WithCancel(ctx)
	defer stop()
	look := d.looking(looking, h)() // while Nix evaluates
	planner := d.planner()
	from, changes, err := planner.Present(ctx, pending)
	if err != nil {
		return err
	}
	defer from.Release()
	base, err := d.settled()
	if err != nil {
		return err
	}
	p, answer, err := planner.Plan(ctx, h, from, d.planFrom(name, base), plan.Files(pending, changes))
	if err != nil {
		return err
	}
	if now, err := d.base(); err == nil && now.old != base.old {
		p.Unknown = append(p.Unknown, "what becomes of services, accounts and files of homes: the machine still runs "+now.old.Name()+
			", of the deployment that was cut off, and goes back first")
	}
	if err := look.Complete(&p); ctx.Err() != nil { // else it is told in the plan, which refuses nothing
		return err
	}
	d.Sink(p)
	if why == "" {
		return nil
	}
	chains, err := planner.Why(ctx, answer, why)
	if err != nil {
		return err
	}
	d.Sink(chains)
	return nil
}

// planFrom is what a plan starts from.
func (d *Deployer) planFrom(name string, from base) plan.Old {
	return plan.Old{System: from.old, Manifest: d.History.ManifestOf(from.old), Took: d.History.Took(name)}
}

// planner says what this deployer would change.
func (d *Deployer) planner() *plan.Planner {
	planner := &plan.Planner{Evaluator: evaluation.Evaluator{
		Machine: d.Machine, Nix: d.Nix, Git: d.Git, Workspace: d.Workspace, Sink: d.Sink,
		Evaluations: d.Evaluations, Version: d.Version,
	}}
	if d.Backups != nil {
		planner.Backups, _ = d.Machine.Within(d.Backups.Dir)
	}
	return planner
}
