package step

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/doctor"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
)

const (
	oldSystem machine.StorePath = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old"
	newSystem machine.StorePath = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-new"
)

var header = deployment.Header{
	Old: oldSystem, New: newSystem, Before: machine.Generation{Number: 3, System: oldSystem},
	Manifest: &evaluation.Manifest{
		Units: []string{"a.service"}, User: "ada",
		Checks: json.RawMessage(`[{"feature":"f","id":"one","kind":"unit","target":"a.service","critical":true,"grace":1}]`),
	},
}

// planned is what a journal has of actions.
func planned(t *testing.T, actions []engine.Action) []engine.Planned {
	t.Helper()
	var all []engine.Planned
	for _, action := range actions {
		data, err := json.Marshal(action)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, engine.Planned{Kind: action.Kind(), Data: data})
	}
	return all
}

// inner is an action without what tells of it.
func inner(action engine.Action) engine.Action {
	if told, is := action.(teller); is {
		return told.Action
	}
	return action
}

// Every kind of action is opened again as what it was, from its data alone.
func TestOpen(t *testing.T) {
	t.Parallel()
	checks, err := header.Checks()
	if err != nil {
		t.Fatal(err)
	}
	tools := Tools{Sink: func(event.Event) {}, Guard: &guard.Guard{}}
	data := snapshot.Data{Feature: "grafana", Path: "/var/lib/grafana", Kind: "sqlite", Units: []string{"grafana.service"}}
	actions := []engine.Action{
		&snapshot.Snapshot{Data: data, Dir: snapshot.Place(5, 1), Old: oldSystem},
		&snapshot.Restore{Data: data, Dir: snapshot.Place(4, 1), Deployment: 5},
		&home.Folders{}, &home.Clear{Path: "/home/ada/.zshrc", Backup: 2}, &home.Settle{}, &home.Links{},
		tools.Try(header), &home.Unlink{}, &home.Return{Path: "/home/ada/.bashrc", Backup: 1},
		tools.Check(header, checks),
		&Workspace{Target: git.Commit{ID: "a", Tree: "b"}, Before: git.Commit{ID: "c", Tree: "d"}, Paths: []string{"hosts"}, Of: 1, Backup: 3},
		tools.Commit(header, []int{1, 2, 3}),
	}
	recorded := deployment.Recorded{Deployment: engine.Deployment{ID: 5, Actions: planned(t, tools.Told(actions))}, Header: header}
	opened, err := tools.Open(recorded)
	if err != nil {
		t.Fatal(err)
	}
	again := planned(t, opened)
	for i, one := range recorded.Actions {
		if again[i].Kind != one.Kind || string(again[i].Data) != string(one.Data) {
			t.Errorf("%s: opened as %s %s, was %s", one.Kind, again[i].Kind, again[i].Data, one.Data)
		}
		if opened[i].Describe() == "" {
			t.Errorf("%s: no words", one.Kind)
		}
	}
	if got := inner(opened[9]).(check); len(got.checks) != 1 || got.checks[0].Target != "a.service" {
		t.Errorf("checks %+v", got.checks)
	}
	if try := inner(opened[6]).(*guard.Try); try.Guard != tools.Guard || !slices.Equal(try.Units, []string{"a.service"}) {
		t.Errorf("try %+v", try)
	}
}

