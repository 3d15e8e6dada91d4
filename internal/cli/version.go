package cli

import (
	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func newVersionCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which nqd this is",
		Long:  "Says which nqd this is." + exit.Help(exit.Done),
		Args:  wiring.Usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			app.Sink()(event.Version{Version: app.Version})
			return nil
		},
	}
}
