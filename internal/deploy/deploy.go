// Package deploy is the way of a deployment from the host file to a committed system: read,
// write, evaluate, build, show, try, check, commit, late, record. What does not pass goes
// back to the system that ran before.
package deploy

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy/write"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/doctor"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/preflight"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
	"github.com/masterofnull/nixos-quick-deploy/internal/report"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
	"github.com/masterofnull/nixos-quick-deploy/internal/runlog"
	"github.com/masterofnull/nixos-quick-deploy/internal/step"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Deployer deploys the hosts of a workspace to one machine.
type Deployer struct {
	Machine   *machine.Machine
	Nix       *nixcli.Nix
	Git       *git.Repository
	Guard     *guard.Guard
	Workspace workspace.Workspace
	History   deployment.History
	Backups   *backup.Store
	Sink      event.Sink
	// Asks are the kinds of checks that the doctor does not ask itself.
	Asks map[doctor.Kind]doctor.Ask
	// Evaluations is the directory that keeps answers of evaluations.
	Evaluations string
	// Version is nqd's own.
	Version string
	// Stopwatch watches what is told to Sink.
	Stopwatch *runlog.Stopwatch
	// Risks are those that the user accepted.
	Risks []risk.Risk
	// Login is what the user unit runs at the next login that stands while a system is tried: nqd by its absolute path, with
	// arguments. Home is the home on the machine of the user who deploys.
	Login []string
	Home  string
	// Secrets takes secrets out of what is recorded; nil leaves it as it is.
	Secrets *redact.Redactor
	// Log is the file that keeps what is said in this run; empty for none.
	Log string
	// Confirm is asked once the difference is known; false leaves the machine as it is.
	Confirm func(context.Context, event.Difference) (bool, error)

	announced bool // that root is needed
}

// Report answers questions about what this deployer deployed.
func (d *Deployer) Report() *report.Reporter {
	return &report.Reporter{
		Machine: d.Machine, Nix: d.Nix, Guard: d.Guard, Workspace: d.Workspace, History: d.History, Sink: d.Sink,
		Steps: d.steps, Resumable: d.resumable,
	}
}

// ErrDeclined is a deployment that the user did not confirm.
var ErrDeclined = declined{}

type declined struct{}

func (declined) Error() string { return "not confirmed" }

// Hint says what state this leaves.
func (declined) Hint() string {
	return "the machine was not changed; what was built is kept, and nqd apply goes on from there"
}

// station tells that the work of a station begins and, unless it returns an error, ends.
func (d *Deployer) station(station event.Station, subject string, work func() error) error {
	return step.Begin(d.Sink, station, subject, work)
}

// tools are what the actions of a deployment act with.
func (d *Deployer) tools() step.Tools {
	return step.Tools{Machine: d.Machine, Guard: d.Guard, Git: d.Git, Backups: d.Backups, Sink: d.Sink, Asks: d.Asks, Secrets: d.Secrets}
}

// lock keeps every other run of nqd away from the machine until unlock is called, and clears away what runs left that
// never began.
func (d *Deployer) lock() (unlock func(), err error) {
	if err := d.Preflight(); err != nil {
		return nil, err
	}
	if unlock, err = d.History.Lock(); err != nil {
		return nil, preflight.Named(err)
	}
	if err := d.History.Sweep(0); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// begin is lock for a run that deploys: it takes back first what was cut off.
func (d *Deployer) begin(ctx context.Context) (unlock func(), err error) {
	if unlock, err = d.lock(); err != nil {
		return nil, err
	}
	if err := d.settle(ctx); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
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
	unlock, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	look := d.looking(ctx, h) // with nothing to do, nobody looks
	writer := write.Writer{Workspace: d.Workspace, Git: d.Git, Nix: d.Nix, Sink: d.Sink, Before: func() error { return look().Refused(d.Sink) }}
	commit, err := writer.Write(ctx, name)
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
	if err := d.checkRisks(name); err != nil {
		return err
	}
	look()
	header := deployment.Header{Kind: deployment.Apply, Host: name, New: answer.System, Commit: commit.ID, Manifest: &answer.Manifest}
	p, err := planner.Describe(ctx, h, answer, d.planFrom(name, base), nil)
	if err != nil {
		return err
	}
	refused := look().Complete(&p)
	d.Sink(p)
	if err := cmp.Or(refused, preflight.State(p.State, d.Risks)); err != nil {
		return err
	}
	return d.deploy(ctx, base, change{
		header: header, moves: p.State,
		realise: func(link string) error {
			return d.station(event.Build, string(answer.System), func() error { return d.build(ctx, answer, link) })
		},
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
