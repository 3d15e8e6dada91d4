package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func newResumeCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "resume",
		Short: "Go on with a deployment that was cut off",
		Long: "Goes on with a deployment that was cut off: by a crash, a power cut, or a\n" +
			"kill. What it had done and what still holds is not done again; nothing is\n" +
			"built, and no question is asked. It ends as it would have ended then: with the\n" +
			"new system running and as the boot default, or, where that does not pass its\n" +
			"checks, with the machine back on what ran before (4).\n\n" +
			"A deployment that was already being taken back is taken back (4). Where none\n" +
			"was cut off, that is said, nothing is changed, and the exit code is 0. nqd\n" +
			"status says what was cut off; nqd abort takes it back instead." +
			exit.Help(exit.Done, exit.Error, exit.Usage, exit.Reverted, exit.Busy, exit.Broken, exit.NotBoot, exit.Reboot, exit.Interrupted),
		Example: "  nqd status    what was under way, and how far it came\n" +
			"  nqd resume    go on with it",
		Args: wiring.Usage(cobra.NoArgs),
		PreRun: func(*cobra.Command, []string) {
			app.Stations = []event.Station{event.Try, event.Check, event.Commit, event.Late}
		},
		RunE: app.OnMachine(func(ctx context.Context, d *deploy.Deployer, _ []string) error { return d.Resume(ctx) }),
	}
}

func newAbortCommand(app *wiring.App) *cobra.Command {
	var options deploy.AbortOptions
	cmd := &cobra.Command{
		Use:   "abort",
		Short: "Take back a deployment that was cut off",
		Long: "Takes back a deployment that was cut off, or that could not be taken back\n" +
			"then: the machine runs and boots what it did before, and files of homes that\n" +
			"were moved away are back. What you changed in the meantime is not overwritten;\n" +
			"it is named, and stays.\n\n" +
			"Where none was cut off, that is said, nothing is changed, and the exit code is\n" +
			"0: the machine is as you want it. Nothing is asked. nqd resume goes on with\n" +
			"the deployment instead." +
			exit.Help(exit.Done, exit.Error, exit.Usage, exit.Busy, exit.Broken, exit.Interrupted),
		Example: "  nqd status              what was under way, and how far it came\n" +
			"  nqd abort               back to what ran before it\n" +
			"  nqd abort --rebooted    the same, where a reboot cut it off; else silent",
		Args: wiring.Usage(cobra.NoArgs),
		RunE: app.OnMachine(func(ctx context.Context, d *deploy.Deployer, _ []string) error { return d.Abort(ctx, options) }),
	}
	cmd.Flags().BoolVar(&options.Rebooted, "rebooted", false,
		"do nothing and say nothing, unless the machine was started again since; for a unit that runs at login")
	return cmd
}
