package cli

import (
	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func newVersionCommand(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which nqd this is",
		Long:  "Says which nqd this is." + exitHelp(exitDone),
		Args:  usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			app.sink()(event.Version{Version: app.version})
			return nil
		},
	}
}
