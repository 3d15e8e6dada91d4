package cli

import (
	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
)

// deploymentCodes are the exit codes of every command that deploys.
var deploymentCodes = []exitCode{
	exitDone, exitError, exitUsage, exitDeclined, exitReverted, exitBusy, exitBroken, exitNotBoot, exitReboot, exitInterrupted,
}

func newApplyCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "apply",
		Short: "Make the machine what its host file says",
		Long: "Commits the workspace, evaluates and builds it, shows the exact difference and asks.\n" +
			"Then the new system is tried; when its checks pass it becomes the boot default, else\n" +
			"the machine goes back to what ran before." + exitHelp(deploymentCodes...),
		Args: usage(cobra.NoArgs),
		RunE: app.onHost((*deploy.Deployer).Apply),
	}
}
