package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// inside is a machine whose programs answer as the test says.
type inside struct {
	lock   sync.Mutex
	asked  [][]string
	answer func(asked int) (string, error)
}

func (i *inside) Output(_ context.Context, argv ...string) ([]byte, error) {
	i.lock.Lock()
	defer i.lock.Unlock()
	i.asked = append(i.asked, argv)
	out, err := i.answer(len(i.asked))
	return []byte(out), err
}

// run asks checks and returns what was told of each, in the order of the checks.
func run(t *testing.T, within Inside, checks ...Check) ([]event.Checked, error) {
	t.Helper()
	var lock sync.Mutex
	var told []event.Checked
	sink := func(e event.Event) {
		lock.Lock()
		defer lock.Unlock()
		told = append(told, e.(event.Checked))
	}
	err := Doctor{Inside: within, Sink: sink}.Run(t.Context(), checks)
	var ordered []event.Checked
	for _, check := range checks {
		at := slices.IndexFunc(told, func(e event.Checked) bool { return e.ID == check.ID && e.Target == check.Target })
		if at >= 0 {
			ordered = append(ordered, told[at])
			told = slices.Delete(told, at, at+1)
		}
	}
	if len(told) > 0 {
		t.Errorf("told without being asked: %v", told)
	}
	return ordered, err
}

// A result is told when it is there, not when the slowest check has its own.
func TestToldAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &inside{answer: func(int) (string, error) { return "failed", errors.New("exit code 3") }}
		start := time.Now()
		when := map[string]time.Duration{}
		var lock sync.Mutex
		sink := func(e event.Event) {
			lock.Lock()
			defer lock.Unlock()
			when[e.(event.Checked).ID] = time.Since(start)
		}
		err := Doctor{Inside: m, Sink: sink}.Run(t.Context(), []Check{
			{ID: "slow", Kind: Unit, Target: "a", Grace: 60}, {ID: "fast", Kind: Unit, Target: "b", Grace: 1},
		})
		if err != nil || when["fast"] != time.Second || when["slow"] != time.Minute {
			t.Errorf("told at %v, %v", when, err)
		}
	})
}

// A question that hangs is given up, and the service is asked again.
func TestHangingAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hanging := &blocking{}
		got := one(t, hanging, Check{Kind: Command, Target: "x", Argv: []string{"x"}, Grace: 12})
		if got != "no answer within 5s" {
			t.Errorf("got %q", got)
		}
	})
}

// one asks one check and returns its problem.
func one(t *testing.T, within Inside, check Check) string {
	t.Helper()
	check.Feature, check.ID, check.Critical = "ollama", "api", true
	if check.Grace == 0 {
		check.Grace = 1
	}
	told, err := run(t, within, check)
	if len(told) != 1 {
		t.Fatalf("told %v", told)
	}
	got := told[0]
	if got.OK != (got.Problem == "") || got.OK != (err == nil) {
		t.Errorf("ok %t, problem %q, error %v: they do not fit", got.OK, got.Problem, err)
	}
	want := event.Checked{
		Feature: "ollama", ID: "api", Kind: string(check.Kind), Target: check.Target, Critical: true,
		OK: got.OK, Problem: got.Problem, Cause: got.Cause, Cure: got.Cure, Seconds: got.Seconds,
	}
	if got != want {
		t.Errorf("told %+v, want %+v", got, want)
	}
	return got.Problem
}

func TestUnit(t *testing.T) {
	t.Parallel()
	exit3 := errors.New("asking: exit code 3")
	for name, c := range map[string]struct {
		out  string
		err  error
		want string
	}{
		"active":     {"active\n", nil, ""},
		"failed":     {"failed\n", exit3, "is failed"},
		"inactive":   {"inactive\n", exit3, "is inactive"},
		"no machine": {"", exit3, "asking: exit code 3"},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := &inside{answer: func(int) (string, error) { return c.out, c.err }}
			if got := one(t, m, Check{Kind: Unit, Target: "ollama.service"}); got != c.want {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
			if want := []string{"systemctl", "is-active", "ollama.service"}; !slices.Equal(m.asked[0], want) {
				t.Errorf("ran %q, want %q", m.asked[0], want)
			}
		})
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		argv := []string{"git", "--version", "a b"}
		m := &inside{answer: func(int) (string, error) { return "", nil }}
		if got := one(t, m, Check{Kind: Command, Target: "git --version", Argv: argv}); got != "" {
			t.Errorf("got %q", got)
		}
		if len(m.asked) != 1 || !slices.Equal(m.asked[0], argv) {
			t.Errorf("ran %q, want %q once", m.asked, argv)
		}
		m = &inside{answer: func(int) (string, error) { return "some words", errors.New("exit code 127") }}
		if got := one(t, m, Check{Kind: Command, Target: "git", Argv: argv}); got != "exit code 127" {
			t.Errorf("got %q", got)
		}
	})
}

