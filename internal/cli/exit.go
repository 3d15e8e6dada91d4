package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// exitCode is what the process ends with. Codes never change their meaning.
type exitCode int

const (
	exitDone        exitCode = 0
	exitError       exitCode = 1
	exitUsage       exitCode = 2
	exitDeclined    exitCode = 3
	exitReverted    exitCode = 4
	exitBusy        exitCode = 5
	exitBroken      exitCode = 6
	exitNotBoot     exitCode = 7
	exitReboot      exitCode = 8
	exitInterrupted exitCode = 130
)

// meaning is the sentence for the help of each command that can end so.
var meaning = map[exitCode]string{
	exitDone:        "done, or nothing had to be done",
	exitError:       "something went wrong; the message says what, and the machine runs what ran before unless it says otherwise",
	exitUsage:       "wrong usage, or an invalid host file or feature.toml",
	exitDeclined:    "not confirmed, or a risk not accepted; the machine was not changed",
	exitReverted:    "the new system did not pass; the machine is back on the old one",
	exitBusy:        "another nqd or nixos-rebuild is at work; the machine was not changed",
	exitBroken:      "the new system did not pass and could not be taken back completely",
	exitNotBoot:     "the new system passed but could not be made the boot default; the machine is back on the old one",
	exitReboot:      "the new system needs a reboot; the machine was not changed",
	exitInterrupted: "interrupted; what was tried was taken back",
}

// exitHelp is the part of a command's help that lists its exit codes.
func exitHelp(codes ...exitCode) string {
	var text strings.Builder
	text.WriteString("\n\nExit codes:\n")
	for _, code := range codes {
		fmt.Fprintf(&text, "  %3d  %s\n", code, meaning[code])
	}
	return strings.TrimRight(text.String(), "\n")
}

// usageError is a command line that cannot be understood.
type usageError struct{ cause error }

func (e *usageError) Error() string { return e.cause.Error() }
func (e *usageError) Unwrap() error { return e.cause }

// Hint is that of the cause, or else where to read about the usage.
func (e *usageError) Hint() string {
	var hinted interface{ Hint() string }
	if errors.As(e.cause, &hinted) {
		return hinted.Hint()
	}
	return "nqd --help"
}

// usage makes what check says about the arguments a usageError.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &usageError{err}
		}
		return nil
	}
}

// codeOf decides the exit code of an error: the one place that does.
func codeOf(ctx context.Context, err error) exitCode {
	var (
		wrongUsage *usageError
		fileErrors document.Errors
		fileError  *document.Error
		input      *workspace.InputError
		busy       *engine.Busy
		broken     *deploy.Broken
		risk       *deploy.RiskError
		commit     *guard.CommitError
		reverted   *deploy.Reverted
	)
	switch {
	case errors.As(err, &wrongUsage), errors.As(err, &fileErrors), errors.As(err, &fileError), errors.As(err, &input):
		return exitUsage
	case errors.Is(err, deploy.ErrDeclined), errors.As(err, &risk):
		return exitDeclined
	case errors.As(err, &broken):
		return exitBroken
	case errors.Is(err, guard.ErrRebootNeeded):
		return exitReboot
	case errors.As(err, &busy), errors.Is(err, guard.ErrSwitching):
		return exitBusy
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &commit):
		return exitNotBoot
	case errors.As(err, &reverted):
		return exitReverted
	default:
		return exitError
	}
}
