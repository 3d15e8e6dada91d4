package wiring

import (
	"context"
	"errors"
	"os"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/streams"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard"
)

// CanAsk reports whether there is a terminal to ask on, and nobody forbade it.
func (a *App) CanAsk() bool {
	_, in := streams.Terminal(a.Stdin)
	_, out := streams.Terminal(a.Stderr)
	return in && out && !a.Global.JSON && !a.Global.Yes
}

// Form asks on the terminal, while nothing else is drawn there.
func (a *App) Form(ctx context.Context, form wizard.Form) (map[string]string, error) {
	a.Sink()
	if a.view != nil {
		a.view.Pause()
		defer a.view.Resume()
	}
	out, _ := streams.Terminal(a.Stderr)
	answers, err := wizard.Ask(ctx, form, wizard.Terminal{
		In: a.Stdin, Out: out, Environ: os.Environ(), Columns: func() int { return streams.Columns(a.Stderr) },
	})
	switch {
	case errors.Is(err, wizard.ErrDeclined):
		return nil, exit.WithHint(deploy.ErrDeclined, "nothing was written")
	case ctx.Err() == nil && errors.Is(err, context.Canceled):
		return nil, exit.ErrStopped
	}
	return answers, err
}
