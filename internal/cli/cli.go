// Package cli is the command line of nqd: one file for each command, the wiring of everything
// below it, and the exit codes.
package cli

import (
	"io"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/runlog"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/jsonl"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/plain"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/tui"
)

// Main runs nqd with the arguments and streams of a process, and returns its exit code.
func Main(version string, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	// A reader that went away must not kill nqd while a system is tried: Go ends a process
	// that writes to a closed standard output, unless the signal is taken.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	out := &answers{Writer: stdout}
	app := &app{version: version, stdin: stdin, stdout: out, stderr: stderr}
	ctx, hurry, stop := interruptible(func(e event.Event) { app.sink()(e) })
	defer stop()
	app.hurry = hurry
	root := newRootCommand(app)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	defer app.close()
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = out.problem()
	}
	if err == nil {
		return int(exitDone)
	}
	// Options that could not be parsed were not set.
	app.global.json = app.global.json || slices.Contains(args, "--json")
	failure := failureOf(ctx, err, app.heard.Text(), app.log.Path())
	app.sink()(failure)
	return failure.ExitCode
}

// app is what all commands share: the streams and the global options.
type app struct {
	version        string
	stdin          io.Reader
	stdout, stderr io.Writer
	global         globalOptions
	hurry          <-chan struct{} // closed when programs have to end at once
	stopwatch      runlog.Stopwatch
	once           sync.Once
	told           event.Sink
	view           *tui.View       // nil where nothing moves
	stations       []event.Station // of the command; nil for those of a deployment
	heard          runlog.Overheard
	log            runlog.Log
}

// close leaves the terminal as it was.
func (a *app) close() {
	if a.view != nil {
		a.view.Close()
	}
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
	caches    []string
}

// sink is the renderer that the options ask for.
func (a *app) sink() event.Sink {
	a.once.Do(func() {
		out, live := terminal(a.stderr)
		switch {
		case a.global.json:
			a.told = jsonl.New(a.stdout, a.global.verbose)
		case live && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != "":
			a.view = tui.New(tui.Options{
				Out: out, Answers: a.stdout, Verbose: a.global.verbose, Width: columns, Environ: os.Environ(),
				Stations: a.stations,
			})
			a.told = a.view.Sink
		default:
			a.told = plain.New(a.stdout, a.stderr, plain.Options{Verbose: a.global.verbose, Width: columns})
		}
	})
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
	flags.StringArrayVar(&app.global.caches, "cache", nil, "let a --sandbox take from the binary cache at `URL`, and trust it; may be repeated")
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
		newDiffCommand(app),
		newRollbackCommand(app),
		newExplainCommand(app),
		newVersionCommand(app),
	)
	return root
}