// A check passes as soon as one answer is good, and is not asked again then.
func TestPassesAfterAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &inside{answer: func(asked int) (string, error) {
			if asked < 3 {
				return "activating", errors.New("exit code 3")
			}
			return "active", nil
		}}
		if got := one(t, m, Check{Kind: Unit, Target: "a.service", Grace: 3600}); got != "" || len(m.asked) != 3 {
			t.Errorf("got %q after %d questions, want none after 3", got, len(m.asked))
		}
	})
}

// blocking answers once and then not before it is cancelled.
type blocking struct {
	first error
	asked chan struct{}
	again bool
}

func (b *blocking) Output(ctx context.Context, _ ...string) ([]byte, error) {
	if !b.again && b.first != nil {
		b.again = true
		return nil, b.first
	}
	if b.asked != nil {
		close(b.asked)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// "Deadline exceeded" while asking once more says nothing about what is wrong.
func TestGraceKeepsTheLastAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if got := one(t, &blocking{first: errors.New("is failed")}, Check{Kind: Command, Target: "x", Argv: []string{"x"}}); got != "is failed" {
			t.Errorf("got %q", got)
		}
		if got := one(t, &blocking{}, Check{Kind: Command, Target: "x", Argv: []string{"x"}}); got != "context deadline exceeded" {
			t.Errorf("without any answer: got %q", got)
		}
		changing := &inside{answer: func(asked int) (string, error) { return fmt.Sprint("state ", min(asked, 2)), errors.New("exit code 3") }}
		if got := one(t, changing, Check{Kind: Unit, Target: "x"}); got != "is state 2" {
			t.Errorf("got %q, want the last answer", got)
		}
	})
}

func TestCriticalOrNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &inside{answer: func(int) (string, error) { return "failed", errors.New("exit code 3") }}
		check := func(id string, critical bool) Check {
			return Check{Feature: "f", ID: id, Kind: Unit, Target: id + ".service", Critical: critical, Grace: 1}
		}
		told, err := run(t, m, check("a", false), check("b", false))
		if err != nil || len(told) != 2 || told[0].OK || told[1].OK {
			t.Errorf("not critical: %v, %v", told, err)
		}
		told, err = run(t, m, check("a", true), check("b", false), check("c", true))
		if want := "f.a: a.service: is failed; f.c: c.service: is failed"; err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		var unhealthy *Unhealthy
		if !errors.As(err, &unhealthy) || !slices.Equal(unhealthy.Failed, []event.Checked{told[0], told[2]}) {
			t.Errorf("got %#v", err)
		}
		if told, err := run(t, m); err != nil || told != nil {
			t.Errorf("no checks: %v, %v", told, err)
		}
	})
}

func TestAskedAtTheSameTime(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	all.Add(3)
	within := together{&all}
	check := Check{Feature: "f", ID: "x", Kind: Unit, Target: "x", Critical: true, Grace: 3600}
	if _, err := run(t, within, check, check, check); err != nil {
		t.Error(err)
	}
}

// The time of the bubble is exact: a failing check is asked every 250 ms until 3 s are over.
func TestGrace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := &inside{answer: func(int) (string, error) { return "failed", errors.New("exit code 3") }}
		told, err := run(t, m, Check{Kind: Unit, Target: "x", Grace: 3})
		if err != nil || told[0].Seconds != 3 || len(m.asked) < 12 || len(m.asked) > 13 {
			t.Errorf("%v; asked %d times within %g s", err, len(m.asked), told[0].Seconds)
		}
	})
}

// together answers once everybody was asked.
type together struct{ all *sync.WaitGroup }