// Journals of format 1 have no plan: their deployments were always the same.
func TestOpenFormat1(t *testing.T) {
	t.Parallel()
	tools := Tools{Sink: func(event.Event) {}}
	opened, err := tools.Open(deployment.Recorded{Header: header})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, action := range opened {
		kinds = append(kinds, action.Kind())
	}
	if got := strings.Join(kinds, " "); got != "try check commit" {
		t.Errorf("opened %s", got)
	}
	if commit := inner(opened[2]).(*guard.Commit); commit.Before != header.Before || commit.New != newSystem {
		t.Errorf("commit %+v", commit)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tools := Tools{Sink: func(event.Event) {}}
	open := func(one engine.Planned) error {
		_, err := tools.Open(deployment.Recorded{Deployment: engine.Deployment{ID: 7, Actions: []engine.Planned{one}}, Header: header})
		return err
	}
	var unknown *UnknownKindError
	if err := open(engine.Planned{Kind: "teleport", Data: []byte("{}")}); !errors.As(err, &unknown) || unknown.Kind != "teleport" || unknown.Hint() == "" {
		t.Errorf("got %v", err)
	}
	if err := open(engine.Planned{Kind: guard.TryKind, Data: []byte(`{"old": 1}`)}); err == nil || !strings.HasPrefix(err.Error(), "deployment 7: action 1: ") {
		t.Errorf("got %v", err)
	}
	if err := open(engine.Planned{Kind: home.KindClear, Data: []byte(`{"path": 1}`)}); err == nil {
		t.Error("opened damaged data")
	}
}

// noted is an action that notes what is done with it.
type noted struct {
	kind string
	log  *[]string
}

func (n noted) Kind() string                        { return n.kind }
func (n noted) Describe() string                    { return "words of " + n.kind }
func (n noted) Do(context.Context) error            { *n.log = append(*n.log, "do "+n.kind); return nil }
func (n noted) Undo(context.Context) error          { *n.log = append(*n.log, "undo "+n.kind); return nil }
func (noted) Holds(context.Context) (bool, error)   { return true, nil }
func (noted) MarshalJSON() (text []byte, err error) { return []byte(`{"x":1}`), nil }

// What belongs to one station is told once, and what is journalled is the action itself.
func TestTold(t *testing.T) {
	t.Parallel()
	var log []string
	tools := Tools{Sink: func(e event.Event) {
		if began, is := e.(event.StationStarted); is {
			log = append(log, string(began.Station)+": "+began.Subject)
		}
	}}
	told := tools.Told([]engine.Action{
		noted{"state.restore", &log}, noted{"home.folders", &log}, noted{"home.clear", &log}, noted{"home.clear", &log}, noted{"home.links", &log},
		noted{"try", &log}, noted{"home.return", &log}, check{checks: make([]doctor.Check, 2)},
	})
	for _, action := range told[:7] {
		if err := action.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"snapshot: words of state.restore", "do state.restore", "home: words of home.clear, and 1 more",
		"do home.folders", "do home.clear", "do home.clear", "do home.links", "try: words of try", "do try", "home: words of home.return", "do home.return",
	}
	if !slices.Equal(log, want) {
		t.Errorf("got %q, want %q", log, want)
	}
	if data, err := json.Marshal(told[0]); err != nil || string(data) != `{"x":1}` {
		t.Errorf("journalled %s, %v", data, err)
	}
}

// What somebody else changed since is left, and the rest is taken back.
func TestLeft(t *testing.T) {
	t.Parallel()
	var log []string
	if err := (left{noted{"try", &log}}).Undo(t.Context()); err != nil || len(log) != 0 {
		t.Errorf("%v, %q", err, log)
	}
	tools := Tools{Sink: func(event.Event) {}}
	opened, err := tools.Open(deployment.Recorded{Header: header}, guard.TryKind)
	if err != nil {
		t.Fatal(err)
	}
	if _, is := inner(opened[0]).(left); !is {
		t.Errorf("try is opened as %T", inner(opened[0]))
	}
	if _, is := inner(opened[2]).(left); is {
		t.Error("commit is left too")
	}
}

// How far each action came is told with what it does.
func TestUnderway(t *testing.T) {
	t.Parallel()
	recorded := deployment.Recorded{Header: header, Deployment: engine.Deployment{Steps: []engine.Step{
		{Action: "deployment", State: "started"}, {Number: 1, Action: "try", State: "started"},
		{Number: 1, Action: "try", State: "done"}, {Number: 2, Action: "check", State: "started"},
	}}}
	steps, err := Tools{Sink: func(event.Event) {}}.Underway(recorded)
	want := []event.PlannedStep{
		{Action: "try", Does: "run new, without booting it", State: "done"},
		{Action: "check", Does: "ask 1 check", State: "started"},
		{Action: "commit", Does: "make new the boot default"},
	}
	if err != nil || !slices.Equal(steps, want) {
		t.Errorf("got %+v, %v", steps, err)
	}
}

// failing is an action that says a password.
type failing struct{ noted }

func (failing) Do(context.Context) error   { return fmt.Errorf("asking: %w", errSaid) }
func (failing) Undo(context.Context) error { return errSaid }

var errSaid = errors.New("nix: https://ada:" + "correct-horse" + "@cache.example does not answer")

// What the journal keeps of a failure has no secrets in it, and stays the error that it is.
func TestErrorsWithoutSecrets(t *testing.T) {
	t.Parallel()
	var log []string
	tools := Tools{Sink: func(event.Event) {}, Secrets: &redact.Redactor{}}
	told := tools.Told([]engine.Action{failing{noted{"try", &log}}, noted{"check", &log}})
	for name, err := range map[string]error{"do": told[0].Do(t.Context()), "undo": told[0].Undo(t.Context())} {
		if !errors.Is(err, errSaid) || strings.Contains(err.Error(), "correct-horse") || !strings.Contains(err.Error(), "cache.example") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := told[1].Do(t.Context()); err != nil {
		t.Error(err)
	}
}
