package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine/journal"
)

// step is an action that notes its calls and does what the test says.
type step struct {
	name     string
	log      *[]string
	do, undo func(context.Context) error
	holds    func() (bool, error) // nil: it holds
}

func (s step) Kind() string { return s.name }

func (s step) Describe() string { return "take step " + s.name }

func (s step) Holds(context.Context) (bool, error) {
	*s.log = append(*s.log, "ask "+s.name)
	if s.holds == nil {
		return true, nil
	}
	return s.holds()
}

func (s step) Do(ctx context.Context) error {
	*s.log = append(*s.log, "do "+s.name)
	if s.do == nil {
		return nil
	}
	return s.do(ctx)
}

func (s step) Undo(ctx context.Context) error {
	*s.log = append(*s.log, "undo "+s.name)
	if s.undo == nil {
		return nil
	}
	return s.undo(ctx)
}

func fails(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

// next reserves a run in the history of that directory.
func next(t rapid.TB, dir string) *Run {
	t.Helper()
	run, err := History{Dir: dir}.Next()
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// begin starts a run in the history of that directory.
func begin(t rapid.TB, dir string, actions ...Action) *Run {
	t.Helper()
	run := next(t, dir)
	if err := run.Begin(nil, actions); err != nil {
		t.Fatal(err)
	}
	return run
}

// recorded is what the journal on the disk says at this moment, without the deployment's own
// records.
func recorded(t rapid.TB, run *Run) (steps []string) {
	t.Helper()
	records, err := journal.Read(filepath.Join(run.Dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records {
		if record.Action != deployment {
			steps = append(steps, record.Action+" "+string(record.State))
		}
	}
	return steps
}

func same(t rapid.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	var log []string
	run := begin(t, t.TempDir(), step{name: "a", log: &log}, step{name: "b", log: &log})
	if err := run.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "calls", log, "do a", "do b")
	same(t, "journal", recorded(t, run), "a started", "a done", "b started", "b done")
}

// TestDoRecordsFirst reads the journal from within the actions: the record of what is about
// to happen is on the file already, that of what happened is not.
func TestDoRecordsFirst(t *testing.T) {
	t.Parallel()
	run := next(t, t.TempDir())
	var log []string
	actions := []Action{
		step{name: "a", log: &log,
			do: func(context.Context) error {
				same(t, "in Do of a", recorded(t, run), "a started")
				return nil
			},
			undo: func(context.Context) error {
				same(t, "in Undo of a", recorded(t, run),
					"a started", "a done", "b started", "b failed", "b undoing", "b undone", "a undoing")
				return nil
			}},
		step{name: "b", log: &log,
			do: func(context.Context) error {
				same(t, "in Do of b", recorded(t, run), "a started", "a done", "b started")
				return errors.New("no")
			},
			undo: func(context.Context) error {
				same(t, "in Undo of b", recorded(t, run), "a started", "a done", "b started", "b failed", "b undoing")
				return nil
			}},
	}
	if err := run.Begin(nil, actions); err != nil {
		t.Fatal(err)
	}
	if err := run.Do(t.Context()); err == nil || err.Error() != "no" {
		t.Errorf("error %v", err)
	}
	same(t, "calls", log, "do a", "do b", "undo b", "undo a")
	same(t, "journal", recorded(t, run),
		"a started", "a done", "b started", "b failed", "b undoing", "b undone", "a undoing", "a undone")
}

// TestUndoGoesOn: what cannot be undone keeps nothing else from being undone.
func TestUndoGoesOn(t *testing.T) {
	t.Parallel()
	var log []string
	cause, first, second := errors.New("cause"), errors.New("first"), &fs.PathError{Op: "op", Path: "p", Err: fs.ErrPermission}
	run := begin(t, t.TempDir(),
		step{name: "a", log: &log, undo: fails(second)},
		step{name: "b", log: &log},
		step{name: "c", log: &log, do: fails(cause), undo: fails(first)},
		step{name: "d", log: &log},
	)
	err := run.Do(t.Context())
	same(t, "calls", log, "do a", "do b", "do c", "undo c", "undo b", "undo a")
	same(t, "journal", recorded(t, run), "a started", "a done", "b started", "b done", "c started", "c failed",
		"c undoing", "c failed", "b undoing", "b undone", "a undoing", "a failed")
	var undo *UndoError
	if !errors.As(err, &undo) {
		t.Fatalf("error %v, want an UndoError", err)
	}
	if !errors.Is(undo.Cause, cause) || len(undo.Undo) != 2 || undo.Undo[0] != first || undo.Undo[1] != second {
		t.Errorf("cause %v, undo %v", undo.Cause, undo.Undo)
	}
	var path *fs.PathError
	if !errors.Is(err, cause) || !errors.Is(err, first) || !errors.Is(err, fs.ErrPermission) || !errors.As(err, &path) {
		t.Error("not all of the errors can be found in it")
	}
	if got, want := err.Error(), "cause; and undoing: first\nop p: permission denied"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

// TestUndone: where all was taken back the error is the cause alone.
func TestUndone(t *testing.T) {
	t.Parallel()
	var log []string
	cause := errors.New("cause")
	run := begin(t, t.TempDir(), step{name: "a", log: &log, do: fails(cause)})
	err := run.Do(t.Context())
	var undo *UndoError
	if errors.As(err, &undo) || !errors.Is(err, cause) {
		t.Errorf("error %#v", err)
	}
}

type key struct{}

// TestUndoIsNotCancelled: Ctrl-C in the middle of trying takes back, and that to the end.
func TestUndoIsNotCancelled(t *testing.T) {
	t.Parallel()
	cause := errors.New("stopped by the user")
	undo := func(ctx context.Context) error {
		if ctx.Err() != nil {
			t.Errorf("Undo's context: %v", ctx.Err())
		}
		if ctx.Value(key{}) != "kept" {
			t.Error("Undo's context lost its values")
		}
		return nil
	}
	for name, test := range map[string]struct {
		answer error // of the action during which ctx is cancelled
		want   []string
	}{
		"the action succeeds": {nil, []string{"do a", "undo a"}},
		"the action fails":    {context.Canceled, []string{"do a", "undo a"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "kept"))
			var log []string
			run := begin(t, t.TempDir(),
				step{name: "a", log: &log, do: func(context.Context) error { cancel(cause); return test.answer }, undo: undo},
				step{name: "b", log: &log, undo: undo},
			)
			err := run.Do(ctx)
			same(t, "calls", log, test.want...)
			if want := map[bool]error{true: cause, false: test.answer}[test.answer == nil]; !errors.Is(err, want) {
				t.Errorf("error %v, want %v", err, want)
			}
		})
	}
	t.Run("cancelled before", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		var log []string
		run := begin(t, t.TempDir(), step{name: "a", log: &log})
		if err := run.Do(ctx); !errors.Is(err, cause) {
			t.Errorf("error %v, want %v", err, cause)
		}
		same(t, "calls", log)
		same(t, "journal", recorded(t, run))
	})
}

// TestJournalGone: what cannot be recorded is not begun; taking back does not depend on it.
func TestJournalGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := next(t, dir)
	var log []string
	err := run.Begin(nil, []Action{
		step{name: "a", log: &log},
		step{name: "b", log: &log, do: func(context.Context) error { return run.journal.Close() }},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = run.Do(t.Context())
	// That b is done cannot be recorded.
	same(t, "calls", log, "do a", "do b", "undo b", "undo a")
	if err == nil || !strings.Contains(err.Error(), "journal: ") {
		t.Errorf("error %v, want that of the journal", err)
	}
	var undo *UndoError
	if errors.As(err, &undo) {
		t.Errorf("%v: everything was undone", err)
	}
	if err := run.End(Reverted, err); err == nil {
		t.Error("End does not tell that the journal is gone")
	}
	got, err := History{Dir: dir}.Get(run.ID)
	if err != nil || got.Result != Interrupted {
		t.Errorf("recorded as %q, %v; want %q", got.Result, err, Interrupted)
	}
}

// unrecorded is an action whose start cannot be recorded: asking for its kind ends the journal.
type unrecorded struct {
	step
	run *Run
}

func (u unrecorded) Kind() string {
	if u.run.journal != nil { // it is begun
		u.run.journal.Close()
	}
	return u.name
}

// TestJournalGoneBefore: the action is not begun, and so not undone either; those before it are.
func TestJournalGoneBefore(t *testing.T) {
	t.Parallel()
	run := next(t, t.TempDir())
	var log []string
	if err := run.Begin(nil, []Action{step{name: "a", log: &log}, unrecorded{step{name: "b", log: &log}, run}}); err != nil {
		t.Fatal(err)
	}
	err := run.Do(t.Context())
	if err == nil || !strings.Contains(err.Error(), "journal: ") {
		t.Errorf("error %v, want that of the journal", err)
	}
	same(t, "calls", log, "do a", "undo a")
}

// TestDoAnywhere: whichever action goes wrong, and whichever cannot be undone, all that were
// begun are undone once, newest first, and the journal agrees.
func TestDoAnywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 5).Draw(t, "actions")
		bad := rapid.IntRange(0, n).Draw(t, "bad") // n: none
		stuck := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "stuck")
		var log, calls, want []string
		var actions []Action
		problems := 0
		for i := range n {
			s := step{name: string(rune('a' + i)), log: &log}
			if i == bad {
				s.do = fails(errors.New("bad"))
			}
			if stuck[i] {
				s.undo = fails(errors.New("stuck"))
			}
			actions = append(actions, s)
			if i > bad {
				continue
			}
			calls = append(calls, "do "+s.name)
			want = append(want, s.name+" started", s.name+map[bool]string{true: " failed", false: " done"}[i == bad])
		}
		for i := bad; i >= 0 && bad < n; i-- {
			name := actions[i].Kind()
			calls = append(calls, "undo "+name)
			want = append(want, name+" undoing", name+map[bool]string{true: " failed", false: " undone"}[stuck[i]])
			if stuck[i] {
				problems++
			}
		}
		run := begin(t, dir, actions...)
		defer os.RemoveAll(run.Dir)
		err := run.Do(context.Background())
		same(t, "calls", log, calls...)
		same(t, "journal", recorded(t, run), want...)
		var undo *UndoError
		switch {
		case bad == n && err != nil, bad < n && err == nil:
			t.Errorf("error %v", err)
		case errors.As(err, &undo) != (problems > 0), undo != nil && len(undo.Undo) != problems:
			t.Errorf("error %v, want %d problems of undoing", err, problems)
		}
		if err := run.End(Committed, nil); err != nil {
			t.Error(err)
		}
	})
}
