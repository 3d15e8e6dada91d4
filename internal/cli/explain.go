package cli

import (
	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/explain"
)

func newExplainCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [ID]",
		Short: "Say what a known failure comes from and how it is cured",
		Long: "Lists the failures of evaluation, download, build and activation that nqd recognises, or\n" +
			"tells the cause and the cure of one. It needs neither a workspace nor NixOS." + exit.Help(exit.Done, exit.Usage),
		Args: wiring.Usage(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return runExplain(app, args) },
	}
}

func runExplain(app *wiring.App, args []string) error {
	known := explain.Known()
	if len(args) > 0 {
		one, err := explain.Find(args[0])
		if err != nil {
			return &exit.UsageError{Cause: err}
		}
		known = []event.Explanation{one}
	}
	app.Sink()(event.Explanations{Known: known})
	return nil
}
