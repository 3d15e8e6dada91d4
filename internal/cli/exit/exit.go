// Package exit is how a run of nqd ends: the exit codes, and the last event of a run that did not do what was asked.
package exit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Code is what the process ends with. Codes never change their meaning.
type Code int

// The exit codes; see meaning.
const (
	Done        Code = 0
	Error       Code = 1
	Usage       Code = 2
	Declined    Code = 3
	Reverted    Code = 4
	Busy        Code = 5
	Broken      Code = 6
	NotBoot     Code = 7
	Reboot      Code = 8
	Interrupted Code = 130
)

// meaning is the sentence for the help of each command that can end so.
var meaning = map[Code]string{
	Done:        "done, or nothing had to be done",
	Error:       "something went wrong; the message says what, and the machine runs what ran before unless it says otherwise",
	Usage:       "wrong usage, or an invalid host file or feature.toml",
	Declined:    "not confirmed, or a risk not accepted; the machine was not changed",
	Reverted:    "the new system did not pass; the machine is back on the old one",
	Busy:        "another nqd or nixos-rebuild is at work; the machine was not changed",
	Broken:      "the new system did not pass and could not be taken back completely",
	NotBoot:     "the new system passed but could not be made the boot default; the machine is back on the old one",
	Reboot:      "the new system needs a reboot; the machine was not changed",
	Interrupted: "interrupted; what was tried was taken back",
}

// Meaning is the sentence that says what the code means.
func (c Code) Meaning() string { return meaning[c] }

// OfDeployment are the codes of every command that deploys.
func OfDeployment() []Code {
	return []Code{Done, Error, Usage, Declined, Reverted, Busy, Broken, NotBoot, Reboot, Interrupted}
}

// Help is the part of a command's help that lists its exit codes.
func Help(codes ...Code) string {
	var text strings.Builder
	text.WriteString("\n\nExit codes:\n")
	for _, code := range codes {
		fmt.Fprintf(&text, "  %3d  %s\n", code, meaning[code])
	}
	return strings.TrimRight(text.String(), "\n")
}

// codeOf decides the exit code of an error: the one place that does.
func codeOf(ctx context.Context, err error) Code {
	var (
		wrongUsage *UsageError
		fileErrors document.Errors
		fileError  *document.Error
		input      *workspace.InputError
		busy       *engine.Busy
		broken     *deploy.Broken
		risk       *risk.Error
		commit     *guard.CommitError
		reverted   *deploy.Reverted
		overwrite  *backup.OverwriteError
	)
	switch {
	case errors.As(err, &wrongUsage), errors.As(err, &fileErrors), errors.As(err, &fileError), errors.As(err, &input):
		return Usage
	case errors.Is(err, deploy.ErrDeclined), errors.As(err, &risk), errors.As(err, &overwrite):
		return Declined
	case errors.As(err, &broken):
		return Broken
	case errors.Is(err, guard.ErrRebootNeeded):
		return Reboot
	case errors.As(err, &busy), errors.Is(err, guard.ErrSwitching):
		return Busy
	case ctx.Err() != nil, errors.Is(err, ErrStopped):
		return Interrupted
	case errors.As(err, &commit):
		return NotBoot
	case errors.As(err, &reverted):
		return Reverted
	default:
		return Error
	}
}
