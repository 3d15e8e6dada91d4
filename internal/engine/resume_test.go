package engine

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine/journal"
)

// past makes a run of the actions of those kinds and gives it a record, such as "1 started" for the first action.
func past(t *testing.T, h History, kinds []string, records ...string) int {
	t.Helper()
	var actions []Action
	for _, kind := range kinds {
		actions = append(actions, step{name: kind})
	}
	run := begin(t, h.Dir, actions...)
	for _, record := range records {
		number, state, _ := strings.Cut(record, " ")
		place, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		if err := run.journal.Append(place, kinds[place-1], journal.State(state), nil); err != nil {
			t.Fatal(err)
		}
	}
	run.journal.Close()
	return run.ID
}

// opens returns those actions for Reopen.
func opens(actions ...Action) func(Deployment) ([]Action, error) {
	return func(Deployment) ([]Action, error) { return actions, nil }
}

func reopen(t *testing.T, h History, id int, actions ...Action) *Run {
	t.Helper()
	run, err := h.Reopen(id, opens(actions...))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func TestResume(t *testing.T) {
	t.Parallel()
	no := func() (bool, error) { return false, nil }
	unknown := func() (bool, error) { return true, errors.New("cannot tell") }
	for name, test := range map[string]struct {
		records []string
		holds   [3]func() (bool, error)
		want    string
	}{
		"nothing was begun":         {nil, [3]func() (bool, error){}, "do a, do b, do c"},
		"cut off in the second":     {[]string{"1 started", "1 done", "2 started"}, [3]func() (bool, error){}, "ask a, do b, do c"},
		"cut off behind the second": {[]string{"1 started", "1 done", "2 started", "2 done"}, [3]func() (bool, error){}, "ask a, ask b, do c"},
		"the second failed":         {[]string{"1 started", "1 done", "2 started", "2 failed"}, [3]func() (bool, error){}, "ask a, do b, do c"},
		"the first does not hold":   {[]string{"1 started", "1 done", "2 started", "2 done"}, [3]func() (bool, error){no}, "ask a, do a, do b, do c"},
		"the second does not hold": {
			[]string{"1 started", "1 done", "2 started", "2 done", "3 started"}, [3]func() (bool, error){nil, no}, "ask a, ask b, do b, do c",
		},
		"the second cannot tell": {
			[]string{"1 started", "1 done", "2 started", "2 done", "3 started"}, [3]func() (bool, error){nil, unknown}, "ask a, ask b, do b, do c",
		},
		"cut off while doing the first again": {
			[]string{"1 started", "1 done", "2 started", "2 done", "1 started", "1 done"}, [3]func() (bool, error){}, "ask a, do b, do c",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := History{Dir: t.TempDir()}
			id := past(t, h, []string{"a", "b", "c"}, test.records...)
			var log []string
			var actions []Action
			for i, kind := range []string{"a", "b", "c"} {
				actions = append(actions, step{name: kind, log: &log, holds: test.holds[i]})
			}
			run := reopen(t, h, id, actions...)
			if err := run.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			same(t, "calls", []string{strings.Join(log, ", ")}, test.want)
			if d, err := h.Get(id); err != nil || d.Result != Committed || d.Closed {
				t.Errorf("recorded as %q, closed %v, %v", d.Result, d.Closed, err)
			}
			if err := run.End(Committed, nil); err != nil {
				t.Error(err)
			}
			if d, err := h.Get(id); err != nil || d.Result != Committed || !d.Closed {
				t.Errorf("recorded at the end as %q, closed %v, %v", d.Result, d.Closed, err)
			}
		})
	}
}

// TestResumeFails: what an earlier process began is taken back as well.
func TestResumeFails(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	id := past(t, h, []string{"a", "b", "c"}, "1 started", "1 done", "2 started")
	var log []string
	no := errors.New("no")
	run := reopen(t, h, id, step{name: "a", log: &log}, step{name: "b", log: &log, do: fails(no)}, step{name: "c", log: &log})
	if err := run.Resume(t.Context()); !errors.Is(err, no) {
		t.Errorf("error %v, want %v", err, no)
	}
	same(t, "calls", log, "ask a", "do b", "undo b", "undo a")
	same(t, "journal", recorded(t, run), "a started", "a done", "b started", "b started", "b failed",
		"b undoing", "b undone", "a undoing", "a undone")
	if err := run.Resume(t.Context()); !errors.Is(err, ErrTakingBack) {
		t.Errorf("resuming then: %v, want ErrTakingBack", err)
	}
}

