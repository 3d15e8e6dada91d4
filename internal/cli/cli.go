// Package cli is the command line of nqd: one file for each command, the wiring of everything
// below it, and the exit codes.
package cli

import (
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/begin"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/hardware"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/interrupt"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/streams"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/upkeep"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Main runs nqd with the arguments and streams of a process, and returns its exit code.
func Main(version string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// A reader that went away must not kill nqd while a system is tried: Go ends a process
	// that writes to a closed standard output, unless the signal is taken.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	out := &streams.Answers{Writer: stdout}
	app := &wiring.App{Version: version, Stdin: stdin, Stdout: out, Stderr: stderr}
	ctx, hurry, stop := interrupt.Context(func(e event.Event) { app.Sink()(e) })
	defer stop()
	app.Hurry = hurry
	root := newRootCommand(app)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	defer app.Close()
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.Problem()
	}
	if err == nil {
		return int(exit.Done)
	}
	// Options that could not be parsed were not set.
	app.Global.JSON = app.Global.JSON || slices.Contains(args, "--json")
	failure := app.Failure(ctx, err)
	app.Sink()(failure)
	return failure.ExitCode
}

func newRootCommand(app *wiring.App) *cobra.Command {
	root := &cobra.Command{
		Use:   "nqd",
		Short: "Turn a NixOS machine into a finished AI workstation, and keep it one",
		Long: "nqd makes a NixOS machine what its host file says: plan, build, try, check, commit.\n" +
			"What does not pass its checks never becomes the boot default, and the machine goes\n" +
			"back to what ran before.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          wiring.Usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		// A risk is named in full, and before anything is done.
		PersistentPreRunE: func(*cobra.Command, []string) error { return app.CheckRisks() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&app.Global.Workspace, "workspace", "", "the flake directory (default $NQD_WORKSPACE, or ~/.config/nixos)")
	flags.StringVar(&app.Global.Host, "host", "", "which host of the workspace (default: the only one, or this machine's name)")
	flags.StringVar(&app.Global.Sandbox, "sandbox", "", "work on the machine below `DIR` instead of this one")
	flags.BoolVar(&app.Global.JSON, "json", false, "write JSON lines, the final error included")
	flags.BoolVarP(&app.Global.Yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&app.Global.Offline, "offline", false, "do not use the network")
	flags.StringArrayVar(&app.Global.Risks, "accept-risk", nil, "accept `NAME`, a risk that a command refused to take; may be repeated")
	flags.StringArrayVar(&app.Global.Caches, "cache", nil, "let a --sandbox take from the binary cache at `URL`, and trust it; may be repeated")
	flags.BoolVarP(&app.Global.Verbose, "verbose", "v", false, "show what the programs that nqd runs say")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &exit.UsageError{Cause: err} })
	completions(root)
	root.AddCommand(
		begin.NewInit(app),
		newPlanCommand(app),
		newApplyCommand(app),
		begin.NewUp(app),
		newStatusCommand(app),
		newHistoryCommand(app),
		newShowCommand(app),
		newDiffCommand(app),
		newResumeCommand(app),
		newAbortCommand(app),
		newRollbackCommand(app),
		upkeep.NewBackup(app),
		upkeep.NewGC(app),
		upkeep.NewUninstall(app),
		upkeep.NewBundle(app),
		hardware.NewFacts(app),
		hardware.NewGPU(app),
		newExplainCommand(app),
		newVersionCommand(app),
	)
	return root
}