func (w together) Output(context.Context, ...string) ([]byte, error) {
	w.all.Done()
	w.all.Wait()
	return []byte("active"), nil
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		within := &blocking{asked: make(chan struct{})}
		why := errors.New("the user pressed Ctrl-C")
		go func() {
			<-within.asked
			cancel(why)
		}()
		sink := func(e event.Event) { t.Errorf("told %v of a run that was cancelled", e) }
		check := Check{Feature: "f", ID: "x", Kind: Command, Argv: []string{"x"}, Target: "x", Critical: true, Grace: 3600}
		if err := (Doctor{Inside: within, Sink: sink}).Run(ctx, []Check{check}); !errors.Is(err, why) {
			t.Errorf("got %v, want %v", err, why)
		}
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := Parse([]byte(`[
		{"feature":"ollama","id":"api","kind":"http","critical":true,"grace":30,"target":"http://127.0.0.1:11434/","status":200},
		{"feature":"postgresql","id":"port","kind":"tcp","critical":false,"grace":1,"target":"127.0.0.1:5432"},
		{"feature":"git","id":"runs","kind":"command","critical":false,"grace":5,"target":"git --version","argv":["git","--version"]},
		{"feature":"base","id":"unit","kind":"unit","critical":true,"grace":5,"target":"x.service"},
		{"feature":"ollama","id":"gpu","kind":"gpu","critical":false,"grace":5,"target":"ollama-gpu","address":"127.0.0.1:11434"}
	]`))
	want := []Check{
		{Feature: "ollama", ID: "api", Kind: HTTP, Critical: true, Grace: 30, Target: "http://127.0.0.1:11434/", Status: 200},
		{Feature: "postgresql", ID: "port", Kind: TCP, Grace: 1, Target: "127.0.0.1:5432"},
		{Feature: "git", ID: "runs", Kind: Command, Grace: 5, Target: "git --version", Argv: []string{"git", "--version"}},
		{Feature: "base", ID: "unit", Kind: Unit, Critical: true, Grace: 5, Target: "x.service"},
		{Feature: "ollama", ID: "gpu", Kind: GPU, Grace: 5, Target: "ollama-gpu", Address: "127.0.0.1:11434"},
	}
	equal := func(a, b Check) bool { return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b) }
	if err != nil || !slices.EqualFunc(got, want, equal) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:   "checks: ",
		`{}`: "checks: ",
		`[{"feature":"f","id":"i","kind":"ping","target":"x","grace":1}]`:                          `check f.i: unknown kind "ping"`,
		`[{"feature":"f","id":"i","target":"x","grace":1}]`:                                        `check f.i: unknown kind ""`,
		`[{"feature":"f","id":"i","kind":"tcp","grace":1}]`:                                        "check f.i: has no target",
		`[{"feature":"f","id":"i","kind":"command","target":"x","grace":1}]`:                       "check f.i: has no argv",
		`[{"feature":"f","id":"i","kind":"command","target":"x","argv":[],"grace":1}]`:             "check f.i: has no argv",
		`[{"feature":"f","id":"i","kind":"tcp","target":"x"}]`:                                     "check f.i: has no grace",
		`[{"feature":"f","id":"i","kind":"tcp","target":"x","grace":-1}]`:                          "check f.i: has no grace",
		`[{"feature":"f","id":"i","kind":"http","target":"http://x","grace":1}]`:                   "check f.i: 0 is no HTTP status",
		`[{"feature":"f","id":"i","kind":"http","target":"http://x","grace":1,"status":600}]`:      "check f.i: 600 is no HTTP status",
		`[{"feature":"f","id":"i","kind":"tcp","target":"x","grace":1},{"id":"second"}]`:           `check .second: unknown kind ""`,
		`[{"feature":"f","id":"i","kind":"http","target":"http://x","grace":1,"status":"number"}]`: "checks: ",
	} {
		got, err := Parse([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) || got != nil {
			t.Errorf("%s: got %v, %v; want an error %q", text, got, err, want)
		}
	}
	for status, passes := range map[int]bool{99: false, 100: true, 599: true, 600: false} {
		if problem := (Check{Kind: HTTP, Target: "x", Grace: 1, Status: status}).problem(); (problem == "") != passes {
			t.Errorf("status %d: %q", status, problem)
		}
	}
	for _, kind := range []Kind{HTTP, TCP, Unit, Command} {
		if problem := (Check{Kind: kind, Target: "x", Grace: 1, Status: 200, Argv: []string{"x"}}).problem(); problem != "" {
			t.Errorf("%s: %s", kind, problem)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		if _, err := run(t, nil, Check{Kind: "ping", Critical: true, Grace: 1}); err == nil || !strings.Contains(err.Error(), `unknown kind of check "ping"`) {
			t.Errorf("an unknown kind passes: %v", err)
		}
	})
}
