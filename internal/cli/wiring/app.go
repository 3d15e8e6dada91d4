// Package wiring makes of the options and streams of one run of nqd what its commands work with.
package wiring

import (
	"context"
	"io"
	"os"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/streams"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
	"github.com/masterofnull/nixos-quick-deploy/internal/runlog"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/jsonl"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/plain"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/tui"
)

// App is what all commands share: the streams and the global options.
type App struct {
	Version        string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Global         Options
	Hurry          <-chan struct{} // closed when programs have to end at once
	stopwatch      runlog.Stopwatch
	once           sync.Once
	told           event.Sink
	view           *tui.View       // nil where nothing moves
	Stations       []event.Station // of the command; nil for those of a deployment
	heard          runlog.Overheard
	log            runlog.Log
	Secrets        redact.Redactor
}

// Close leaves the terminal as it was.
func (a *App) Close() {
	if a.view != nil {
		a.view.Close()
	}
	a.log.Close()
}

// Options are the options that every command takes.
type Options struct {
	Workspace string
	Host      string
	Sandbox   string
	JSON      bool
	Yes       bool
	Offline   bool
	Verbose   bool
	Risks     []string
	Caches    []string
}

// Sink is the renderer that the options ask for.
func (a *App) Sink() event.Sink {
	a.once.Do(func() {
		out, live := streams.Terminal(a.Stderr)
		switch {
		case a.Global.JSON:
			a.told = jsonl.New(a.Stdout, a.Global.Verbose)
		case live && os.Getenv("TERM") != "dumb" && os.Getenv("TERM") != "":
			a.view = tui.New(tui.Options{
				Out: out, Answers: a.Stdout, Verbose: a.Global.Verbose, Width: streams.Columns, Environ: os.Environ(),
				Stations: a.Stations,
			})
			a.told = a.view.Sink
		default:
			a.told = plain.New(a.Stdout, a.Stderr, plain.Options{Verbose: a.Global.Verbose, Width: streams.Columns})
		}
		a.Secrets.Environ(os.Environ())
		a.told = runlog.Without(&a.Secrets, a.log.Watch(a.told))
	})
	return a.told
}

// Failure is the last event of a run that ended with err.
func (a *App) Failure(ctx context.Context, err error) event.Failure {
	return exit.FailureOf(ctx, err, a.heard.Text(), a.log.Keep())
}
