// Package deploy is the way of a deployment from the host file to a committed system: read,
// write, evaluate, build, show, try, check, commit, late, record. What does not pass goes
// back to the system that ran before.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/doctor"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/runlog"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Deployer deploys the hosts of a workspace to one machine.
type Deployer struct {
	Machine   *machine.Machine
	Nix       *nixcli.Nix
	Git       *git.Repository
	Guard     *guard.Guard
	Workspace workspace.Workspace
	History   engine.History
	Sink      event.Sink
	// Evaluations is the directory that keeps answers of evaluations.
	Evaluations string
	// Version is nqd's own.
	Version string
	// Stopwatch watches what is told to Sink.
	Stopwatch *runlog.Stopwatch
	// Risks are those that the user accepted.
	Risks []Risk
	// Confirm is asked once the difference is known; false leaves the machine as it is.
	Confirm func(context.Context, event.Difference) (bool, error)
}

// ErrDeclined is a deployment that the user did not confirm.
var ErrDeclined = declined{}

type declined struct{}

func (declined) Error() string { return "not confirmed" }

// Hint says what state this leaves.
func (declined) Hint() string {
	return "the machine was not changed; what was built is kept, and nqd apply goes on from there"
}

// Header is what the journal keeps of a deployment from its first record on: all that is
// needed to say what it was and to go back.
type Header struct {
	Kind Kind   `json:"kind"`
	Host string `json:"host"`
	// Of is the deployment that a rollback returns to; 0 for what ran before the first.
	Of  int               `json:"of,omitempty"`
	Old machine.StorePath `json:"old"`
	New machine.StorePath `json:"new"`
	// Before is the generation of the system profile when the deployment began.
	Before     machine.Generation   `json:"before"`
	Commit     string               `json:"commit,omitempty"`
	Manifest   *evaluation.Manifest `json:"manifest,omitempty"`
	Difference event.Difference     `json:"difference"`
	Nqd        string               `json:"nqd"`
	// Reboot is what takes effect only after a reboot.
	Reboot []event.Reboot `json:"reboot,omitempty"`
	// Took is what passed before the system was tried; the journal has the times of the rest.
	Took runlog.Effort `json:"took"`
}

// Kind is what a deployment was started as.
type Kind string

// The kinds of deployments.
const (
	Apply    Kind = "apply"
	Rollback Kind = "rollback"
)

// station tells that the work of a station begins and, unless it returns an error, ends.
func (d *Deployer) station(station event.Station, subject string, work func() error) error {
	d.Sink(event.StationStarted{Station: station, Subject: subject})
	start := time.Now()
	if err := work(); err != nil {
		return err
	}
	d.Sink(event.StationDone{Station: station, Seconds: time.Since(start).Seconds()})
	return nil
}

// read loads and checks the host file, and the user's features with it.
func (d *Deployer) read(name string) (*host.Host, error) {
	var h *host.Host
	err := d.station(event.Read, d.Workspace.HostFile(name), func() (err error) {
		h, err = d.Workspace.Read(name)
		return err
	})
	return h, err
}

// Apply makes the machine what the host file says. It ends with an Outcome event.
func (d *Deployer) Apply(ctx context.Context, name string) error {
	if err := d.Preflight(); err != nil {
		return err
	}
	h, err := d.read(name)
	if err != nil {
		return err
	}
	unlock, err := d.History.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	commit, err := d.write(ctx, name)
	if err != nil {
		return err
	}
	planner := d.planner()
	answer, err := planner.Evaluate(ctx, h, planner.Committed(commit))
	if err != nil {
		return err
	}
	base, err := d.base()
	if err != nil {
		return err
	}
	if base.is(answer.System) {
		d.Sink(event.Outcome{Result: "unchanged", System: string(answer.System)})
		return nil
	}
	if err := d.checkRisks(); err != nil {
		return err
	}
	header := Header{Kind: Apply, Host: name, New: answer.System, Commit: commit.ID, Manifest: &answer.Manifest}
	p, err := planner.Describe(ctx, h, answer, d.planFrom(name, base), nil)
	if err != nil {
		return err
	}
	d.Sink(p)
	return d.deploy(ctx, header, base, func(link string) error {
		return d.station(event.Build, string(answer.System), func() error { return d.build(ctx, answer, link) })
	})
}

// build makes the evaluated system be in the store, and link a root of it. One that is there
// needs no derivation, which may have been collected. Files without an entry in the store's
// database, as an interrupted build leaves them, are built over.
func (d *Deployer) build(ctx context.Context, answer evaluation.Answer, link string) error {
	if _, err := os.Lstat(d.Machine.Path(string(answer.System))); err == nil && d.Nix.Root(ctx, answer.System, link) == nil {
		return nil
	}
	built, err := d.Nix.Build(ctx, answer.Derivation, link)
	if err != nil {
		return d.planner().Blame(ctx, err, answer)
	}
	if built != answer.System {
		return fmt.Errorf("built %s where %s was evaluated", built, answer.System)
	}
	return nil
}

