package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// profile is one in memory that nobody may change.
type profile struct {
	guard.Profile
	now machine.Generation
}

func (p *profile) Current() (machine.Generation, error) { return p.now, nil }
func (p *profile) Generations() ([]machine.Generation, error) {
	return []machine.Generation{p.now}, nil
}

// desk is a deployer of a sandbox that runs the old system.
type desk struct {
	*Deployer
	profile *profile
	told    []event.Event
	heard   func(event.Event) // as it is told; nil for nothing
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{profile: &profile{now: machine.Generation{Number: 3, System: oldSystem}}}
	sink := func(e event.Event) {
		d.told = append(d.told, e)
		if d.heard != nil {
			d.heard(e)
		}
	}
	d.Deployer = &Deployer{
		Machine: m, Sink: sink, Guard: &guard.Guard{Machine: m, Profile: d.profile, Sink: sink},
		History: deployment.History{History: engine.History{Dir: m.Path("/home/ada/state")}},
	}
	for _, system := range []machine.StorePath{oldSystem, newSystem, third} {
		d.mkdir(t, string(system))
	}
	d.run(t, oldSystem)
	return d
}

func (d *desk) mkdir(t *testing.T, abs string) {
	t.Helper()
	if err := os.MkdirAll(d.Machine.Path(abs), 0o755); err != nil {
		t.Fatal(err)
	}
}

// run makes the machine run a system.
func (d *desk) run(t *testing.T, system machine.StorePath) {
	t.Helper()
	link := d.Machine.Path("/run/current-system")
	d.mkdir(t, "/run")
	os.Remove(link)
	if err := os.Symlink(string(system), link); err != nil {
		t.Fatal(err)
	}
}

// cut records a deployment of the new system that was killed within the action of a kind; before all where that is empty.
func (d *desk) cut(t *testing.T, kind string) (run *engine.Run) {
	t.Helper()
	header := deployment.Header{
		Kind: deployment.Apply, Host: "orion", Old: oldSystem, New: newSystem, Boot: "first",
		Before: machine.Generation{Number: 3, System: oldSystem},
	}
	tools := d.tools()
	run, err := d.History.Next()
	if err != nil {
		t.Fatal(err)
	}
	var actions []engine.Action
	for _, one := range []engine.Action{tools.Try(header), tools.Check(header, nil), tools.Commit(header, []int{3})} {
		actions = append(actions, deadly{one, one.Kind() == kind})
	}
	if err := run.Begin(header, actions); err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		defer func() { _ = recover() }()
		t.Errorf("not killed: %v", run.Do(t.Context()))
	}
	return run
}

// deadly is an action that changes nothing, and kills nqd or not.
type deadly struct {
	engine.Action
	kills bool
}

func (a deadly) Do(context.Context) error {
	if a.kills {
		panic("killed")
	}
	return nil
}

func (a deadly) MarshalJSON() ([]byte, error) { return json.Marshal(a.Action) }

func (d *desk) wants(t *testing.T, id int, result engine.Result) {
	t.Helper()
	if one, err := d.History.Get(id); err != nil || one.Result != result {
		t.Errorf("deployment %d: %s, %v; want %s", id, one.Result, err, result)
	}
}

func (d *desk) trying(t *testing.T, want bool) {
	t.Helper()
	if trying, err := d.Guard.Trying(); err != nil || trying != want {
		t.Errorf("a system is being tried: %t, %v; want %t", trying, err, want)
	}
}

// What somebody else switched to stays, and the mark that keeps downloads away goes.
func TestAbortLeavesAThirdSystem(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.cut(t, "try")
	d.mkdir(t, "/run/nqd/trying")
	d.run(t, third)
	if err := d.Abort(t.Context(), AbortOptions{}); err != nil {
		t.Fatal(err)
	}
	d.wants(t, 1, engine.Reverted)
	d.trying(t, false)
	if want := (event.Outcome{Deployment: 1, Result: "reverted", System: string(third)}); !slices.ContainsFunc(d.told, func(e event.Event) bool {
		outcome, is := e.(event.Outcome)
		return is && outcome.System == want.System && outcome.Result == want.Result && outcome.Deployment == want.Deployment
	}) {
		t.Errorf("told %v", d.told)
	}
}

// A machine that is back without a record of it is told as such: the deployment is not forgotten silently.
func TestAbortWithoutARecord(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	run := d.cut(t, "try")
	d.run(t, third)
	d.heard = func(e event.Event) {
		if note, is := e.(event.Note); is && strings.HasPrefix(note.Text, "somebody else") {
			os.Remove(filepath.Join(run.Dir, "journal"))
		}
	}
	err := d.Abort(t.Context(), AbortOptions{})
	if err == nil || !strings.HasPrefix(err.Error(), "deployment 1 was taken back, and its record does not say so: ") || !strings.Contains(err.Error(), "was removed meanwhile") {
		t.Errorf("got %v", err)
	}
}

