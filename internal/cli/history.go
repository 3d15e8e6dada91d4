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
		Use:   "show ID",
		Short: "Show one deployment: its steps and the difference it made",
		Long:  "Shows one deployment: its steps, what went wrong, and the difference it made." + exitHelp(exitDone, exitError, exitUsage),
		Args:  usage(cobra.ExactArgs(1)),
		RunE: app.onMachine(func(_ context.Context, d *deploy.Deployer, args []string) error {
			id, err := parseID(args[0])
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
			if len(args) == 0 {
				return d.Rollback(ctx, 0)
			}
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return d.Rollback(ctx, id)
		}),
	}
}

func parseID(text string) (int, error) {
	id, err := strconv.Atoi(text)
	if err != nil || id < 1 {
		return 0, &usageError{hintedError{fmt.Errorf("%q: not the number of a deployment", text), "nqd history lists them"}}
	}
	return id, nil
}
