package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
)

func newDiffCommand(app *app) *cobra.Command {
	var asked deploy.Comparison
	cmd := &cobra.Command{
		Use:   "diff [A [B]]",
		Short: "Compare the packages of two systems",
		Long: "Compares the packages of two systems with everything they need: what came, what went, other\n" +
			"versions, and the size. A and B are numbers of deployments (nqd history lists them), store\n" +
			"paths, or the words running and boot. Without B it is the system that runs, and without A\n" +
			"the one that ran before the last committed deployment.\n\n" +
			"Nothing is changed, and nix is not started unless its database cannot be read." +
			exitHelp(exitDone, exitError, exitUsage, exitInterrupted),
		Args: usage(cobra.MaximumNArgs(2)),
		RunE: app.onMachine(func(ctx context.Context, d *deploy.Deployer, args []string) error {
			both := append(args, "", "")
			asked.First, asked.Second = both[0], both[1]
			err := d.Diff(ctx, asked)
			var unknown *deploy.NoSystemError
			if errors.As(err, &unknown) {
				return &usageError{err}
			}
			return err
		}),
	}
	cmd.Flags().StringVar(&asked.Why, "why", "", "say what pulls the package `NAME` into B")
	return cmd
}
