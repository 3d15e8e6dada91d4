package cli

import (
	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
)

func newApplyCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "apply",
		Short: "Make the machine what its host file says",
		Long: "Commits the workspace, evaluates and builds it, shows the exact difference and asks.\n" +
			"Then the new system is tried; when its checks pass it becomes the boot default, else\n" +
			"the machine goes back to what ran before." + exit.Help(exit.OfDeployment()...),
		Args: wiring.Usage(cobra.NoArgs),
		RunE: app.OnHost((*deploy.Deployer).Apply),
	}
}