// One that cannot be taken back stays unfinished, and is taken back again once that works.
func TestAbortOfABrokenOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.cut(t, "try")
	d.mkdir(t, "/run/nqd/trying")
	d.run(t, newSystem)
	for range 2 { // the old system has no switch-to-configuration
		var broken *Broken
		if err := d.Abort(t.Context(), AbortOptions{}); !errors.As(err, &broken) || broken.Running != newSystem {
			t.Fatalf("got %v", err)
		}
		d.wants(t, 1, engine.Broken)
	}
	d.run(t, oldSystem) // the machine was started again
	if err := os.RemoveAll(d.Machine.Path("/run/nqd")); err != nil {
		t.Fatal(err)
	}
	if err := d.Abort(t.Context(), AbortOptions{}); err != nil {
		t.Fatal(err)
	}
	d.wants(t, 1, engine.Reverted)
}

// All that were cut off are taken back, the newest first.
func TestAbortOfSeveral(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.cut(t, "")
	d.cut(t, "")
	if err := d.Abort(t.Context(), AbortOptions{}); err != nil {
		t.Fatal(err)
	}
	var order []int
	for _, e := range d.told {
		if outcome, is := e.(event.Outcome); is {
			order = append(order, outcome.Deployment)
		}
	}
	if !slices.Equal(order, []int{2, 1}) {
		t.Errorf("taken back: %v", order)
	}
	d.wants(t, 1, engine.Reverted)
	d.wants(t, 2, engine.Reverted)
}

// While somebody switches, or what nqd had started goes on without it, nothing is done and nothing forgotten.
func TestNothingWhileSomebodySwitches(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.cut(t, "")
	d.mkdir(t, "/run/nqd/trying")
	d.mkdir(t, "/run/nixos")
	lock, err := os.Create(d.Machine.Path("/run/nixos/switch-to-configuration.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	for name, do := range map[string]func() error{
		"resume": func() error { return d.Resume(t.Context()) },
		"abort":  func() error { return d.Abort(t.Context(), AbortOptions{}) },
		"apply":  func() error { return d.settle(t.Context()) },
	} {
		if err := do(); !errors.Is(err, guard.ErrSwitching) {
			t.Errorf("%s: got %v", name, err)
		}
		d.wants(t, 1, engine.Interrupted)
		d.trying(t, true)
	}
	if one, _ := d.History.Get(1); one.TakingBack() {
		t.Error("taking it back was begun")
	}
}

// Going on must not take a machine away from whoever switched it since.
func TestResumeOvertaken(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.cut(t, "")
	d.profile.now = machine.Generation{Number: 4, System: third}
	var overtaken *deployment.OvertakenError
	if err := d.Resume(t.Context()); !errors.As(err, &overtaken) || overtaken.ID != 1 {
		t.Errorf("got %v", err)
	}
	d.wants(t, 1, engine.Interrupted)
}

// At a login a deployment is taken back only if the machine was started again since.
func TestAbortAtLogin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		last    string
		trying  bool
		runs    machine.StorePath
		boot    string
		aborted bool
	}{
		"being tried":              {"try", true, newSystem, "first", false},
		"its switch was cut off":   {"try", true, oldSystem, "first", false},
		"tried, and rebooted":      {"try", false, oldSystem, "second", true},
		"tried, boots are unknown": {"try", false, oldSystem, "", true},
		"not tried":                {"", false, oldSystem, "first", false},
		"not tried, unknown":       {"", false, oldSystem, "", false},
		"not tried, and rebooted":  {"", false, oldSystem, "second", true},
		"rebooted into a third":    {"try", false, third, "second", false},
		"committing, and rebooted": {"commit", false, oldSystem, "second", false},
	} {
		d := newDesk(t)
		d.cut(t, c.last)
		d.run(t, c.runs)
		if c.trying {
			d.mkdir(t, "/run/nqd/trying")
		}
		if c.boot != "" {
			d.mkdir(t, "/proc/sys/kernel/random")
			if err := os.WriteFile(d.Machine.Path("/proc/sys/kernel/random/boot_id"), []byte(c.boot+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Abort(t.Context(), AbortOptions{Rebooted: true}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want := engine.Interrupted
		if c.aborted {
			want = engine.Reverted
		}
		if one, err := d.History.Get(1); err != nil || one.Result != want {
			t.Errorf("%s: %s, %v; want %s", name, one.Result, err, want)
		}
		if !c.aborted && len(d.told) > 0 {
			t.Errorf("%s: told %v", name, d.told)
		}
	}
}

// A machine that was switched while a system was built is no base any more.
func TestStill(t *testing.T) {
	t.Parallel()
	header := deployment.Header{Old: oldSystem, Before: machine.Generation{Number: 3, System: oldSystem}}
	d := newDesk(t)
	if err := d.still(header); err != nil {
		t.Error(err)
	}
	d.run(t, third)
	if err := d.still(header); !errors.Is(err, guard.ErrNothingDone) {
		t.Errorf("another system runs: %v", err)
	}
	d.run(t, oldSystem)
	d.profile.now.System = third
	if err := d.still(header); !errors.Is(err, errSwitched) {
		t.Errorf("another one boots: %v", err)
	}
}
