package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/faults/oracle"
	"github.com/masterofnull/nixos-quick-deploy/testing/faults/trace"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// trial is one fault that is tried, on a machine of its own.
type trial struct {
	*lab
	*rand.Rand
	dir  string // of this trial
	root string // of its machine
	// view is what of a state is compared; nil for all.
	view func(oracle.State) oracle.State
}

// stage is how far a deployment was when it was cut off.
type stage int

const (
	notBegun stage = iota // nothing of its journal is on the disk
	underWay
	ended // its journal says how it ended
)

// watched is a command of nqd on a machine, with all calls of an uninterrupted run.
type watched struct {
	from     string // the machine
	args     []string
	calls    []trace.Call
	decisive int // the number of the record that says how it ended
	// old and new are the states that the command may end in.
	old, new oracle.State
}

// journalFile matches the journal of a deployment.
var journalFile = regexp.MustCompile(`^home/ada/\.local/state/nqd/deployments/([0-9]+)/journal$`)

// unimportant are files whose loss harms nobody, and Nix's database, which nqd only reads.
var unimportant = regexp.MustCompile(`^(home/ada/\.cache/nqd/log|home/ada/\.local/state/nqd/log|nix/var/nix/db)(/|$)`)

// watch runs the command once without a fault of ours; it ends with the exit code.
func (l *lab) watch(ctx context.Context, name, from string, old, new oracle.State, code int, args ...string) (watched, error) {
	w := watched{from: from, args: args, old: old, new: new}
	root := filepath.Join(l.dir, "watched-"+name)
	if err := sandbox.Clone(from, root); err != nil {
		return w, err
	}
	result, said, err := l.trace(ctx, root, nil, nil, args...)
	if err != nil {
		return w, err
	}
	if result.ExitCode != code {
		return w, fmt.Errorf("nqd %s: exit code %d, want %d; it said\n%s", args[0], result.ExitCode, code, said)
	}
	for _, call := range result.Calls {
		if !unimportant.MatchString(call.Path) {
			w.calls = append(w.calls, call)
		}
	}
	if w.decisive, err = decisive(root, w.calls); err != nil {
		return w, err
	}
	return w, errors.Join(quiet(ctx, root), os.RemoveAll(root))
}

// decisive is the number of the first record with a result, in the journal that the calls wrote.
func decisive(root string, calls []trace.Call) (int, error) {
	i := slices.IndexFunc(calls, func(c trace.Call) bool { return c.Name == "write" && journalFile.MatchString(c.Path) })
	if i < 0 {
		return 0, errors.New("no journal was written")
	}
	text, err := os.ReadFile(filepath.Join(root, calls[i].Path))
	if err != nil {
		return 0, err
	}
	for n, line := range strings.Split(string(text), "\n") {
		if strings.Contains(line, `"result":`) {
			return n + 1, nil
		}
	}
	return 0, errors.New("the journal of an uninterrupted run has no result")
}

// stageAt is how far the deployment is at a point.
func (w watched) stageAt(point trace.Point) stage {
	records := 0
	for _, call := range w.calls {
		if call == point.Call && point.Side == trace.Before {
			break
		}
		if call.Name == "write" && journalFile.MatchString(call.Path) {
			records++
		}
		if call == point.Call {
			break
		}
	}
	switch {
	case records == 0:
		return notBegun
	case records < w.decisive:
		return underWay
	}
	return ended
}

// trace runs nqd under the tracer, and returns what it said besides.
func (l *lab) trace(ctx context.Context, root string, point *trace.Point, act func() bool, args ...string) (trace.Result, string, error) {
	said, err := os.CreateTemp(filepath.Dir(root), "said-")
	if err != nil {
		return trace.Result{}, "", err
	}
	defer os.Remove(said.Name())
	defer said.Close()
	result, err := trace.Run(ctx, trace.Program{
		Argv: l.arguments(root, args...), Env: l.environment(root), Dir: "/", Said: said, Below: root, Processor: l.processor,
	}, point, act)
	if err != nil {
		return result, "", err
	}
	text, err := os.ReadFile(said.Name())
	return result, string(text), err
}

// errMissed is a point that the program did not come by: its threads take turns as they like.
var errMissed = errors.New("the point was not reached")

// kill runs the command on the trial's machine, kills it at the point, and waits for what it started.
func (t *trial) kill(ctx context.Context, point trace.Point, args ...string) error {
	result, said, err := t.trace(ctx, t.root, &point, trace.Kill, args...)
	if err != nil {
		return err
	}
	if !result.Met {
		return fmt.Errorf("%w; exit code %d\n%s", errMissed, result.ExitCode, said)
	}
	return quiet(ctx, t.root)
}

// settle ends what is under way, and judges the machine.
func (t *trial) settle(ctx context.Context, w watched, at stage, verb string) error {
	now, err := t.status(ctx, t.root)
	if err != nil {
		return err
	}
	if got := now.Unfinished != nil; got != (at == underWay) {
		return fmt.Errorf("status says that something is under way: %t, want %t", got, at == underWay)
	}
	want, before := w.new, &w.old
	switch {
	case at == notBegun:
		if err := t.is(w.old, nil); err != nil {
			return err
		}
		_, err = t.must(ctx, t.root, 0, w.args...)
	case at == underWay && verb == "abort":
		want, before = w.old, nil
		_, err = t.must(ctx, t.root, 0, "abort", "--yes")
	default:
		_, err = t.must(ctx, t.root, 0, "resume", "--yes")
	}
	if err != nil {
		return err
	}
	return t.ended(ctx, want, before)
}

// ended checks that nothing is under way any more and that the machine is in a state.
func (t *trial) ended(ctx context.Context, want oracle.State, before *oracle.State) error {
	if err := quiet(ctx, t.root); err != nil {
		return err
	}
	now, err := t.status(ctx, t.root)
	if err != nil {
		return err
	}
	if now.Unfinished != nil {
		return fmt.Errorf("status still says that deployment %d is under way (%s)", now.Unfinished.ID, now.Unfinished.Result)
	}
	if err := t.is(want, before); err != nil {
		return err
	}
	return oracle.VerifyStore(t.root, t.nixBin, want.Running, want.Profile, want.Boots)
}

// is compares the machine with a state.
func (t *trial) is(want oracle.State, before *oracle.State) error {
	got, err := oracle.Look(t.root)
	if err != nil {
		return err
	}
	if t.view != nil {
		want, got = t.view(want), t.view(got)
	}
	if lines := oracle.Compare(want, got, before); len(lines) > 0 {
		return fmt.Errorf("the machine is not in the state it should be in:\n  %s", strings.Join(lines, "\n  "))
	}
	return nil
}
