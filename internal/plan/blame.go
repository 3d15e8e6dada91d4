package plan

import (
	"context"
	"errors"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
)

// BuildError is a build that failed, and the features that it was for; none where the system itself needs it.
type BuildError struct {
	Cause error
	For   []string
}

func (e *BuildError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *BuildError) Unwrap() error { return e.Cause }

// Features are those that cannot be had without what failed.
func (e *BuildError) Features() []string { return e.For }

// Blame adds to the error of a build which features the failed derivation is for. Other errors stay as they are.
func (p *Planner) Blame(ctx context.Context, err error, e evaluation.Answer) error {
	var failed *nixcli.Error
	if !errors.As(err, &failed) || failed.Derivation == "" {
		return err
	}
	// What cannot be read names nobody.
	features, _ := p.featuresOf(ctx, []machine.StorePath{failed.Derivation}, e.Detail.Roots)
	return &BuildError{Cause: err, For: features[failed.Derivation]}
}
