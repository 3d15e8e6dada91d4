package engine

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fixture is a journal that was written once, and what it means for ever.
type fixture struct {
	result Result
	closed bool
	back   bool   // undoing was begun
	states string // of the steps, in order
	resume string // what Resume calls, where every action holds
	undo   string // what TakeBack calls
}

// format1 are journals of the first release, whose plans are try, check and commit.
var format1 = map[string]fixture{
	"began":                {Interrupted, false, false, ", , ", "do try, do check, do commit", ""},
	"in-try":               {Interrupted, false, false, "started, , ", "do try, do check, do commit", "undo try"},
	"tried":                {Interrupted, false, false, "done, , ", "ask try, do check, do commit", "undo try"},
	"in-check":             {Interrupted, false, false, "done, started, ", "ask try, do check, do commit", "undo check, undo try"},
	"in-commit":            {Interrupted, false, false, "done, done, started", "ask try, ask check, do commit", "undo commit, undo check, undo try"},
	"torn-commit":          {Interrupted, false, false, "done, done, started", "ask try, ask check, do commit", "undo commit, undo check, undo try"},
	"committed-not-closed": {Committed, false, false, "done, done, done", "", "ended"},
	"committed":            {Committed, true, false, "done, done, done", "ended", "ended"},
	"commit-failed":        {Interrupted, false, false, "done, done, failed", "ask try, ask check, do commit", "undo commit, undo check, undo try"},
	"in-undo":              {Interrupted, false, true, "done, undoing, undone", "taking back", "undo check, undo try"},
	"torn-undo":            {Interrupted, false, true, "done, undoing, undone", "taking back", "undo check, undo try"},
	"taken-back":           {Interrupted, false, true, "undone, undone, undone", "taking back", ""},
	"reverted":             {Reverted, true, true, "undone, undone, undone", "ended", "ended"},
	"refused":              {Refused, true, true, "undone, , ", "ended", "ended"},
	"broken":               {Broken, true, true, "failed, undone, ", "taking back", "undo try"},
}

// format2 are journals of plans of five actions: two of home.clear, try, check and commit.
var format2 = map[string]fixture{
	"began":    {Interrupted, false, false, ", , , , ", "do home.clear, do home.clear, do try, do check, do commit", ""},
	"in-clear": {Interrupted, false, false, "done, started, , , ", "ask home.clear, do home.clear, do try, do check, do commit", "undo home.clear, undo home.clear"},
	"in-try": {Interrupted, false, false, "done, done, started, , ", "ask home.clear, ask home.clear, do try, do check, do commit",
		"undo try, undo home.clear, undo home.clear"},
	"tried": {Interrupted, false, false, "done, done, done, , ", "ask home.clear, ask home.clear, ask try, do check, do commit",
		"undo try, undo home.clear, undo home.clear"},
	"in-commit": {Interrupted, false, false, "done, done, done, done, started", "ask home.clear, ask home.clear, ask try, ask check, do commit",
		"undo commit, undo check, undo try, undo home.clear, undo home.clear"},
	"torn-commit": {Interrupted, false, false, "done, done, done, done, started", "ask home.clear, ask home.clear, ask try, ask check, do commit",
		"undo commit, undo check, undo try, undo home.clear, undo home.clear"},
	"committed-not-closed": {Committed, false, false, "done, done, done, done, done", "", "ended"},
	"committed":            {Committed, true, false, "done, done, done, done, done", "ended", "ended"},
	"commit-failed": {Interrupted, false, false, "done, done, done, done, failed", "ask home.clear, ask home.clear, ask try, ask check, do commit",
		"undo commit, undo check, undo try, undo home.clear, undo home.clear"},
	"in-undo":             {Interrupted, false, true, "done, done, undoing, undone, undone", "taking back", "undo try, undo home.clear, undo home.clear"},
	"torn-undo":           {Interrupted, false, true, "done, done, undoing, undone, undone", "taking back", "undo try, undo home.clear, undo home.clear"},
	"reverted":            {Reverted, true, true, "undone, undone, undone, undone, undone", "ended", "ended"},
	"refused":             {Refused, true, true, "undone, undone, undone, , ", "ended", "ended"},
	"broken":              {Broken, true, true, "undone, undone, failed, undone, ", "taking back", "undo try"},
	"broken-then-in-undo": {Interrupted, false, true, "undone, undone, undoing, undone, ", "taking back", "undo try"},
	// Trying was begun again, so what was checked before that counts no more.
	"resumed": {Interrupted, false, false, "done, done, done, done, started", "ask home.clear, ask home.clear, ask try, do check, do commit",
		"undo commit, undo check, undo try, undo home.clear, undo home.clear"},
}

