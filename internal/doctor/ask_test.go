package doctor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// discard is a sink that keeps nothing.
func discard(event.Event) {}

// informed is an error that knows more.
type informed struct{ error }

func (informed) Cause() string { return "nouveau was first" }
func (informed) Cure() string  { return "restart" }

// asks runs one check of the kind gpu and counts how often it is asked.
func asks(t *testing.T, ask Ask, check Check) (asked int, remark, problem, cause, cure string, seconds float64, err error) {
	t.Helper()
	check.Kind, check.Target = GPU, "nvidia-module"
	counting := func(ctx context.Context, c Check) (string, error) {
		asked++
		return ask(ctx, c)
	}
	results, err := Doctor{Sink: discard, Asks: map[Kind]Ask{GPU: counting}}.Results(t.Context(), []Check{check})
	if err != nil {
		t.Fatal(err)
	}
	r := results[0]
	if r.OK != (r.Problem == "") {
		t.Errorf("ok %t, problem %q", r.OK, r.Problem)
	}
	return asked, r.Remark, r.Problem, r.Cause, r.Cure, r.Seconds, nil
}

// A driver does not come up by being asked again: once is enough, however long the grace.
func TestAskedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := func(context.Context, Check) (string, error) { return "words", informed{errors.New("no module")} }
		asked, remark, problem, cause, cure, seconds, _ := asks(t, bad, Check{Grace: 60})
		if asked != 1 || remark != "" || problem != "no module" || cause != "nouveau was first" || cure != "restart" || seconds != 0 {
			t.Errorf("asked %d times in %g s: %q, %q, %q, %q", asked, seconds, remark, problem, cause, cure)
		}
		later := func(context.Context, Check) (string, error) { return "from the next start on", nil }
		if asked, remark, problem, _, _, _, _ := asks(t, later, Check{Grace: 60}); asked != 1 || remark != "from the next start on" || problem != "" {
			t.Errorf("asked %d times: %q, %q", asked, remark, problem)
		}
	})
}

// A question that hangs ends with its grace.
func TestAskedInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hanging := func(ctx context.Context, _ Check) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}
		_, _, problem, _, _, seconds, _ := asks(t, hanging, Check{Grace: 20})
		if problem != "no answer within 20s" || seconds != (20*time.Second).Seconds() {
			t.Errorf("%q after %g s", problem, seconds)
		}
	})
}

// A card that does not work is told, and keeps no deployment from being committed unless somebody says so.
func TestGPUIsNotCritical(t *testing.T) {
	t.Parallel()
	bad := map[Kind]Ask{GPU: func(context.Context, Check) (string, error) { return "", errors.New("no module") }}
	check := Check{Feature: "gpu-nvidia", ID: "module", Kind: GPU, Target: "nvidia-module", Grace: 1}
	if err := (Doctor{Sink: discard, Asks: bad}).Run(t.Context(), []Check{check}); err != nil {
		t.Errorf("not critical: %v", err)
	}
	check.Critical = true
	var unhealthy *Unhealthy
	if err := (Doctor{Sink: discard, Asks: bad}).Run(t.Context(), []Check{check}); !errors.As(err, &unhealthy) {
		t.Errorf("critical: %v", err)
	}
}

// Results stand in the order of the checks, not of the answers.
func TestResultsInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ask := func(_ context.Context, c Check) (string, error) {
			<-time.After(time.Duration(c.Grace) * time.Second / 2) // of the bubble
			return "", nil
		}
		checks := []Check{{ID: "slow", Kind: GPU, Target: "x", Grace: 20}, {ID: "fast", Kind: GPU, Target: "x", Grace: 2}}
		results, err := Doctor{Sink: discard, Asks: map[Kind]Ask{GPU: ask}}.Results(t.Context(), checks)
		if err != nil || results[0].ID != "slow" || results[1].ID != "fast" || results[0].Seconds != 10 || results[1].Seconds != 1 {
			t.Errorf("%+v, %v", results, err)
		}
	})
}
