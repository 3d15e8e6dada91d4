package deployment

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/runlog"
)

func TestStepSeconds(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 5, 30, 9, 8, 7, 0, time.UTC)
	step := func(action, state string, seconds int) engine.Step {
		return engine.Step{Time: start.Add(time.Duration(seconds) * time.Second), Action: action, State: state}
	}
	for name, c := range map[string]struct {
		steps []engine.Step
		want  map[event.Station]float64
	}{
		"nothing": {nil, map[event.Station]float64{}},
		"committed": {
			[]engine.Step{
				step("deployment", "started", 0), step("try", "started", 1), step("try", "done", 13), step("check", "started", 13),
				step("check", "done", 20), step("commit", "started", 21), step("commit", "done", 24), step("deployment", "done", 25),
			},
			map[event.Station]float64{event.Try: 12, event.Check: 7, event.Commit: 3},
		},
		"the clock was put back": {
			[]engine.Step{step("try", "started", 100), step("try", "done", 50), step("check", "started", 50), step("check", "done", 51)},
			map[event.Station]float64{event.Try: 0, event.Check: 1},
		},
		"several of a kind": {
			[]engine.Step{
				step("home.clear", "started", 0), step("home.clear", "done", 1), step("home.clear", "started", 1), step("home.clear", "done", 3),
				step("try", "started", 3), step("try", "done", 13), step("home.return", "started", 13), step("home.return", "done", 14),
			},
			map[event.Station]float64{event.Home: 4, event.Try: 10},
		},
		"taken back": {
			[]engine.Step{step("try", "started", 0), step("try", "failed", 2), step("try", "undoing", 2), step("try", "undone", 9)},
			map[event.Station]float64{event.Try: 2},
		},
		"killed": {[]engine.Step{step("try", "started", 0)}, map[event.Station]float64{}},
	} {
		if got := stepSeconds(c.steps); !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// step is an action of that name that does nothing.
type step string

func (s step) Kind() string                      { return string(s) }
func (s step) Describe() string                  { return string(s) }
func (step) Do(context.Context) error            { return nil }
func (step) Undo(context.Context) error          { return nil }
func (step) Holds(context.Context) (bool, error) { return true, nil }

// older is the header of a deployment before nqd noted times.
type older struct {
	Host string `json:"host"`
}

func TestTook(t *testing.T) {
	t.Parallel()
	h := History{engine.History{Dir: t.TempDir()}}
	record := func(header any, result engine.Result) {
		t.Helper()
		run, err := h.Next()
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Begin(header, []engine.Action{step("try"), step("check"), step("commit")}); err != nil {
			t.Fatal(err)
		}
		if result == engine.Committed {
			if err := run.Do(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if result != engine.Interrupted {
			if err := run.End(result, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := func(id int) []event.Effort {
		t.Helper()
		got := h.Took("orion")
		if id == 0 && len(got) == 0 {
			return nil
		}
		if len(got) != 1 || got[0].Deployment != id {
			t.Fatalf("got %+v, want deployment %d", got, id)
		}
		return got
	}
	work := runlog.Effort{Seconds: map[event.Station]float64{event.Build: 7}, Built: 2, Fetched: 3}
	want(0)
	record(older{Host: "orion"}, engine.Committed)
	want(0)
	record(Header{Host: "vega", Took: work}, engine.Committed)
	record(Header{Host: "orion", Took: work}, engine.Reverted)
	record(Header{Host: "orion", Took: work}, engine.Interrupted)
	record(Header{Host: "orion", Took: runlog.Effort{Seconds: work.Seconds}}, engine.Committed) // had nothing to do
	want(0)
	record(Header{Host: "orion", Took: runlog.Effort{Built: 1}}, engine.Committed) // without times
	took := want(6)[0]
	record(Header{Host: "orion", Took: work}, engine.Committed)
	record(older{Host: "orion"}, engine.Committed)
	for _, one := range []event.Effort{took, want(7)[0]} {
		for _, station := range []event.Station{event.Try, event.Check, event.Commit} {
			if _, known := one.Seconds[station]; !known {
				t.Errorf("deployment %d: nothing of %s: %v", one.Deployment, station, one.Seconds)
			}
		}
	}
	if took := want(7)[0]; took.Seconds[event.Build] != 7 || took.Built != 2 || took.Fetched != 3 {
		t.Errorf("got %+v", took)
	}
}
