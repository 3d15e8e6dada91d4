package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/testing/faults/oracle"
	"github.com/masterofnull/nixos-quick-deploy/testing/faults/trace"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// vanishedState removes nqd's records: before a deployment, in its midst, and after a kill.
func vanishedState(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	all := []fault{{"before", func(ctx context.Context, t *trial) error {
		if err := errors.Join(sandbox.Clone(w.from, t.root), t.vanish()); err != nil {
			return err
		}
		_, err := t.must(ctx, t.root, 0, w.args...)
		return errors.Join(err, t.ended(ctx, w.new, &w.old))
	}}}
	for _, point := range w.every(3, underWay) {
		all = append(all, fault{"after a kill " + point.String(), func(ctx context.Context, t *trial) error {
			if err := errors.Join(t.cut(ctx, w, point), t.vanish()); err != nil {
				return err
			}
			_, err := t.must(ctx, t.root, 0, w.args...)
			return errors.Join(err, t.ended(ctx, w.new, &w.old))
		}}, fault{"at " + point.String(), func(ctx context.Context, t *trial) error {
			return t.vanishAt(ctx, w, point)
		}})
	}
	return all, nil
}

func (t *trial) vanish() error {
	t.view = oracle.State.Forgotten
	return os.RemoveAll(filepath.Join(t.root, ownFolder))
}

// vanishAt removes the records while nqd works. Where it says that it could not take something back, as its backups
// went with them, that is so; apply works all the same.
func (t *trial) vanishAt(ctx context.Context, w watched, point trace.Point) error {
	if err := sandbox.Clone(w.from, t.root); err != nil {
		return err
	}
	var failed error
	a, err := t.traced(ctx, &point, func() bool { failed = t.vanish(); return false }, w.args...)
	if err := errors.Join(err, failed, a.sane("apply"), quiet(ctx, t.root)); err != nil {
		return err
	}
	if a.code != exitBroken {
		return t.afterTrouble(ctx, a, w)
	}
	if _, err := t.status(ctx, t.root); err != nil {
		return err
	}
	_, err = t.must(ctx, t.root, 0, w.args...)
	return errors.Join(err, t.ended(ctx, w.new, &w.old))
}

// twoAtOnce starts a second nqd while the first one stands still at a point, and two at the same moment.
func twoAtOnce(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	var all []fault
	for _, point := range slices.Concat(w.every(1, notBegun), w.every(4, underWay), w.every(1, ended)) {
		all = append(all, fault{"at " + point.String(), func(ctx context.Context, t *trial) error {
			return t.intrude(ctx, w, point)
		}})
	}
	for i := range 20 {
		all = append(all, fault{fmt.Sprintf("at the same moment, %d", i+1), func(ctx context.Context, t *trial) error {
			return t.race(ctx, w)
		}})
	}
	return all, nil
}

// The exit codes of nqd that matter here.
const (
	exitDone     = 0
	exitReverted = 4
	exitBusy     = 5
	exitBroken   = 6
)

// intrude runs a second apply, and asks for the status, at a point of the first.
func (t *trial) intrude(ctx context.Context, w watched, point trace.Point) error {
	if err := sandbox.Clone(w.from, t.root); err != nil {
		return err
	}
	var other answer
	var failed error
	first, err := t.traced(ctx, &point, func() bool {
		_, failed = t.status(ctx, t.root)
		var err error
		other, err = t.run(ctx, t.root, w.args...)
		failed = errors.Join(failed, err)
		return false
	}, w.args...)
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	return t.both(ctx, w, first, other)
}

// race starts two at the same moment.
func (t *trial) race(ctx context.Context, w watched) error {
	if err := sandbox.Clone(w.from, t.root); err != nil {
		return err
	}
	var answers [2]answer
	var failed [2]error
	var both sync.WaitGroup
	for i := range answers {
		both.Go(func() { answers[i], failed[i] = t.run(ctx, t.root, w.args...) })
	}
	both.Wait()
	if err := errors.Join(failed[:]...); err != nil {
		return err
	}
	return t.both(ctx, w, answers[0], answers[1])
}