// TestResumeStopped: told to stop before it began, it takes back what the earlier process began.
func TestResumeStopped(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	id := past(t, h, []string{"a", "b"}, "1 started")
	var log []string
	run := reopen(t, h, id, step{name: "a", log: &log}, step{name: "b", log: &log})
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	cancel(stopped)
	if err := run.Resume(ctx); !errors.Is(err, stopped) {
		t.Errorf("error %v, want %v", err, stopped)
	}
	same(t, "calls", log, "undo a")
}

// TestNotForward: a run that is being taken back is not done again, not even in part.
func TestNotForward(t *testing.T) {
	t.Parallel()
	for _, last := range [][]string{{"2 undoing"}, {"2 undoing", "2 undone"}, {"2 undoing", "2 failed"}} {
		h := History{Dir: t.TempDir()}
		id := past(t, h, []string{"a", "b"}, append([]string{"1 started", "1 done", "2 started", "2 failed"}, last...)...)
		var log []string
		run := reopen(t, h, id, step{name: "a", log: &log}, step{name: "b", log: &log})
		if err := run.Resume(t.Context()); !errors.Is(err, ErrTakingBack) {
			t.Errorf("%q: error %v, want ErrTakingBack", last, err)
		}
		same(t, "calls", log)
		if err := run.TakeBack(t.Context(), nil); err != nil {
			t.Error(err)
		}
		want := []string{"undo b", "undo a"}
		if last[len(last)-1] == "2 undone" {
			want = want[1:]
		}
		same(t, "calls", log, want...)
	}
}

