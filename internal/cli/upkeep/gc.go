package upkeep

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/garbage"
)

// keptDeployments is how many committed deployments can be returned to after a collection, unless --keep says otherwise.
const keptDeployments = 5

// NewGC is nqd gc.
func NewGC(app *wiring.App) *cobra.Command {
	options := garbage.Options{Keep: keptDeployments}
	var age string
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Remove what nothing needs any more, and collect the store",
		Long: "Removes what keeps old systems in the store: roots of old deployments, whose records stay,\n" +
			"and old generations of the system profile; backups and data that old deployments kept; then\n" +
			"collects the store, and writes the boot menu again where it had entries of what is gone.\n\n" +
			"Never removed is what runs, what was booted, what the boot loader starts, the current\n" +
			"generation, what is on trial or waits for a reboot, what a deployment that was cut off may\n" +
			"need, the last deployments with what ran before them, what ran before nqd came unless\n" +
			"--forget-first is given, and what a process holds open. Roots of others stay.\n" +
			"All of it is told, with what it frees, before it is asked whether to go on." +
			exit.Help(exit.Done, exit.Error, exit.Usage, exit.Declined, exit.Busy, exit.Interrupted),
		Example: "  nqd gc --dry-run                     what would go and why, and what it would free\n" +
			"  nqd gc                               keep the last 5 deployments\n" +
			"  nqd gc --keep 2 --older-than 30d     keep the last 2, and all that is younger than 30 days",
		Args: wiring.Usage(cobra.NoArgs),
		RunE: app.OnMachine(func(ctx context.Context, d *deploy.Deployer, _ []string) error {
			if age != "" {
				var err error
				if options.OlderThan, err = parseAge(age); err != nil {
					return err
				}
			}
			if options.Keep < 1 {
				return &exit.UsageError{Cause: exit.WithHint(fmt.Errorf("--keep %d: at least 1 deployment stays", options.Keep), "nqd gc --keep 1 keeps the least")}
			}
			options.Now = time.Now()
			if !options.DryRun {
				app.BeginLog("gc", d)
			}
			return collector(app, d).Run(ctx, options)
		}),
	}
	cmd.Flags().IntVar(&options.Keep, "keep", keptDeployments, "keep the last `N` committed deployments and generations")
	cmd.Flags().StringVar(&age, "older-than", "", "remove only what is older than `AGE`, such as 36h, 30d or 4w")
	cmd.Flags().BoolVar(&options.ForgetFirst, "forget-first", false, "let go of what ran before nqd came too: nqd uninstall cannot return to it then")
	cmd.Flags().BoolVar(&options.DryRun, "dry-run", false, "only tell what would go; nothing is changed")
	return cmd
}

func collector(a *wiring.App, d *deploy.Deployer) *garbage.Collector {
	return &garbage.Collector{
		Machine: d.Machine, Nix: d.Nix, Guard: d.Guard, History: d.History, Sink: d.Sink, Backups: d.Backups,
		Confirm: func(ctx context.Context, _ event.Garbage) (bool, error) {
			yes, err := a.Ask(ctx, "Remove what goes, and collect the store?")
			if err == nil && !yes {
				err = exit.WithHint(deploy.ErrDeclined, "nothing was removed")
			}
			return yes, err
		},
	}
}
