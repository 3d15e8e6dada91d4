package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
)

func newStatusCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say what the machine runs and boots, and which deployment that is",
		Long: "Says what the machine runs and boots, and which deployment that is. Where one\n" +
			"was cut off, it lists what that had done, and both ways out: nqd resume and\n" +
			"nqd abort.\n\n" +
			"Nothing is changed." +
			exit.Help(exit.Done, exit.Error, exit.Usage),
		Args: wiring.Usage(cobra.NoArgs),
		RunE: app.OnMachine(func(_ context.Context, d *deploy.Deployer, _ []string) error { return d.Report().Status() }),
	}
}

func newHistoryCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "history",
		Short: "List the deployments of this machine",
		Long: "Lists the deployments of this machine, oldest first: when each began, what it\n" +
			"was, how it ended (committed, reverted, refused, interrupted, broken), its\n" +
			"system, and which of them runs now." +
			exit.Help(exit.Done, exit.Error, exit.Usage),
		Args: wiring.Usage(cobra.NoArgs),
		RunE: app.OnMachine(func(_ context.Context, d *deploy.Deployer, _ []string) error { return d.Report().Deployments() }),
	}
}

func newShowCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "show [ID]",
		Short: "Show one deployment: its steps and the difference it made",
		Long: "Shows one deployment, without ID the newest: its steps and what each does,\n" +
			"what went wrong, the difference it made, and the file that has all that was\n" +
			"said." +
			exit.Help(exit.Done, exit.Error, exit.Usage),
		Args:              wiring.Usage(cobra.MaximumNArgs(1)),
		ValidArgsFunction: completeDeployments(app, 1, anyDeployment),
		RunE: app.OnMachine(func(_ context.Context, d *deploy.Deployer, args []string) error {
			id, err := parseID(args)
			if err != nil {
				return err
			}
			return d.Report().Show(id)
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
		return 0, &exit.UsageError{Cause: exit.WithHint(fmt.Errorf("%q: not the number of a deployment", args[0]), "nqd history lists them")}
	}
	return id, nil
}