// both judges two runs: one did the work, and the other one says that it was busy, or that nothing was left to do.
func (t *trial) both(ctx context.Context, w watched, a, b answer) error {
	codes := []int{a.code, b.code}
	slices.Sort(codes)
	if codes[0] != exitDone || codes[1] != exitDone && codes[1] != exitBusy {
		return fmt.Errorf("exit codes %v; they said\n%s\n%s", codes, a.said, b.said)
	}
	return t.ended(ctx, w.new, &w.old)
}

// lostHome takes HOME away: from an apply, and from a status and an apply after a kill.
func lostHome(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	homes := map[string]func([]string) []string{
		"not set":  func(env []string) []string { return without(env, "HOME") },
		"empty":    func(env []string) []string { return append(without(env, "HOME"), "HOME=") },
		"relative": func(env []string) []string { return append(without(env, "HOME"), "HOME=ada") },
		"missing":  func(env []string) []string { return append(without(env, "HOME"), "HOME=/home/gone") },
		"a file":   func(env []string) []string { return append(without(env, "HOME"), "HOME=/etc/os-release") },
	}
	var all []fault
	points := w.every(1, underWay)
	for _, name := range []string{"not set", "empty", "relative", "missing", "a file"} {
		all = append(all, fault{name + ", before", func(ctx context.Context, t *trial) error {
			if err := sandbox.Clone(w.from, t.root); err != nil {
				return err
			}
			return t.homeless(ctx, w, homes[name], w.old, notBegun)
		}}, fault{name + ", after a kill", func(ctx context.Context, t *trial) error {
			if err := t.cut(ctx, w, points[t.IntN(len(points))]); err != nil {
				return err
			}
			now, err := oracle.Look(t.root)
			if err != nil {
				return err
			}
			return t.homeless(ctx, w, homes[name], now, underWay)
		}})
	}
	all = append(all, fault{"not writable", func(ctx context.Context, t *trial) error {
		if err := sandbox.Clone(w.from, t.root); err != nil {
			return err
		}
		return t.with(ctx, "home/ada", func(d *disk) error {
			if err := d.freeze(); err != nil {
				return err
			}
			a, err := t.run(ctx, t.root, w.args...)
			if err := errors.Join(err, a.sane("apply"), d.relieve()); err != nil {
				return err
			}
			return t.afterTrouble(ctx, a, w)
		})
	}})
	return all, nil
}

// homeless runs nqd with another environment, which changes nothing of the machine, and then with the right one.
func (t *trial) homeless(ctx context.Context, w watched, lost func([]string) []string, want oracle.State, at stage) error {
	for _, args := range [][]string{{"status", "--json"}, {"resume", "--yes"}, {"abort", "--yes"}, {"apply", "--yes"}} {
		argv := t.arguments(t.root, args...)
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Env, cmd.Dir = lost(t.environment(t.root)), t.dir
		said, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return err
		}
		a := answer{string(said), cmd.ProcessState.ExitCode()}
		if a.code == 2 { // a wrong HOME may be told as wrong usage
			a.code = 1
		}
		if args[0] != "status" {
			if err := a.sane(args[0]); err != nil {
				return err
			}
		}
	}
	// Whichever home it took, it may have records there.
	for _, home := range []string{"root/.local", "home/gone"} {
		if err := os.RemoveAll(filepath.Join(t.root, home)); err != nil {
			return err
		}
	}
	if err := t.is(want, nil); err != nil {
		return fmt.Errorf("nqd without its HOME changed the machine: %w", err)
	}
	return t.settle(ctx, w, at, t.verb())
}

func without(env []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(one string) bool { return strings.HasPrefix(one, name+"=") })
}
