package cli

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// wrappings are the ways in which an error reaches the top.
var wrappings = map[string]func(error) error{
	"bare":    func(err error) error { return err },
	"wrapped": func(err error) error { return fmt.Errorf("deploying: %w", fmt.Errorf("trying: %w", err)) },
	"joined":  func(err error) error { return errors.Join(errors.New("the journal is full"), err) },
	"hinted":  func(err error) error { return hintedError{err, "do this"} },
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	failed := errors.New("ollama.service does not run")
	commit := &guard.CommitError{Cause: failed}
	reboot := fmt.Errorf("%w: %w", guard.ErrRebootNeeded, guard.ErrNothingDone)
	undone := &engine.UndoError{Cause: commit, Undo: []error{failed}}
	reverted := func(cause error) error { return &deploy.Reverted{ID: 1, Cause: cause} }
	broken := func(cause error) error { return &deploy.Broken{ID: 1, Cause: cause} }
	cases := []struct {
		name string
		err  error
		code exitCode
		// interrupted is the code where the user pressed Ctrl-C.
		interrupted exitCode
	}{
		{"any", failed, exitError, exitInterrupted},
		{"nix", &nixcli.Error{Message: "x"}, exitError, exitInterrupted},
		{"no deployment", &deploy.NoDeploymentError{ID: 1}, exitError, exitInterrupted},
		{"edited", &workspace.EditedError{Path: "x"}, exitError, exitInterrupted},
		{"usage", &usageError{failed}, exitUsage, exitUsage},
		{"host file", &document.Error{}, exitUsage, exitUsage},
		{"host files", document.Errors{&document.Error{}}, exitUsage, exitUsage},
		{"flake reference", &workspace.InputError{Reference: "x"}, exitUsage, exitUsage},
		{"declined", deploy.ErrDeclined, exitDeclined, exitDeclined},
		{"risk", &deploy.RiskError{Risk: deploy.ReplaceConfiguration}, exitDeclined, exitDeclined},
		{"reverted", reverted(failed), exitReverted, exitInterrupted},
		{"busy", &engine.Busy{PID: "1"}, exitBusy, exitBusy},
		{"lock held", fmt.Errorf("deployment 1: %w", guard.ErrSwitching), exitBusy, exitBusy},
		{"no root", fmt.Errorf("deployment 1: %w", guard.ErrNothingDone), exitError, exitInterrupted},
		{"broken", broken(failed), exitBroken, exitBroken},
		{"broken, undoing", broken(undone), exitBroken, exitBroken},
		{"broken, nothing done", broken(reboot), exitBroken, exitBroken},
		{"commit", commit, exitNotBoot, exitInterrupted},
		{"commit, reverted", reverted(commit), exitNotBoot, exitInterrupted},
		{"reboot", reboot, exitReboot, exitReboot},
		{"reboot, reverted", reverted(reboot), exitReboot, exitReboot},
		{"interrupted", context.Canceled, exitError, exitInterrupted},
		{"interrupted, reverted", reverted(context.Canceled), exitReverted, exitInterrupted},
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	decided := map[exitCode]bool{exitDone: true} // is no error's
	for _, c := range cases {
		for how, wrap := range wrappings {
			if got := codeOf(t.Context(), wrap(c.err)); got != c.code {
				t.Errorf("%s, %s: exit code %d, want %d", c.name, how, got, c.code)
			}
			if got := codeOf(cancelled, wrap(c.err)); got != c.interrupted {
				t.Errorf("%s, %s, interrupted: exit code %d, want %d", c.name, how, got, c.interrupted)
			}
		}
		decided[c.code], decided[c.interrupted] = true, true
	}
	for code := range meaning {
		if !decided[code] {
			t.Errorf("exit code %d: no error leads to it", code)
		}
	}
}

// Numbers are for scripts, sentences for people: both have all codes, and neither changes.
func TestEveryCodeHasAMeaning(t *testing.T) {
	t.Parallel()
	parsed, err := parser.ParseFile(token.NewFileSet(), "exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := make(map[string]int)
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if kind, named := typeOf(spec, is); !named || kind != "exitCode" {
			return true
		}
		for i, name := range spec.Names {
			number, err := strconv.Atoi(spec.Values[i].(*ast.BasicLit).Value)
			if err != nil {
				t.Errorf("%s: %v", name.Name, err)
			}
			declared[name.Name] = number
		}
		return true
	})
	want := map[string]int{
		"exitDone": 0, "exitError": 1, "exitUsage": 2, "exitDeclined": 3, "exitReverted": 4, "exitBusy": 5, "exitBroken": 6,
		"exitNotBoot": 7, "exitReboot": 8, "exitInterrupted": 130,
	}
	if !maps.Equal(declared, want) {
		t.Errorf("codes %v, want %v; a new code goes into this list", declared, want)
	}
	said := make(map[string]exitCode)
	for name, number := range declared {
		sentence := meaning[exitCode(number)]
		if sentence == "" {
			t.Errorf("%s has no meaning", name)
		}
		if other, taken := said[sentence]; taken {
			t.Errorf("%d and %d mean the same", other, number)
		}
		said[sentence] = exitCode(number)
	}
	if len(meaning) != len(declared) {
		t.Errorf("%d meanings for %d codes", len(meaning), len(declared))
	}
}

// typeOf is the name of the type that a constant is declared with.
func typeOf(spec *ast.ValueSpec, is bool) (string, bool) {
	if !is || spec.Type == nil {
		return "", false
	}
	name, named := spec.Type.(*ast.Ident)
	if !named {
		return "", false
	}
	return name.Name, true
}

func TestExitHelp(t *testing.T) {
	t.Parallel()
	want := "\n\nExit codes:\n    0  " + meaning[exitDone] + "\n  130  " + meaning[exitInterrupted]
	if got := exitHelp(exitDone, exitInterrupted); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	check := usage(cobra.NoArgs)
	if err := check(&cobra.Command{}, nil); err != nil {
		t.Errorf("no arguments: %v", err)
	}
	err := check(&cobra.Command{Use: "nqd"}, []string{"x"})
	var wrong *usageError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "x") {
		t.Errorf("an argument: %v", err)
	}
}
