package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
)

func newStatusCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say what the machine runs and boots, and which deployment that is",
		Long:  "Says what the machine runs and boots, and which deployment that is." + exitHelp(exitDone, exitError, exitUsage),
		Args:  usage(cobra.NoArgs),
		RunE:  app.onMachine(func(_ context.Context, d *deploy.Deployer, _ []string) error { return d.Status() }),
	}
}

func newHistoryCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "history",
		Short: "List the deployments of this machine",
		Long:  "Lists the deployments of this machine, oldest first." + exitHelp(exitDone, exitError, exitUsage),
		Args:  usage(cobra.NoArgs),
		RunE:  app.onMachine(func(_ context.Context, d *deploy.Deployer, _ []string) error { return d.Deployments() }),
	}
}

func newShowCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show [ID]",
		Short: "Show one deployment: its steps and the difference it made",
		Long: "Shows one deployment, without ID the newest: its steps, what went wrong, and the difference\n" +
			"it made." + exitHelp(exitDone, exitError, exitUsage),
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: app.onMachine(func(_ context.Context, d *deploy.Deployer, args []string) error {
			id, err := parseID(args)
			if err != nil {
				return err
			}
			return d.Show(id)
		}),
	}
}

func newRollbackCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rollback [ID]",
		Short: "Go back to what ran before the last deployment, or to deployment ID",
		Long: "Goes back to the system that ran before the last committed deployment, or to that of\n" +
			"deployment ID, through the same try, check and commit as any deployment. The workspace\n" +
			"stays as it is: the next apply deploys what it says." + exitHelp(deploymentCodes...),
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: app.onMachine(func(ctx context.Context, d *deploy.Deployer, args []string) error {
			id, err := parseID(args)
			if err != nil {
				return err
			}
			return d.Rollback(ctx, id)
		}),
	}
}

// parseID is the number of a deployment, 0 where none is given.
func parseID(args []string) (int, error) {
	if len(args) == 0 {
		return 0, nil
	}
	id, err := strconv.Atoi(args[0])
	if err != nil || id < 1 {
		return 0, &usageError{hintedError{fmt.Errorf("%q: not the number of a deployment", args[0]), "nqd history lists them"}}
	}
	return id, nil
}
