package wiring

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// tellsItself names the commands that say by themselves what was cut off: they show it, go on with it, or take it back.
func tellsItself(cmd *cobra.Command) bool {
	switch cmd.Name() {
	case "status", "apply", "up", "rollback", "resume", "abort", "uninstall":
		return true
	}
	return false
}

// tellUnfinished says that a deployment was cut off, where one was. A history that cannot be read is for the command
// itself to tell.
func tellUnfinished(d *deploy.Deployer) {
	all, err := d.History.All()
	open := deployment.Unfinished(all)
	if err != nil || len(open) == 0 || d.History.Busy() {
		return
	}
	d.Sink(event.Note{
		Warning: true,
		Text:    fmt.Sprintf("deployment %d was neither committed nor taken back (%s)", open[0].ID, open[0].Result),
		Hint:    "nqd resume goes on, nqd abort takes it back; nqd status says how far it came",
	})
}
