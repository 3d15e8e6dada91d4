// Package step is everything that a deployment does to a machine, as actions: in their order, with the tools that they
// act with, and opened again from the journal of a deployment that was cut off.
package step

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/doctor"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
)

// Tools are what actions act with.
type Tools struct {
	Machine *machine.Machine
	Guard   *guard.Guard
	Git     *git.Repository
	Backups *backup.Store
	Sink    event.Sink
	// Asks are the kinds of checks that the doctor does not ask itself.
	Asks map[doctor.Kind]doctor.Ask
	// Secrets takes secrets out of what the journal keeps of failures; nil leaves it as it is.
	Secrets *redact.Redactor
}

// Begin tells that the work of a station begins and, unless it returns an error, ends.
func Begin(sink event.Sink, station event.Station, subject string, work func() error) error {
	sink(event.StationStarted{Station: station, Subject: subject})
	start := time.Now()
	if err := work(); err != nil {
		return err
	}
	sink(event.StationDone{Station: station, Seconds: time.Since(start).Seconds()})
	return nil
}

// Try, Check and Commit are the actions that every deployment ends with.
func (t Tools) Try(header deployment.Header) engine.Action {
	var units []string
	if header.Manifest != nil {
		units = header.Manifest.Units
	}
	return &guard.Try{Guard: t.Guard, Old: header.Old, New: header.New, Units: units}
}

// Check asks the checks of the new system.
func (t Tools) Check(header deployment.Header, checks []doctor.Check) engine.Action {
	return check{doctor: doctor.Doctor{Inside: t.inside(header), Sink: t.Sink, Asks: t.Asks}, checks: checks}
}

// Commit makes the new system the boot default.
func (t Tools) Commit(header deployment.Header, there []int) engine.Action {
	return &guard.Commit{Guard: t.Guard, New: header.New, Before: header.Before, There: there}
}

// Open makes the actions of a recorded deployment again. Those of journals of format 1 are not in it: they were always
// the same three. Actions of the kinds in leave do nothing when they are undone: somebody else has the machine since.
func (t Tools) Open(recorded deployment.Recorded, leave ...string) ([]engine.Action, error) {
	planned := recorded.Actions
	if planned == nil {
		for _, action := range []engine.Action{t.Try(recorded.Header), check{}, t.Commit(recorded.Header, nil)} {
			data, err := json.Marshal(action)
			if err != nil {
				return nil, err
			}
			planned = append(planned, engine.Planned{Kind: action.Kind(), Data: data})
		}
	}
	checks, err := recorded.Header.Checks()
	if err != nil {
		return nil, err
	}
	var actions []engine.Action
	for i, one := range planned {
		action, err := t.open(one)
		if err != nil {
			return nil, fmt.Errorf("deployment %d: action %d: %w", recorded.ID, i+1, err)
		}
		if one.Kind == checkKind {
			action = t.Check(recorded.Header, checks)
		}
		if try, is := action.(*guard.Try); is {
			try.Again = recorded.Began(guard.TryKind)
		}
		if slices.Contains(leave, one.Kind) {
			action = left{action}
		}
		actions = append(actions, action)
	}
	return t.Told(actions), nil
}

// left is an action that is not taken back.
type left struct{ engine.Action }

func (left) Undo(context.Context) error { return nil }

// UnknownKindError is an action of a newer nqd.
type UnknownKindError struct{ Kind string }

func (e *UnknownKindError) Error() string {
	return fmt.Sprintf("%q: this nqd knows no such action", e.Kind)
}

// Hint says which nqd does.
func (*UnknownKindError) Hint() string {
	return "use the nqd that began the deployment, or a newer one"
}

// check is the action between trying and committing.
type check struct {
	doctor doctor.Doctor
	checks []doctor.Check
}

const checkKind = "check"

func (check) Kind() string { return checkKind }

func (c check) Describe() string {
	if len(c.checks) == 1 {
		return "ask 1 check"
	}
	return fmt.Sprintf("ask %d checks", len(c.checks))
}

func (c check) Do(ctx context.Context) error { return c.doctor.Run(ctx, c.checks) }

// Undo does nothing: asking changes nothing.
func (check) Undo(context.Context) error { return nil }

// Holds is false: what was healthy once is asked again.
func (check) Holds(context.Context) (bool, error) { return false, nil }

// MarshalJSON has nothing to keep: the checks are in the manifest.
func (check) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

// inside runs programs for checks, with the paths of the deployed system's user.
func (t Tools) inside(header deployment.Header) insideMachine {
	path := "/run/current-system/sw/bin"
	if header.Manifest != nil {
		path = "/etc/profiles/per-user/" + header.Manifest.User + "/bin:" + path
	}
	return insideMachine{t.Machine, path}
}

type insideMachine struct {
	machine *machine.Machine
	path    string
}

// Output implements doctor.Inside. env(1) of the machine looks the program up, on the
// machine's PATH and not on ours.
func (i insideMachine) Output(ctx context.Context, argv ...string) ([]byte, error) {
	return i.machine.Output(ctx, machine.Cmd{
		Doing:  "asking",
		Path:   "/run/current-system/sw/bin/env",
		Args:   argv,
		Env:    []string{"PATH=" + i.path, "LC_ALL=C.UTF-8"},
		Inside: true,
	})
}

// Underway says how far each action of a deployment came.
func (t Tools) Underway(recorded deployment.Recorded) ([]event.PlannedStep, error) {
	actions, err := t.Open(recorded)
	if err != nil {
		return nil, err
	}
	steps := []event.PlannedStep{}
	for i, action := range actions {
		steps = append(steps, event.PlannedStep{Action: action.Kind(), Does: action.Describe(), State: string(recorded.State(i + 1))})
	}
	return steps, nil
}

// stationOf is the station that an action of that kind belongs to.
func stationOf(kind string) event.Station {
	if kind == (&snapshot.Restore{}).Kind() {
		return event.Snapshot
	}
	first, _, _ := strings.Cut(kind, ".")
	return event.Station(first)
}
