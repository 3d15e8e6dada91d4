package upkeep

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/garbage/traces"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

// NewUninstall is nqd uninstall.
func NewUninstall(app *wiring.App) *cobra.Command {
	var purge bool
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Return the machine to what it was before nqd, and remove what nqd put on it",
		Long: "Takes back a deployment that was cut off, returns to the system that ran before the first\n" +
			"deployment, homes too, through the same try, check and commit as any rollback, and removes\n" +
			"what nqd put on the machine: generations, records, roots, logs and caches. A system that nqd\n" +
			"did not deploy is left alone.\n\n" +
			"The workspace and the backups are yours: they stay, and are named. With --purge they go as\n" +
			"well, for good. All of it is told before it is asked whether to go on. What was cut off is\n" +
			"finished by another nqd uninstall." + exit.Help(exit.OfDeployment()...),
		Example: "  nqd uninstall                                take nqd off, keep the workspace and the backups\n" +
			"  nqd uninstall --purge --accept-risk=purge    leave nothing",
		Args: wiring.Usage(cobra.NoArgs),
		RunE: app.OnMachine(func(ctx context.Context, d *deploy.Deployer, _ []string) error {
			return uninstall(ctx, app, d, tracesOf(app, d, purge))
		}),
	}
	cmd.Flags().BoolVar(&purge, "purge", false, "remove the workspace and the backups too")
	return cmd
}

func tracesOf(a *wiring.App, d *deploy.Deployer, purge bool) *traces.Traces {
	return &traces.Traces{
		Machine: d.Machine, Guard: d.Guard, Git: d.Git, History: d.History, Purge: purge,
		State: filepath.Dir(d.History.Dir), Cache: filepath.Dir(d.Evaluations),
		Home: d.Machine.Path(d.Home), Workspace: d.Workspace.Dir,
	}
}

func uninstall(ctx context.Context, a *wiring.App, d *deploy.Deployer, t *traces.Traces) error {
	if t.Purge && !a.Accepts(risk.Purge) {
		return &risk.Error{
			Risk: risk.Purge, Problem: "--purge removes the workspace " + t.Workspace + " and all backups, for good",
			Instead: "leave --purge out, and they stay",
		}
	}
	told, _, err := t.Look(ctx)
	if err != nil {
		return err
	}
	d.Sink(told)
	if told.System == "" && len(told.Removed) == 0 {
		return nil
	}
	yes, err := a.Ask(ctx, "Take nqd off this machine?")
	if err == nil && !yes {
		err = exit.WithHint(deploy.ErrDeclined, "nothing was changed")
	}
	if err == nil {
		a.BeginLog("uninstall", d)
		err = goBack(ctx, d, t)
	}
	if err == nil {
		err = t.Remove(ctx)
	}
	if err != nil {
		return err
	}
	running, err := d.Guard.Running()
	if err != nil {
		return err
	}
	told.Planned, told.System = false, string(running)
	d.Sink(told)
	return nil
}

// goBack brings back what ran before the first deployment. It was asked for already.
func goBack(ctx context.Context, d *deploy.Deployer, t *traces.Traces) error {
	all, err := d.History.All()
	if err != nil {
		return err
	}
	if len(deployment.Unfinished(all)) > 0 {
		if err := d.Abort(ctx, deploy.AbortOptions{}); err != nil {
			return err
		}
	}
	before, err := t.Before(ctx)
	if err != nil || !before.Switched {
		return err
	}
	d.Confirm = func(context.Context, event.Difference) (bool, error) { return true, nil }
	return d.RollbackBefore(ctx)
}
