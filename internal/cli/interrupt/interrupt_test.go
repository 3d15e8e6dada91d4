package interrupt

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// The first signal ends the context, the second one the patience, and more change nothing; each is told of.
func TestFollow(t *testing.T) {
	t.Parallel()
	signals, hurry := make(chan os.Signal), make(chan struct{})
	ctx, cancel := context.WithCancelCause(t.Context())
	var told []string
	done := make(chan struct{})
	go func() {
		defer close(done)
		follow(signals, func(e event.Event) { told = append(told, e.(event.Note).Text) }, cancel, hurry)
	}()
	if ctx.Err() != nil {
		t.Error("ended before any signal")
	}
	signals <- os.Interrupt
	<-ctx.Done()
	if !errors.Is(context.Cause(ctx), Err) {
		t.Errorf("cause: %v", context.Cause(ctx))
	}
	select {
	case <-hurry:
		t.Error("in a hurry after one signal")
	default:
	}
	signals <- os.Interrupt
	signals <- os.Interrupt
	close(signals)
	<-done
	select {
	case <-hurry:
	default:
		t.Error("in no hurry after two signals")
	}
	if len(told) != 2 || !strings.HasPrefix(told[0], "stopping: ") || !strings.HasPrefix(told[1], "stopping at once: ") {
		t.Errorf("told %q", told)
	}
}
