package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/testing/faults/oracle"
	"github.com/masterofnull/nixos-quick-deploy/testing/faults/trace"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// kind is one kind of fault.
type kind struct {
	name string
	// most is how many are tried unless more are asked for, chosen by the seed; 0 for all.
	most int
	// faults lists all that there are; the same ones each time.
	faults func(context.Context, *lab) ([]fault, error)
}

// fault is one thing that goes wrong.
type fault struct {
	name string
	// try makes it happen and judges the machine.
	try func(context.Context, *trial) error
}

func kinds() []kind {
	return []kind{
		{"kill-deployment", 0, killDeployment},
		{"kill-revert", 100, killRevert},
		{"kill-rollback", 200, killRollback},
		{"kill-resume", 100, killResume},
		{"reboot", 80, reboot},
		{"torn-record", 100, tornRecord},
		{"flipped-byte", 80, flippedByte},
		{"older-format", 0, olderFormat},
		{"clock-jump", 60, clockJump},
		{"full-disk", 0, fullDisk},
		{"read-only-state", 40, readOnlyState},
		{"vanished-state", 50, vanishedState},
		{"two-at-once", 80, twoAtOnce},
		{"lost-home", 0, lostHome},
	}
}

// deployment is the command that most kinds break. It is watched once.
func (l *lab) deployment(ctx context.Context) (watched, error) {
	if l.watched != nil {
		return *l.watched, nil
	}
	w, err := l.watch(ctx, "deployment", l.before.root, l.before.state, l.after.state, exitDone, "apply", "--yes")
	if err == nil {
		l.watched = &w
	}
	return w, err
}

func killDeployment(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	return killed(w, "resume", "abort"), nil
}

func killRollback(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.watch(ctx, "rollback", l.after.root, l.after.state, l.back, exitDone, "rollback", "1", "--yes")
	if err != nil {
		return nil, err
	}
	return killed(w, "resume", "abort"), nil
}

// killed are the faults of a command that is killed at each of its points; what was under way is
// ended by each of the verbs.
func killed(w watched, verbs ...string) []fault {
	var all []fault
	for _, point := range trace.Points(w.calls) {
		at := w.stageAt(point)
		for i, verb := range verbs {
			if i > 0 && at != underWay {
				break // there is nothing to choose
			}
			all = append(all, fault{point.String() + ", " + verb, func(ctx context.Context, t *trial) error {
				if err := t.cut(ctx, w, point); err != nil {
					return err
				}
				return t.settle(ctx, w, at, verb)
			}})
		}
	}
	return all
}

// killRevert kills a deployment whose activation goes wrong, and that takes itself back. It can only end in the old
// state.
func killRevert(ctx context.Context, l *lab) ([]fault, error) {
	from := filepath.Join(l.dir, "broken")
	if err := sandbox.Clone(l.before.root, from); err != nil {
		return nil, err
	}
	if err := breakActivation(from, l.after.state.Running); err != nil {
		return nil, err
	}
	old, err := oracle.Look(from)
	if err != nil {
		return nil, err
	}
	w, err := l.watch(ctx, "revert", from, old, old, exitReverted, "apply", "--yes")
	if err != nil {
		return nil, err
	}
	var all []fault
	for _, point := range trace.Points(w.calls) {
		at := w.stageAt(point)
		if at == notBegun {
			continue // as in kill-deployment
		}
		all = append(all, fault{point.String() + ", abort", func(ctx context.Context, t *trial) error {
			if err := t.cut(ctx, w, point); err != nil {
				return err
			}
			if at == ended {
				return t.ended(ctx, old, nil)
			}
			return t.settle(ctx, w, at, "abort")
		}})
	}
	return all, nil
}

// breakActivation makes the activation of a system fail on a machine of the stand-in.
func breakActivation(root, system string) error {
	dir := filepath.Join(root, "standin/fail")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "activate"), []byte(system+"\n"), 0o644)
}

// killResume kills the command that ends what was under way as well, at one of its points, and ends it again.
func killResume(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	var all []fault
	for _, point := range w.underWay() {
		for _, verb := range []string{"resume", "abort"} {
			all = append(all, fault{point.String() + ", " + verb + " killed", func(ctx context.Context, t *trial) error {
				return t.killAgain(ctx, w, point, verb)
			}})
		}
	}
	return all, nil
}

