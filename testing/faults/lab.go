package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/faults/oracle"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// lab is where machines are broken: one that is installed once, and copies of it.
type lab struct {
	dir    string // everything is below it
	nqd    string // the program
	nixBin string
	// processor is the one on which nqd is traced, or -1.
	processor int
	// fresh is a machine that nqd deployed once, with nothing of its user's.
	fresh string
	// before is a machine that nqd deployed once, with a home full of foreign files, and whose next
	// deployment is evaluated and built. after is the same once that deployment ended.
	before, after machine
	// back is after, once it was rolled back.
	back oracle.State
	// watched is the deployment that leads from before to after; nil until it was watched.
	watched *watched
}

// machine is one of the lab's, and the state in which it is.
type machine struct {
	root  string
	state oracle.State
}

// newLab installs the machine and takes it through its deployments without any faults.
func newLab(ctx context.Context, dir, nqd, nixBin string) (*lab, error) {
	l := &lab{dir: dir, nqd: nqd, nixBin: nixBin, processor: -1}
	inputs, err := sandbox.Prepare(ctx, filepath.Join(dir, "standin"), sandbox.Release)
	if err != nil {
		return nil, err
	}
	root := filepath.Join(dir, "before")
	if err := sandbox.Install(ctx, sandbox.Options{Root: root, NixBin: nixBin, Inputs: inputs, User: "ada"}); err != nil {
		return nil, err
	}
	// What the installer configured has services that go on running, and the trials wait until nobody works on a machine.
	if _, err := l.must(ctx, root, 0, "up", "--yes", "--adopt=no", "--preset=minimal", "--git-name=Ada",
		"--nixpkgs="+inputs.Nixpkgs, "--home-manager="+inputs.HomeManager); err != nil {
		return nil, err
	}
	l.fresh = filepath.Join(dir, "fresh")
	if err := errors.Join(quiet(ctx, root), sandbox.Clone(root, l.fresh)); err != nil {
		return nil, err
	}
	if err := furnish(root); err != nil {
		return nil, err
	}
	// Not confirmed: it is written, evaluated and built, and nothing more.
	if _, err := l.must(ctx, root, 3, "apply"); err != nil {
		return nil, err
	}
	if err := quiet(ctx, root); err != nil {
		return nil, err
	}
	return l, l.live(ctx, root)
}

// live takes copies of the machine through an apply and a rollback, and looks at each state.
func (l *lab) live(ctx context.Context, root string) (err error) {
	l.before.root = root
	if l.before.state, err = oracle.Look(root); err != nil {
		return err
	}
	l.after.root = filepath.Join(l.dir, "after")
	if l.after.state, err = l.lived(ctx, root, l.after.root, "apply", "--yes"); err != nil {
		return err
	}
	back := filepath.Join(l.dir, "back")
	l.back, err = l.lived(ctx, l.after.root, back, "rollback", "1", "--yes")
	return err
}

// lived is the state of a copy of FROM on which a command of nqd succeeded.
func (l *lab) lived(ctx context.Context, from, root string, args ...string) (oracle.State, error) {
	if err := sandbox.Clone(from, root); err != nil {
		return oracle.State{}, err
	}
	if _, err := l.must(ctx, root, 0, args...); err != nil {
		return oracle.State{}, err
	}
	if err := quiet(ctx, root); err != nil {
		return oracle.State{}, err
	}
	return oracle.Look(root)
}

// environment is that of nqd on a machine: the user's, and temporary files beside the machine.
func (l *lab) environment(root string) []string {
	return []string{
		"HOME=/home/ada", "USER=ada", "LC_ALL=C.UTF-8", "TERM=dumb", "TMPDIR=" + filepath.Dir(root),
		"PATH=" + l.nixBin + ":" + os.Getenv("PATH"),
	}
}

// arguments are a command line of nqd for a machine.
func (l *lab) arguments(root string, args ...string) []string {
	return append([]string{l.nqd, "--sandbox=" + root}, args...)
}

// answer is what nqd said, and its exit code.
type answer struct {
	said string
	code int
}

// run runs nqd on a machine.
func (l *lab) run(ctx context.Context, root string, args ...string) (answer, error) {
	argv := l.arguments(root, args...)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = l.environment(root)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return answer{}, err
	}
	return answer{said.String(), cmd.ProcessState.ExitCode()}, ctx.Err()
}

// must runs nqd on a machine and insists on an exit code.
func (l *lab) must(ctx context.Context, root string, code int, args ...string) (answer, error) {
	a, err := l.run(ctx, root, args...)
	if err == nil && a.code != code {
		err = fmt.Errorf("nqd %s: exit code %d, want %d; it said\n%s", strings.Join(args, " "), a.code, code, a.said)
	}
	return a, err
}

// status is what this harness reads of `nqd status --json`.
type status struct {
	Running    string
	Unfinished *struct {
		ID     int
		Result string
	}
}

// status asks nqd what is under way.
func (l *lab) status(ctx context.Context, root string) (status, error) {
	a, err := l.must(ctx, root, 0, "status", "--json")
	if err != nil {
		return status{}, err
	}
	for _, line := range strings.Split(a.said, "\n") {
		if strings.Contains(line, `"message_type":"status"`) {
			var s status
			return s, json.Unmarshal([]byte(line), &s)
		}
	}
	return status{}, fmt.Errorf("nqd status --json: no status in\n%s", a.said)
}
