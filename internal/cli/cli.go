// Package cli is the command line of nqd: one file for each command, the wiring of everything
// below it, and the exit codes.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/jsonl"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/plain"
)

// Main runs nqd with the arguments and streams of a process, and returns its exit code.
func Main(version string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	endings := []os.Signal{os.Interrupt, syscall.SIGTERM}
	// A terminal that is closed ends a run as Ctrl-C does, in an orderly way; not under nohup.
	if !signal.Ignored(syscall.SIGHUP) {
		endings = append(endings, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), endings...)
	defer stop()
	// A reader that went away must not kill nqd while a system is tried: Go ends a process
	// that writes to a closed standard output, unless the signal is taken.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	app := &app{version: version, stdin: stdin, stdout: stdout, stderr: stderr}
	root := newRootCommand(app)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return int(exitDone)
	}
	// Options that could not be parsed were not set.
	app.global.json = app.global.json || slices.Contains(args, "--json")
	failure := failureOf(ctx, err)
	app.sink()(failure)
	return failure.ExitCode
}

// app is what all commands share: the streams and the global options.
type app struct {
	version        string
	stdin          io.Reader
	stdout, stderr io.Writer
	global         globalOptions
	told           event.Sink
}

// globalOptions are the options that every command takes.
type globalOptions struct {
	workspace string
	host      string
	sandbox   string
	json      bool
	yes       bool
	offline   bool
	verbose   bool
	risks     []string
}

// sink is the renderer that the options ask for.
func (a *app) sink() event.Sink {
	if a.told == nil {
		a.told = plain.New(a.stdout, a.stderr, a.global.verbose)
		if a.global.json {
			a.told = jsonl.New(a.stdout, a.global.verbose)
		}
	}
	return a.told
}

func newRootCommand(app *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "nqd",
		Short: "Turn a NixOS machine into a finished AI workstation, and keep it one",
		Long: "nqd makes a NixOS machine what its host file says: plan, build, try, check, commit.\n" +
			"What does not pass its checks never becomes the boot default, and the machine goes\n" +
			"back to what ran before.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&app.global.workspace, "workspace", "", "the flake directory (default $NQD_WORKSPACE, or ~/.config/nixos)")
	flags.StringVar(&app.global.host, "host", "", "which host of the workspace (default: the only one, or this machine's name)")
	flags.StringVar(&app.global.sandbox, "sandbox", "", "work on the machine below `DIR` instead of this one")
	flags.BoolVar(&app.global.json, "json", false, "write JSON lines, the final error included")
	flags.BoolVarP(&app.global.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&app.global.offline, "offline", false, "do not use the network")
	flags.StringArrayVar(&app.global.risks, "accept-risk", nil, "accept `NAME`, a risk that a command refused to take; may be repeated")
	flags.BoolVarP(&app.global.verbose, "verbose", "v", false, "show what the programs that nqd runs say")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newInitCommand(app),
		newPlanCommand(app),
		newApplyCommand(app),
		newUpCommand(app),
		newStatusCommand(app),
		newHistoryCommand(app),
		newShowCommand(app),
		newRollbackCommand(app),
		newVersionCommand(app),
	)
	return root
}