// Rollback returns to the system of a recorded deployment, or for id 0 to the one that ran
// before the last committed one, through the same stations as any other.
func (d *Deployer) Rollback(ctx context.Context, id int) error {
	if err := d.Preflight(); err != nil {
		return err
	}
	unlock, err := d.History.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	header, err := d.rollbackTo(id)
	if err != nil {
		return err
	}
	base, err := d.base()
	if err != nil {
		return err
	}
	if base.is(header.New) {
		d.Sink(event.Outcome{Result: "unchanged", System: string(header.New)})
		return nil
	}
	if header.Manifest == nil {
		d.Sink(event.Note{Warning: true, Text: "nqd did not deploy " + header.New.Name() + ": there are no checks for it"})
	}
	return d.deploy(ctx, header, base, func(link string) error { return d.Nix.Root(ctx, header.New, link) })
}

// base is the state of the machine that a deployment starts from and returns to.
type base struct {
	old    machine.StorePath
	before machine.Generation
	// left is what a deployment that never ended left behind; nil where there is nothing.
	left *leftover
}

// leftover is a deployment that was tried and neither committed nor taken back.
type leftover struct {
	id     int
	header Header
	// committing says that its system may be in the profile or the boot loader.
	committing bool
}

// base reads the running system and the system profile. What an uncommitted deployment left
// running or in the profile is not what this one returns to: that is what the first of them
// started from.
func (d *Deployer) base() (base, error) {
	running, err := d.Guard.Running()
	if err != nil {
		return base{}, notNixOS(err)
	}
	before, err := d.Guard.Profile.Current()
	if err != nil {
		return base{}, notNixOS(err)
	}
	recorded, err := d.History.List()
	if err != nil {
		return base{}, err
	}
	b := base{old: running, before: before}
	for _, one := range unfinished(recorded) {
		header, err := headerOf(one)
		if err != nil {
			return base{}, err
		}
		b.without(one, header)
	}
	return b, nil
}

// unfinished are the deployments, newest first, that were neither committed nor taken back
// since the last one that was. A record that cannot be read may be of a committed one, so
// what is older is not looked at.
func unfinished(recorded []engine.Deployment) []engine.Deployment {
	var found []engine.Deployment
	for _, one := range slices.Backward(recorded) {
		switch one.Result {
		case engine.Committed, engine.Unreadable:
			return found
		case engine.Interrupted, engine.Broken:
			found = append(found, one)
		}
	}
	return found
}

// without takes an unfinished deployment out of the base. It counts from its try on, also
// where the machine runs Old: an activation that was cut off leaves that link alone, but
// units and /etc of New behind. Where somebody else switched to a third system, or committed
// New, the machine is theirs.
func (b *base) without(recorded engine.Deployment, header Header) {
	tried, committing := recorded.Began((&guard.Try{}).Name()), recorded.Began(guard.Commit{}.Name())
	inProfile := b.before.System == header.New
	taken := b.old != header.New && b.old != header.Old || inProfile && !committing
	if !tried || taken && !(inProfile && committing) {
		return
	}
	if b.old == header.New {
		b.old = header.Old
	}
	// The loader may hold New where the profile is back already.
	committing = committing && (inProfile || b.before.System == header.Before.System)
	if committing {
		b.before = header.Before
	}
	b.left = &leftover{id: recorded.ID, header: header, committing: committing}
}

// is reports whether the machine runs system, and boots it by its profile.
func (b base) is(system machine.StorePath) bool {
	return b.left == nil && b.old == system && b.before.System == system
}

// settle takes what an uncommitted deployment left in the profile and the boot loader out of
// them. What it left running gives way to the system that is tried next, or to base.old.
func (d *Deployer) settle(ctx context.Context, b *base) error {
	if b.left == nil {
		return nil
	}
	d.Sink(event.Note{
		Warning: true,
		Text:    fmt.Sprintf("deployment %d was neither committed nor taken back", b.left.id),
		Hint:    "this run starts from what ran before it: " + string(b.old),
	})
	if !b.left.committing {
		return nil
	}
	err := guard.Commit{Guard: d.Guard, New: b.left.header.New, Before: b.before}.Undo(ctx)
	if err != nil {
		return err
	}
	b.before, err = d.Guard.Profile.Current()
	return err
}

// notNixOS explains a missing system; other errors stay as they are.
func notNixOS(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &NotNixOSError{Cause: err}
	}
	return err
}

// NotNixOSError is a machine without a NixOS system.
type NotNixOSError struct{ Cause error }

func (e *NotNixOSError) Error() string { return "this is not a NixOS machine: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *NotNixOSError) Unwrap() error { return e.Cause }

// Hint says where nqd runs.
func (e *NotNixOSError) Hint() string {
	return "nqd runs on NixOS; to try it elsewhere, see `make demo` and --sandbox"
}

// manifestOf is the manifest of a system that nqd deployed, or nil.
func (d *Deployer) manifestOf(system machine.StorePath) *evaluation.Manifest {
	all, err := d.History.List()
	if err != nil {
		return nil // only the plan's "before" side is poorer
	}
	for i := len(all) - 1; i >= 0; i-- {
		if header, err := headerOf(all[i]); err == nil && header.New == system {
			return header.Manifest
		}
	}
	return nil
}

// checks are those of the manifest; none for a system that nqd did not deploy.
func (h Header) checks() ([]doctor.Check, error) {
	if h.Manifest == nil {
		return nil, nil
	}
	return doctor.Parse(h.Manifest.Checks)
}