// TestFormats loads what earlier releases wrote. They must load, and mean the same, for ever.
func TestFormats(t *testing.T) {
	t.Parallel()
	kinds := map[string][]string{"format-1": {"try", "check", "commit"}, "format-2": {"home.clear", "home.clear", "try", "check", "commit"}}
	for format, fixtures := range map[string]map[string]fixture{"format-1": format1, "format-2": format2} {
		files, err := filepath.Glob(filepath.Join("testdata", format, "*.journal"))
		if err != nil || len(files) != len(fixtures) {
			t.Errorf("%s: %d files for %d fixtures (%v)", format, len(files), len(fixtures), err)
		}
		for name, want := range fixtures {
			t.Run(format+"/"+name, func(t *testing.T) {
				t.Parallel()
				text, err := os.ReadFile(filepath.Join("testdata", format, name+".journal"))
				if err != nil {
					t.Fatal(err)
				}
				want.check(t, text, format, kinds[format])
			})
		}
	}
}

func (f fixture) check(t *testing.T, text []byte, format string, kinds []string) {
	h, id := historyOf(t, text)
	d, err := h.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	if d.Result != f.result || d.Closed != f.closed || d.TakingBack() != f.back {
		t.Errorf("%s, closed %v, taking back %v; want %s, %v, %v", d.Result, d.Closed, d.TakingBack(), f.result, f.closed, f.back)
	}
	if d.Closed != !d.Ended.IsZero() && d.Result != Committed {
		t.Errorf("closed %v, ended %v", d.Closed, d.Ended)
	}
	if want := f.result == Interrupted || f.result == Broken; d.Unfinished() != want {
		t.Errorf("unfinished %v", d.Unfinished())
	}
	var header struct{ Host, Kind string }
	if err := json.Unmarshal(d.Header, &header); err != nil || header.Host != "orion" || header.Kind != "apply" {
		t.Errorf("header %s (%v)", d.Header, err)
	}
	var states []string
	for i, kind := range kinds {
		states = append(states, d.State(i+1))
		if began := d.Began(kind); began && d.State(i+1) == "" && kind != "home.clear" || !began && d.State(i+1) != "" {
			t.Errorf("%s began: %v, its state is %q", kind, began, d.State(i+1))
		}
		if format != "format-1" && d.Actions[i].Kind != kind {
			t.Errorf("action %d is %s, want %s", i+1, d.Actions[i].Kind, kind)
		}
	}
	same(t, "states", []string{strings.Join(states, ", ")}, f.states)
	if d.State(0) != "" || d.State(len(kinds)+1) != "" {
		t.Errorf("states of no steps: %q, %q", d.State(0), d.State(len(kinds)+1))
	}
	if format == "format-1" && d.Actions != nil || format != "format-1" && string(d.Actions[0].Data) != `{"target":"/home/ada/.zshrc"}` {
		t.Errorf("actions %v", d.Actions)
	}
	same(t, "resuming", []string{goOn(t, text, kinds, (*Run).Resume, Committed)}, f.resume)
	same(t, "taking back", []string{goOn(t, text, kinds, takeBack, Reverted)}, f.undo)
}

// historyOf is a history with one deployment that has that journal.
func historyOf(t *testing.T, text []byte) (History, int) {
	t.Helper()
	h := History{Dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(h.Dir, "7"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(h.Dir, "7", "journal"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return h, 7
}

// goOn reopens the deployment, goes on with it, ends it, and returns the calls.
func goOn(t *testing.T, text []byte, kinds []string, how func(*Run, context.Context) error, result Result) string {
	t.Helper()
	h, id := historyOf(t, text)
	var log []string
	run, err := h.Reopen(id, func(Deployment) (actions []Action, err error) {
		for _, kind := range kinds {
			actions = append(actions, step{name: kind, log: &log})
		}
		return actions, nil
	})
	var ended *EndedError
	if errors.As(err, &ended) {
		return "ended"
	}
	if err != nil {
		t.Fatal(err)
	}
	err = how(run, t.Context())
	switch {
	case errors.As(err, &ended):
		log = append(log, "ended")
	case errors.Is(err, ErrTakingBack):
		log = append(log, "taking back")
	case err != nil:
		t.Errorf("going on: %v", err)
	}
	if err == nil {
		if err := run.End(result, nil); err != nil {
			t.Fatal(err)
		}
		if d, err := h.Get(id); err != nil || d.Result != result || !d.Closed {
			t.Errorf("then it is %q, closed %v (%v), want %q", d.Result, d.Closed, err, result)
		}
	}
	return strings.Join(log, ", ")
}

func takeBack(run *Run, ctx context.Context) error { return run.TakeBack(ctx, errors.New("told to")) }
