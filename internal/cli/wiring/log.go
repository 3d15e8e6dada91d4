package wiring

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
)

// logged are the commands that may change what the machine runs. Their runs leave a log, from their beginning on; of
// others there is one only where nix failed. gc and uninstall begin theirs once they know that they do something.
var logged = []string{"apply", "up", "update", "rollback", "resume", "abort"}

// keepLog begins the log of a run, and has the deployment name it.
func (a *App) keepLog(cmd *cobra.Command, d *deploy.Deployer) {
	if !slices.Contains(logged, cmd.Name()) || cmd.Parent() != cmd.Root() {
		return
	}
	// The unit of a login asks each time whether there is anything to do, and mostly there is not.
	if rebooted := cmd.Flags().Lookup("rebooted"); rebooted != nil && rebooted.Changed {
		return
	}
	a.BeginLog(cmd.Name(), d)
}

// BeginLog begins the log of a run, and has the deployment name it.
func (a *App) BeginLog(command string, d *deploy.Deployer) {
	a.log.Begin(command, a.Version)
	d.Log = a.log.Path()
}
