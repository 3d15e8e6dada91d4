package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func newPlanCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "plan",
		Short: "Say what apply would change, and change nothing",
		Long: "Evaluates the workspace as it is now, in a temporary directory, and says what would\n" +
			"change. Nothing is built, written or committed." + exitHelp(exitDone, exitError, exitUsage, exitInterrupted),
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runPlan(cmd.Context(), app) },
	}
}

func runPlan(ctx context.Context, app *app) error {
	d, err := app.deployer()
	if err != nil {
		return err
	}
	name, err := app.hostName(d)
	if err != nil {
		return err
	}
	return d.Plan(ctx, name)
}
