package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
)

func newRollbackCommand(app *wiring.App) *cobra.Command {
	var to deploy.Target
	cmd := &cobra.Command{
		Use:   "rollback [ID]",
		Short: "Go back to what ran before the last deployment, or to deployment ID",
		Long: "Goes back to the system that ran before the last committed deployment, or to\n" +
			"that of deployment ID (nqd history lists them), through the same try, check\n" +
			"and commit as any deployment: what does not pass its checks is not kept, and\n" +
			"the machine stays what it is.\n\n" +
			"The workspace goes back too, as a new commit on top: no commit is lost, and\n" +
			"edits that were not committed are put into a backup first. With\n" +
			"--keep-workspace it stays as it is, and the next apply deploys what it says.\n" +
			"Data, such as databases, stays as it is unless --restore-state is given." +
			exit.Help(exit.OfDeployment()...),
		Example: "  nqd rollback                  the machine as it was before the last deployment\n" +
			"  nqd rollback 3                as deployment 3 made it\n" +
			"  nqd rollback --restore-state  with the data that was kept before a newer version took it over",
		Args:              wiring.Usage(cobra.MaximumNArgs(1)),
		ValidArgsFunction: completeDeployments(app, 1, committed),
		RunE: app.OnMachine(func(ctx context.Context, d *deploy.Deployer, args []string) (err error) {
			if to.ID, err = parseID(args); err != nil {
				return err
			}
			return d.Rollback(ctx, to)
		}),
	}
	cmd.Flags().BoolVar(&to.RestoreState, "restore-state", false, "put back the data that was kept before a newer version took it over")
	cmd.Flags().BoolVar(&to.KeepWorkspace, "keep-workspace", false, "leave the workspace as it is")
	return cmd
}