// TestTakeBack goes on past errors, newest first, tells them all, and a later one tries those again and no others.
func TestTakeBack(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	kinds := []string{"a", "b", "c", "d", "e"}
	id := past(t, h, kinds, "1 started", "1 done", "2 started", "2 done", "3 started", "3 done", "4 started")
	var log []string
	first, second, cause := errors.New("first"), errors.New("second"), errors.New("told to")
	actions := func(broken bool) (actions []Action) {
		for _, kind := range kinds {
			s := step{name: kind, log: &log}
			if stuck := map[string]error{"d": first, "b": second}[kind]; broken && stuck != nil {
				s.undo = fails(stuck)
			}
			actions = append(actions, s)
		}
		return actions
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // nothing stops it
	run := reopen(t, h, id, actions(true)...)
	err := run.TakeBack(ctx, cause)
	same(t, "calls", log, "undo d", "undo c", "undo b", "undo a")
	var undo *UndoError
	if !errors.As(err, &undo) || undo.Cause != cause || len(undo.Undo) != 2 || undo.Undo[0] != first || undo.Undo[1] != second {
		t.Fatalf("error %v", err)
	}
	if err := run.End(Broken, err); err != nil {
		t.Fatal(err)
	}
	log = nil
	run = reopen(t, h, id, actions(false)...)
	if d, err := h.Get(id); err != nil || d.Result != Broken || !d.Closed {
		t.Errorf("recorded as %q, closed %v, %v", d.Result, d.Closed, err)
	}
	if err := run.TakeBack(ctx, cause); err != nil {
		t.Errorf("error %v where all was taken back", err)
	}
	same(t, "calls of the second", log, "undo d", "undo b")
	if d, err := h.Get(id); err != nil || d.Result != Interrupted || d.Closed || !d.Ended.IsZero() {
		t.Errorf("recorded as %q, closed %v, %v", d.Result, d.Closed, err)
	}
	if err := run.End(Reverted, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Reopen(id, opens(actions(false)...)); err == nil || err.Error() != "deployment 1 has ended: reverted" {
		t.Errorf("reopening it then: %v", err)
	}
}

// TestUndoErrorWithoutCause reads as a sentence all the same.
func TestUndoErrorWithoutCause(t *testing.T) {
	t.Parallel()
	stuck := errors.New("stuck")
	err := &UndoError{Undo: []error{stuck}}
	if got, want := err.Error(), "undoing: stuck"; got != want || !errors.Is(err, stuck) {
		t.Errorf("text %q, want %q", got, want)
	}
}

// TestReopenRefuses: nothing is done with a run that cannot go on.
func TestReopenRefuses(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	ended := record(t, h, Reverted, errors.New("no"))
	committed := record(t, h, Committed, nil)
	cutOff := past(t, h, []string{"a", "b"}, "1 started")
	begun := next(t, h.Dir)
	wrong := errors.New("the data is of another nqd")
	var over *EndedError
	for name, test := range map[string]struct {
		id   int
		open func(Deployment) ([]Action, error)
		want func(error) bool
	}{
		"reverted": {ended, nil, func(err error) bool {
			return errors.As(err, &over) && over.Result == Reverted && !strings.Contains(over.Hint(), "rollback")
		}},
		"committed": {committed, nil, func(err error) bool {
			return errors.As(err, &over) && over.Result == Committed && strings.Contains(over.Hint(), "nqd rollback")
		}},
		"never begun": {begun.ID, nil, func(err error) bool { return errors.Is(err, fs.ErrNotExist) }},
		"none":        {99, nil, func(err error) bool { return errors.Is(err, fs.ErrNotExist) }},
		"cannot be opened": {cutOff, func(Deployment) ([]Action, error) { return nil, wrong }, func(err error) bool {
			return errors.Is(err, wrong)
		}},
		"too few actions": {cutOff, opens(step{name: "a"}), func(err error) bool {
			return err != nil && err.Error() == "deployment 3: 1 actions where its record has 2"
		}},
		"other actions": {cutOff, opens(step{name: "b"}, step{name: "a"}), func(err error) bool {
			return err != nil && err.Error() == "deployment 3: action 1 is b where its record has a"
		}},
	} {
		if run, err := h.Reopen(test.id, test.open); run != nil || !test.want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d, err := h.Get(cutOff); err != nil || d.Result != Interrupted || len(d.Steps) != 2 {
		t.Errorf("the one that was cut off is recorded as %q with %d records, %v", d.Result, len(d.Steps), err)
	}
}

// TestReopenUnknownStep: a record about an action that its plan has not is of somebody else's making.
func TestReopenUnknownStep(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	run := begin(t, h.Dir, step{name: "a"})
	if err := run.journal.Append(2, "b", journal.Started, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Reopen(run.ID, opens(step{name: "a"})); err == nil || err.Error() != "deployment 1: its record has step 2 (b), its plan has not" {
		t.Errorf("error %v", err)
	}
}

// TestReopenTorn: the torn tail of the record is gone before anything is done, on the file as well.
func TestReopenTorn(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	id := past(t, h, []string{"a", "b"}, "1 started", "1 done", "2 started")
	path := filepath.Join(h.Dir, strconv.Itoa(id), "journal")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text[:len(text)-30], 0o600); err != nil {
		t.Fatal(err)
	}
	var log []string
	var run *Run
	look := func(context.Context) error {
		same(t, "in Do of b", recorded(t, run), "a started", "a done", "b started")
		return nil
	}
	run = reopen(t, h, id, step{name: "a", log: &log}, step{name: "b", log: &log, do: look})
	if err := run.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "calls", log, "ask a", "do b")
	same(t, "journal", recorded(t, run), "a started", "a done", "b started", "b done")
}

// TestSteps: each record says which action of the plan it is about, also where two are of one kind.
func TestSteps(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	var log []string
	no := errors.New("no")
	run := begin(t, h.Dir, step{name: "a", log: &log}, step{name: "a", log: &log}, step{name: "a", log: &log, do: fails(no)})
	if err := run.Do(t.Context()); !errors.Is(err, no) {
		t.Fatal(err)
	}
	records, err := journal.Read(filepath.Join(run.Dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for _, record := range records {
		numbers = append(numbers, record.Step)
	}
	text, _ := json.Marshal(numbers)
	if want := "[0,1,1,2,2,3,3,3,3,2,2,1,1]"; string(text) != want {
		t.Errorf("steps %s, want %s", text, want)
	}
}

// TestNotBegun: of a run without a record nothing can be done, and it leaves nothing.
func TestNotBegun(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	run := next(t, h.Dir)
	var log []string
	if err := run.Begin(func() {}, []Action{step{name: "a", log: &log}}); err == nil {
		t.Fatal("a function was recorded")
	}
	for name, err := range map[string]error{
		"Do": run.Do(t.Context()), "Resume": run.Resume(t.Context()), "TakeBack": run.TakeBack(t.Context(), nil), "End": run.End(Committed, nil),
	} {
		if !errors.Is(err, errNotBegun) {
			t.Errorf("%s: %v, want that it was not begun", name, err)
		}
	}
	same(t, "calls", log)
	if err := run.Abandon(); err != nil || there(run.Dir) {
		t.Errorf("its folder is there: %v (%v)", there(run.Dir), err)
	}
}
