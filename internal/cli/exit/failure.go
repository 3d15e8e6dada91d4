package exit

import (
	"cmp"
	"context"
	"errors"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/explain"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
)

// FailureOf is the last event of a run that ended with err. Heard is what the program said that spoke last, and log is
// where all is that nix said, or empty.
func FailureOf(ctx context.Context, err error, heard, log string) event.Failure {
	failure := event.Failure{Error: err.Error(), ExitCode: int(codeOf(ctx, err))}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		failure.Hint = hinted.Hint()
	}
	if failure.ExitCode == int(Interrupted) {
		failure.Hint = cmp.Or(failure.Hint, untouched)
		return failure
	}
	var about interface{ Features() []string }
	if errors.As(err, &about) {
		failure.Features = about.Features()
	}
	if !ofPrograms(err, failure.Hint) {
		return failure
	}
	known, found := explain.Recognise(heard + "\n" + failure.Error)
	if known.ID == assertion {
		return failure
	}
	if found {
		failure.Explanation = &known
	}
	var said *nixcli.Error
	if errors.As(err, &said) {
		failure.Log = cmp.Or(said.Log(), log) // that of a builder, where it was one
		failure.Hint = cmp.Or(failure.Hint, untouched)
	}
	return failure
}

// untouched is the state that everything before the try leaves.
const untouched = "the machine was not changed; what was downloaded and built is kept, and nqd goes on from there"

// assertion is the failure whose own message says what is wrong and what to do, better than words for all of them could.
const assertion = "assertion-failed"

// ofPrograms reports whether err is what nix or an activation said, and nobody put it into words of the workspace. A
// deployment that was taken back has a hint about the state that this leaves, which cures nothing.
func ofPrograms(err error, hint string) bool {
	var (
		nix      *nixcli.Error
		reverted *deploy.Reverted
		broken   *deploy.Broken
	)
	return errors.As(err, &nix) && hint == "" || errors.As(err, &reverted) || errors.As(err, &broken)
}
