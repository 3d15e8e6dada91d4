package exit

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"strconv"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
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
		code Code
		// interrupted is the code where the user pressed Ctrl-C.
		interrupted Code
	}{
		{"any", failed, Error, Interrupted},
		{"nix", &nixcli.Error{Message: "x"}, Error, Interrupted},
		{"no deployment", &deployment.NoneError{ID: 1}, Error, Interrupted},
		{"edited", &workspace.EditedError{Path: "x"}, Error, Interrupted},
		{"usage", &UsageError{failed}, Usage, Usage},
		{"host file", &document.Error{}, Usage, Usage},
		{"host files", document.Errors{&document.Error{}}, Usage, Usage},
		{"flake reference", &workspace.InputError{Reference: "x"}, Usage, Usage},
		{"declined", deploy.ErrDeclined, Declined, Declined},
		{"risk", &risk.Error{Risk: risk.ReplaceConfiguration}, Declined, Declined},
		{"reverted", reverted(failed), Reverted, Interrupted},
		{"busy", &engine.Busy{PID: "1"}, Busy, Busy},
		{"lock held", fmt.Errorf("deployment 1: %w", guard.ErrSwitching), Busy, Busy},
		{"no root", fmt.Errorf("deployment 1: %w", guard.ErrNothingDone), Error, Interrupted},
		{"broken", broken(failed), Broken, Broken},
		{"broken, undoing", broken(undone), Broken, Broken},
		{"broken, nothing done", broken(reboot), Broken, Broken},
		{"commit", commit, NotBoot, Interrupted},
		{"commit, reverted", reverted(commit), NotBoot, Interrupted},
		{"reboot", reboot, Reboot, Reboot},
		{"reboot, reverted", reverted(reboot), Reboot, Reboot},
		{"interrupted", context.Canceled, Error, Interrupted},
		{"stopped in a form", ErrStopped, Interrupted, Interrupted},
		{"interrupted, reverted", reverted(context.Canceled), Reverted, Interrupted},
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	decided := map[Code]bool{Done: true} // is no error's
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
		if kind, named := typeOf(spec, is); !named || kind != "Code" {
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
		"Done": 0, "Error": 1, "Usage": 2, "Declined": 3, "Reverted": 4, "Busy": 5, "Broken": 6,
		"NotBoot": 7, "Reboot": 8, "Interrupted": 130,
	}
	if !maps.Equal(declared, want) {
		t.Errorf("codes %v, want %v; a new code goes into this list", declared, want)
	}
	said := make(map[string]Code)
	for name, number := range declared {
		sentence := meaning[Code(number)]
		if sentence == "" {
			t.Errorf("%s has no meaning", name)
		}
		if other, taken := said[sentence]; taken {
			t.Errorf("%d and %d mean the same", other, number)
		}
		said[sentence] = Code(number)
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

func TestHelp(t *testing.T) {
	t.Parallel()
	want := "\n\nExit codes:\n    0  " + meaning[Done] + "\n  130  " + meaning[Interrupted]
	if got := Help(Done, Interrupted); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
