package cli

import (
	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
)

func newPlanCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "plan",
		Short: "Say what apply would change, and change nothing",
		Long: "Evaluates the workspace as it is now, in a temporary directory, and says what would\n" +
			"change. Nothing is built, written or committed." + exitHelp(exitDone, exitError, exitUsage, exitInterrupted),
		Args: usage(cobra.NoArgs),
		RunE: app.onHost((*deploy.Deployer).Plan),
	}
}
