package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func newPlanCommand(app *wiring.App) *cobra.Command {
	var why string
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Say what apply would change, and change nothing",
		Long: "Evaluates the workspace as it is now, in a temporary directory, and says what would\n" +
			"change. Nothing is built, written or committed. --json writes it as docs/plan.schema.json\n" +
			"describes it." + exit.Help(exit.Done, exit.Error, exit.Usage, exit.Interrupted),
		Args:   wiring.Usage(cobra.NoArgs),
		PreRun: func(*cobra.Command, []string) { app.Stations = []event.Station{event.Read, event.Evaluate} },
		RunE: app.OnHost(func(d *deploy.Deployer, ctx context.Context, host string) error {
			return d.Plan(ctx, host, why)
		}),
	}
	cmd.Flags().StringVar(&why, "why", "", "say what pulls the package `NAME` into the new system")
	return cmd
}