// underWay are the points of a command at which its deployment is under way.
func (w watched) underWay() []trace.Point {
	return slices.DeleteFunc(trace.Points(w.calls), func(p trace.Point) bool { return w.stageAt(p) != underWay })
}

// killAgain takes another point of the second command, and another machine, where its threads took another turn.
func (t *trial) killAgain(ctx context.Context, w watched, point trace.Point, verb string) error {
	const turns = 4
	if err := t.cut(ctx, w, point); err != nil {
		return err
	}
	points, err := t.pointsOf(ctx, verb)
	if err != nil {
		return err
	}
	var second trace.Point
	for turn := 1; ; turn++ {
		if err := errors.Join(quiet(ctx, t.root), os.RemoveAll(t.root), t.cut(ctx, w, point)); err != nil {
			return err
		}
		second = points[t.IntN(len(points))]
		err := t.kill(ctx, second, verb, "--yes")
		if err == nil {
			break
		}
		if !errors.Is(err, errMissed) || turn == turns {
			return fmt.Errorf("killing %s %s: %w", verb, second, err)
		}
	}
	want, before := w.new, &w.old
	if verb == "abort" {
		want, before = w.old, nil
	}
	if _, err := t.must(ctx, t.root, 0, verb, "--yes"); err != nil {
		return fmt.Errorf("after it was killed %s: %w", second, err)
	}
	if err := t.ended(ctx, want, before); err != nil {
		return fmt.Errorf("after %s was killed %s: %w", verb, second, err)
	}
	return nil
}

// pointsOf are the points of a command, by an uninterrupted run of it on the machine of the trial, which is used up by that:
// names of files that are put aside depend on where a machine is.
func (t *trial) pointsOf(ctx context.Context, verb string) ([]trace.Point, error) {
	result, said, err := t.trace(ctx, t.root, nil, nil, verb, "--yes")
	if err != nil {
		return nil, err
	}
	if result.ExitCode != 0 {
		return nil, fmt.Errorf("nqd %s: exit code %d; it said\n%s", verb, result.ExitCode, said)
	}
	calls := slices.DeleteFunc(result.Calls, func(c trace.Call) bool { return unimportant.MatchString(c.Path) })
	if len(calls) == 0 {
		return nil, fmt.Errorf("nqd %s changed nothing", verb)
	}
	return trace.Points(calls), nil
}

// cut makes the trial's machine and kills the command there. Where threads took another turn than in
// the run that was watched, it is tried on new machines.
func (t *trial) cut(ctx context.Context, w watched, point trace.Point) error {
	const turns = 3
	if err := sandbox.Clone(w.from, t.root); err != nil {
		return err
	}
	for turn := 1; ; turn++ {
		err := t.kill(ctx, point, w.args...)
		if !errors.Is(err, errMissed) || turn == turns {
			return err
		}
		if err := t.renew(w.from); err != nil {
			return err
		}
	}
}

// reboot switches the machine off and on between the kill and the next command. What that ends in is what it ends in
// on a machine that was rebooted before.
func reboot(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	from, done := filepath.Join(l.dir, "rebooted"), filepath.Join(l.dir, "rebooted-after")
	if err := sandbox.Clone(w.from, from); err != nil {
		return nil, err
	}
	if err := errors.Join(sandbox.Reboot(ctx, from), quiet(ctx, from)); err != nil {
		return nil, err
	}
	expected := w
	if expected.old, err = oracle.Look(from); err != nil {
		return nil, err
	}
	if expected.new, err = l.lived(ctx, from, done, "apply", "--yes"); err != nil {
		return nil, err
	}
	var all []fault
	for _, point := range w.underWay() {
		all = append(all, fault{point.String() + ", reboot", func(ctx context.Context, t *trial) error {
			if err := t.cut(ctx, w, point); err != nil {
				return err
			}
			if err := sandbox.Reboot(ctx, t.root); err != nil {
				return err
			}
			return t.settle(ctx, expected, underWay, t.verb())
		}})
	}
	return all, nil
}

// verb is resume or abort.
func (t *trial) verb() string { return []string{"resume", "abort"}[t.IntN(2)] }
