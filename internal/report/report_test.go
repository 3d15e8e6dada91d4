package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

const (
	oldSystem machine.StorePath = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old"
	newSystem machine.StorePath = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-new"
)

// profile is one in memory.
type profile struct{ guard.Profile }

func (profile) Current() (machine.Generation, error) {
	return machine.Generation{Number: 4, System: newSystem}, nil
}

// desk is a reporter of a sandbox that runs the new system, with what it told last.
type desk struct {
	*Reporter
	told event.Event
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{}
	d.Reporter = &Reporter{
		Machine: m, Guard: &guard.Guard{Machine: m, Profile: profile{}}, Workspace: workspace.Workspace{Dir: m.Path("/home/ada/space")},
		History: deployment.History{History: engine.History{Dir: t.TempDir()}}, Sink: func(e event.Event) { d.told = e },
		Steps: func(one deployment.Recorded) []event.PlannedStep {
			if one.Header.Host == "" {
				return nil
			}
			return []event.PlannedStep{{Action: "try", Does: "words", State: one.State(1)}}
		},
		Resumable: func(one deployment.Recorded) bool { return one.Header.New == newSystem },
	}
	if err := os.Mkdir(m.Path("/run"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(string(newSystem), m.Path("/run/current-system")); err != nil {
		t.Fatal(err)
	}
	return d
}

// try is an action that passes or not.
type try struct{ Fails bool }

func (try) Kind() string                        { return "try" }
func (try) Describe() string                    { return "try" }
func (try) Undo(context.Context) error          { return nil }
func (try) Holds(context.Context) (bool, error) { return true, nil }

func (a try) Do(context.Context) error {
	if a.Fails {
		return errors.New("no")
	}
	return nil
}

// record adds a deployment that ended so; with engine.Interrupted it was killed.
func (d *desk) record(t *testing.T, header deployment.Header, result engine.Result) {
	t.Helper()
	run, err := d.History.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Begin(header, []engine.Action{try{result != engine.Committed}}); err != nil {
		t.Fatal(err)
	}
	if result == engine.Interrupted {
		return
	}
	cause := run.Do(t.Context())
	if err := run.End(result, cause); err != nil {
		t.Fatal(err)
	}
}

// damage makes the record of a deployment unreadable.
func (d *desk) damage(t *testing.T, id int) {
	t.Helper()
	file := filepath.Join(d.History.Dir, fmt.Sprint(id), "journal")
	data, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Replace(string(data), "deployment", "deployments", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func header(host string, next machine.StorePath) deployment.Header {
	return deployment.Header{
		Kind: deployment.Apply, Host: host, Old: oldSystem, New: next, Manifest: &evaluation.Manifest{Features: []string{"git"}},
	}
}

// A fresh machine has nothing but a system.
func TestStatusOfAFreshMachine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if err := d.Status(); err != nil {
		t.Fatal(err)
	}
	got := d.told.(event.Status)
	if got.Running != string(newSystem) || got.Profile != string(newSystem) || got.BootDefault != "" || got.Deployment != nil || got.Unfinished != nil || got.Busy {
		t.Errorf("got %+v", got)
	}
	if err := d.Deployments(); err != nil || len(d.told.(event.History).Deployments) != 0 {
		t.Errorf("got %+v, %v", d.told, err)
	}
	var none *deployment.NoneError
	if err := d.Show(0); !errors.As(err, &none) {
		t.Errorf("showing nothing: %v", err)
	}
	if err := os.Remove(d.Machine.Path("/run/current-system")); err != nil {
		t.Fatal(err)
	}
	var foreign *guard.NotNixOSError
	for name, ask := range map[string]func() error{"status": d.Status, "history": d.Deployments, "show": func() error { return d.Show(1) }} {
		if err := ask(); !errors.As(err, &foreign) {
			t.Errorf("%s on another system: %v", name, err)
		}
	}
}

// What runs is told of the newest deployment that made it, and what was cut off with its steps.
func TestStatus(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.record(t, header("orion", newSystem), engine.Committed)
	d.record(t, header("vega", newSystem), engine.Committed)
	d.record(t, header("orion", newSystem), engine.Reverted)
	d.record(t, header("orion", newSystem), engine.Interrupted)
	unlock, err := d.History.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := d.Status(); err != nil {
		t.Fatal(err)
	}
	got := d.told.(event.Status)
	if got.Deployment == nil || got.Deployment.ID != 2 || got.Deployment.Host != "vega" || !got.Deployment.Running || got.Deployment.Ended == nil || !got.Busy {
		t.Errorf("got %+v", got)
	}
	open := got.Unfinished
	if open == nil || open.ID != 4 || open.Result != "interrupted" || open.Ended != nil || !open.Resumable || len(open.Steps) != 1 || open.Steps[0].Does != "words" {
		t.Errorf("unfinished: %+v", open)
	}
}

// Steps that nobody knows are none, and no null in JSON.
func TestStatusWithUnknownSteps(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.record(t, header("", oldSystem), engine.Interrupted)
	if err := d.Status(); err != nil {
		t.Fatal(err)
	}
	if text, err := json.Marshal(d.told); err != nil || !strings.Contains(string(text), `"steps":[],"resumable":false`) {
		t.Errorf("told %s, %v", text, err)
	}
}

// A record that cannot be read is listed, and neither runs nor boots.
func TestHistoryWithAnUnreadableRecord(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.record(t, header("orion", newSystem), engine.Committed)
	d.record(t, header("orion", newSystem), engine.Reverted)
	d.damage(t, 1)
	if err := d.Deployments(); err != nil {
		t.Fatal(err)
	}
	all := d.told.(event.History).Deployments
	if len(all) != 2 || all[0].Result != "unreadable" || all[0].Problem == "" || all[0].Running || all[0].BootDefault {
		t.Errorf("got %+v", all)
	}
	if all[1].Result != "reverted" || all[1].Problem != "no" || !all[1].Running || len(all[1].Features) != 1 {
		t.Errorf("got %+v", all[1])
	}
	if err := d.Status(); err != nil {
		t.Fatal(err)
	}
	if err := d.Show(1); err == nil {
		t.Error("showed what cannot be read")
	}
}

// What each step does stands beside it, and the log is named while it is there.
func TestShow(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	log := filepath.Join(t.TempDir(), "log")
	logged := header("orion", newSystem)
	logged.Log = log
	d.record(t, logged, engine.Committed)
	for _, there := range []bool{false, true} {
		if there {
			if err := os.WriteFile(log, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Show(0); err != nil {
			t.Fatal(err)
		}
		got := d.told.(event.Shown)
		var steps []string
		for _, step := range got.Steps {
			steps = append(steps, step.Action+" "+step.State+" "+step.Does)
		}
		want := "deployment started |try started words|try done words|deployment done "
		if got.ID != 1 || strings.Join(steps, "|") != want || (got.Log == log) != there {
			t.Errorf("got %+v, steps %q, want %q", got, strings.Join(steps, "|"), want)
		}
	}
	var none *deployment.NoneError
	if err := d.Show(7); !errors.As(err, &none) || none.ID != 7 {
		t.Errorf("no such one: %v", err)
	}
}

// Each word of the command line stands for one system, or is refused by its name.
func TestSystem(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.record(t, header("orion", newSystem), engine.Reverted)
	for word, want := range map[string]machine.StorePath{"running": newSystem, "1": newSystem, string(oldSystem): oldSystem} {
		if got, err := d.system(word); err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", word, got, err, want)
		}
	}
	var none *deployment.NoneError
	if _, err := d.system("2"); !errors.As(err, &none) {
		t.Errorf("2: got %v", err)
	}
	for _, word := range []string{"0", "-1", "now", "/etc"} {
		var unknown *NoSystemError
		if _, err := d.system(word); !errors.As(err, &unknown) || unknown.Word != word || unknown.Hint() == "" {
			t.Errorf("%s: got %v", word, err)
		}
	}
	if _, err := d.system("boot"); err == nil {
		t.Error("there is no boot loader")
	}
}
