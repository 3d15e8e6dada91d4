// Package interrupt is how a run of nqd is asked to stop: signals, and a terminal that is closed.
package interrupt

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Err is why a run ends that was asked to stop.
var Err = errors.New("interrupted")

// Context returns a context that ends with the first SIGINT or SIGTERM, or when the terminal is closed, and a
// channel that is closed with the second one, which says that programs need not be asked politely any more. What takes a
// system back is not stopped by either.
func Context(tell event.Sink) (ctx context.Context, hurry <-chan struct{}, stop func()) {
	endings := []os.Signal{os.Interrupt, syscall.SIGTERM}
	// A terminal that is closed ends a run as Ctrl-C does, in an orderly way; not under nohup.
	if !signal.Ignored(syscall.SIGHUP) {
		endings = append(endings, syscall.SIGHUP)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, endings...)
	ctx, cancel := context.WithCancelCause(context.Background())
	at := make(chan struct{})
	go follow(signals, tell, cancel, at)
	return ctx, at, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

// follow acts on signals until there are no more.
func follow(signals <-chan os.Signal, tell event.Sink, cancel context.CancelCauseFunc, at chan<- struct{}) {
	count := 0
	for range signals {
		switch count++; count {
		case 1:
			tell(event.Note{Text: "stopping: programs are asked to end, and a system that is being tried is taken back", Hint: "once more, and programs are ended at once"})
			cancel(Err)
		case 2:
			tell(event.Note{Text: "stopping at once: a system that is being tried is still taken back, as a machine between two systems is worse"})
			close(at)
		}
	}
}
