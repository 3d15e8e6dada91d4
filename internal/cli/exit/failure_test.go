package exit

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/explain"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/plan"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// A usage error shows its own hint only where there is no other.
func TestFailureOf(t *testing.T) {
	t.Parallel()
	plain := errors.New("which host?")
	for name, c := range map[string]struct {
		err  error
		hint string
		code Code
	}{
		"plain":           {plain, "", Error},
		"hinted":          {hintedError{plain, "name one with --host"}, "name one with --host", Error},
		"hinted, wrapped": {fmt.Errorf("%w", hintedError{plain, "name one"}), "name one", Error},
		"usage":           {&UsageError{plain}, "nqd --help", Usage},
		"hinted usage":    {&UsageError{hintedError{plain, "name one with --host"}}, "name one with --host", Usage},
		"flake reference": {&workspace.InputError{}, (&workspace.InputError{}).Hint(), Usage},
	} {
		want := event.Failure{Error: c.err.Error(), Hint: c.hint, ExitCode: int(c.code)}
		if got := FailureOf(t.Context(), c.err, "error: No space left on device", "/log"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

// What nix or an activation said is explained where it is known, and its log is named.
func TestFailureOfPrograms(t *testing.T) {
	t.Parallel()
	const (
		full = "nix: writing to file: No space left on device"
		log  = "/var/lib/nqd/log"
		drv  = "/nix/store/56g8ggj8bch1r1n6kzmc8dw4yr2ixvmc-ollama.drv"
		old  = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old"
	)
	known, found := explain.Recognise(full)
	if !found {
		t.Fatalf("%q is not known any more", full)
	}
	said := func(message string) *nixcli.Error {
		return &nixcli.Error{Doing: "building orion", Message: message, Code: 1}
	}
	failed := said("builder failed")
	failed.Derivation = drv
	reverted := func(cause error) error { return &deploy.Reverted{ID: 3, Old: old, Cause: cause} }
	mistake := hintedError{said("writing to file: No space left on device"), "look at local.nix"}
	for name, c := range map[string]struct {
		err   error
		heard string
		want  event.Failure
	}{
		"known":              {said("writing to file: No space left on device"), "", event.Failure{ExitCode: 1, Explanation: &known, Hint: untouched, Log: log}},
		"known by the rest":  {said("x"), "error: writing to file: No space left on device", event.Failure{ExitCode: 1, Explanation: &known, Hint: untouched, Log: log}},
		"unknown":            {said("x"), "y", event.Failure{ExitCode: 1, Hint: untouched, Log: log}},
		"of the user's file": {mistake, "", event.Failure{ExitCode: 1, Hint: "look at local.nix"}},
		"a build": {
			&plan.BuildError{Cause: failed, For: []string{"ollama"}}, "", event.Failure{ExitCode: 1, Features: []string{"ollama"}, Hint: untouched, Log: failed.Log()},
		},
		"a build for the system": {&plan.BuildError{Cause: failed}, "", event.Failure{ExitCode: 1, Hint: untouched, Log: failed.Log()}},
		"reverted, known": {
			reverted(errors.New("activating: No space left on device")), "cp: error writing '/boot/x': No space left on device",
			event.Failure{ExitCode: 4, Hint: reverted(nil).(*deploy.Reverted).Hint()},
		},
		"reverted, unknown": {reverted(errors.New("ollama.service: failed")), "", event.Failure{ExitCode: 4, Hint: reverted(nil).(*deploy.Reverted).Hint()}},
		"broken": {
			&deploy.Broken{ID: 3, Old: old, Cause: errors.New("x")}, "", event.Failure{ExitCode: 6, Hint: (&deploy.Broken{ID: 3, Old: old}).Hint()},
		},
		"not of a program": {errors.New("writing to file: No space left on device"), "", event.Failure{ExitCode: 1}},
	} {
		c.want.Error = c.err.Error()
		got := FailureOf(t.Context(), c.err, c.heard, log)
		if name == "reverted, known" { // whichever it is, it is one of activation
			if got.Explanation == nil {
				t.Errorf("%s: no explanation", name)
			}
			got.Explanation = nil
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// Who pressed Ctrl-C knows why it ended, and wants to know how things stand.
func TestFailureOfInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	nix := &nixcli.Error{Message: "interrupted by the user", Derivation: "/nix/store/56g8ggj8bch1r1n6kzmc8dw4yr2ixvmc-ollama.drv"}
	unchanged := "the machine was not changed; what was downloaded and built is kept, and nqd goes on from there"
	reverted := &deploy.Reverted{ID: 3, Old: "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old", Cause: context.Canceled}
	for name, c := range map[string]struct {
		err  error
		hint string
	}{
		"a build":      {&plan.BuildError{Cause: nix, For: []string{"ollama"}}, unchanged},
		"anything":     {context.Canceled, unchanged},
		"a deployment": {reverted, reverted.Hint()},
	} {
		want := event.Failure{Error: c.err.Error(), Hint: c.hint, ExitCode: 130}
		if got := FailureOf(ctx, c.err, "error: No space left on device", "/log"); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}
