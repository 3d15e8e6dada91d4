package wiring

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/streams"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// confirm asks whether to try the system that was shown.
func (a *App) confirm(ctx context.Context, _ event.Difference) (bool, error) {
	return a.Ask(ctx, "Try this system now, and keep it if its checks pass?")
}

// Ask asks on a terminal whether to go on. Without one, or for JSON, only --yes does.
func (a *App) Ask(ctx context.Context, question string) (bool, error) {
	if a.Global.Yes {
		return true, nil
	}
	if _, interactive := streams.Terminal(a.Stdin); a.Global.JSON || !interactive {
		return false, exit.WithHint(fmt.Errorf("no terminal to ask on: %w", deploy.ErrDeclined), "--yes goes on without asking")
	}
	if a.view != nil {
		a.view.Pause()
		defer a.view.Resume()
	}
	fmt.Fprintf(a.Stderr, "%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() {
		// An end of input is an empty answer, which is no.
		answer, _ := bufio.NewReader(a.Stdin).ReadString('\n')
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case answer := <-answers:
		return answer == "y" || answer == "yes", nil
	}
}
