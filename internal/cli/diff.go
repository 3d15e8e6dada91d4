package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/report"
)

func newDiffCommand(app *wiring.App) *cobra.Command {
	var asked report.Comparison
	cmd := &cobra.Command{
		Use:   "diff [A [B]]",
		Short: "Compare the packages of two systems",
		Long: "Compares the packages of two systems with everything they need: what came, what went, other\n" +
			"versions, and the size. A and B are numbers of deployments (nqd history lists them), store\n" +
			"paths, or the words running and boot. Without B it is the system that runs, and without A\n" +
			"the one that ran before the last committed deployment.\n\n" +
			"Nothing is changed, and nix is not started unless its database cannot be read." +
			exit.Help(exit.Done, exit.Error, exit.Usage, exit.Interrupted),
		Args:              wiring.Usage(cobra.MaximumNArgs(2)),
		ValidArgsFunction: completeDeployments(app, 2, anyDeployment),
		RunE: app.OnMachine(func(ctx context.Context, d *deploy.Deployer, args []string) error {
			both := append(args, "", "")
			asked.First, asked.Second = both[0], both[1]
			err := d.Report().Diff(ctx, asked)
			var unknown *report.NoSystemError
			if errors.As(err, &unknown) {
				return &exit.UsageError{Cause: err}
			}
			return err
		}),
	}
	cmd.Flags().StringVar(&asked.Why, "why", "", "say what pulls the package `NAME` into B")
	return cmd
}
