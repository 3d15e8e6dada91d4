// Package preflight looks, before anything is done, whether a machine can be deployed to. All questions are asked at once,
// and nothing is changed.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Look is what the questions are about.
type Look struct {
	Machine *machine.Machine
	// Host is the name of the host of the workspace, System its processor and Release its release of NixOS, as host.toml
	// has them. Facts is the text of its facts.json; nil for none.
	Host, System, Release string
	Facts                 []byte
	// Deployed is the host that this machine was last deployed as; empty where nqd did not.
	Deployed func() string
	// Lock is the text of flake.lock; nil for none.
	Lock []byte
	// OwnLock is the file that a run of nqd holds while it changes the machine.
	OwnLock string
	// Offline says that the user wants no network; Caches are those that nix fetches from.
	Offline bool
	Caches  func(context.Context) ([]string, error)
	// Version is nqd's own.
	Version string
	// Needs are what features of the host want of the machine, by their names.
	Needs map[string]catalog.Needs
	// Risks are those that the user accepted.
	Risks []risk.Risk
	// Now is the time; nil for the clock of the computer.
	Now func() time.Time

	facts func() facts.Facts // read once
}

// For is the look at a machine that is to become a host of a workspace. What the workspace does not have yet is left out.
func (l Look) For(h *host.Host, space workspace.Workspace) Look {
	l.Host, l.System, l.Release = h.Host.Name, h.Host.System, h.Host.Release
	l.Facts, _ = os.ReadFile(filepath.Join(filepath.Dir(space.HostFile(h.Host.Name)), "facts.json"))
	if known, err := space.Catalog(); err == nil { // else the host was not read
		l.Needs = map[string]catalog.Needs{}
		for _, id := range h.Enabled(known) {
			l.Needs[id] = known.Features[id].Needs
		}
	}
	l.Lock, _ = os.ReadFile(filepath.Join(space.Dir, "flake.lock"))
	return l
}

// row is an answer. Cause is the error that a failed one refuses a deployment with, where that is known by its kind.
type row struct {
	event.Precondition
	cause error
}

// question is asked beside all others. What it has nothing to say to has no rows.
type question struct {
	name string
	ask  func(context.Context, Look) []row
}

// limit is how long one question may take: as long as a cache that is far away, and no longer than somebody waits for a
// plan.
const limit = 5 * time.Second

// questions are all that need no evaluation, in the order in which they are told.
func questions() []question {
	return []question{
		{"release", release}, {"processor", processor}, {"host", wrongHost}, {"root", elevation}, {"busy", busy},
		{"clock", clock}, {"caches", caches}, {"battery", battery},
	}
}

// Answers are the questions of one look, once they are asked.
type Answers struct {
	look Look
	rows []row
	// stopped is why nobody waited for all of them; nil where all were asked to their end.
	stopped error
	done    chan struct{}
}

// Begin asks all questions that need no evaluation. They end with ctx.
func (l Look) Begin(ctx context.Context) *Answers { return l.begin(ctx, questions(), limit) }

func (l Look) begin(ctx context.Context, asked []question, limit time.Duration) *Answers {
	if l.Now == nil {
		l.Now = time.Now
	}
	l.facts = sync.OnceValue(func() facts.Facts { return facts.Read(l.Machine) })
	a := &Answers{look: l, done: make(chan struct{})}
	each := make([][]row, len(asked))
	var work sync.WaitGroup
	for i, q := range asked {
		work.Go(func() { each[i] = answered(ctx, q, l, limit) })
	}
	go func() {
		work.Wait()
		a.rows, a.stopped = slices.Concat(each...), context.Cause(ctx)
		close(a.done)
	}()
	return a
}

// answered asks one question. A file system that hangs does not hear that the time is over: nobody waits for it.
func answered(ctx context.Context, q question, l Look, limit time.Duration) []row {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	rows := make(chan []row, 1)
	go func() { rows <- q.ask(ctx, l) }()
	select {
	case found := <-rows:
		return found
	case <-ctx.Done():
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return []row{warn(q.name, "not asked to its end", "ask again")}
		}
		return []row{warn(q.name, fmt.Sprintf("no answer within %s", limit), "look what keeps the machine busy, and ask again")}
	}
}

// Rows are the answers, once all are there.
func (a *Answers) Rows() []event.Precondition {
	<-a.done
	return table(a.rows)
}

// Refused is the error of a machine that cannot be deployed to whatever the evaluation says: nil, or an *Error, and then
// all answers are told. It is the cause of ctx, where that ended first.
func (a *Answers) Refused(tell event.Sink) error {
	<-a.done
	if a.stopped != nil {
		return a.stopped
	}
	err := refused(a.rows)
	if err != nil {
		tell(event.Preconditions{Rows: table(a.rows)})
	}
	return err
}

// Complete puts the answers into a plan, and with them those about memory and room, which the plan has the sizes for. The error is
// that of Refused, which tells nothing here.
func (a *Answers) Complete(p *event.Plan) error {
	<-a.done
	rows := slices.Concat(a.rows, memory(a.look, *p), rooms(a.look, *p))
	p.Preconditions = table(rows)
	if a.stopped != nil {
		return a.stopped
	}
	return refused(rows)
}

func table(rows []row) []event.Precondition {
	all := make([]event.Precondition, len(rows))
	for i, r := range rows {
		all[i] = r.Precondition
	}
	return all
}

func ok(name, found string) row {
	return row{Precondition: event.Precondition{Name: name, Verdict: event.OK, Found: found}}
}

func warn(name, found, cure string) row {
	return row{Precondition: event.Precondition{Name: name, Verdict: event.Warn, Found: found, Cure: cure}}
}

func fail(name, found, cure string) row {
	return row{Precondition: event.Precondition{Name: name, Verdict: event.Fail, Found: found, Cure: cure}}
}

// risky fails unless the user accepted the risk: then it warns.
func (l Look) risky(name, found, cure string, one risk.Risk) row {
	if slices.Contains(l.Risks, one) {
		return warn(name, found+" (accepted)", cure)
	}
	r := fail(name, found, cure)
	r.cause = &risk.Error{Risk: one, Problem: found, Instead: cure}
	r.Cure = cure + ", or give --accept-risk=" + string(one)
	return r
}
