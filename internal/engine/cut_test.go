package engine

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// cut is what ends a run in the middle: nothing of the engine runs behind it.
type cut struct{}

// cuttable calls do and reports whether it was cut off.
func cuttable(do func() error) (was bool, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			if _, ours := problem.(cut); !ours {
				panic(problem)
			}
			was = true
		}
	}()
	return false, do()
}

// lab is a directory with a tree, the actions' own folder and a history.
type lab struct {
	root, keep string
	history    History
	old, new   []string // walks: before and after the plan
	plan       []*change
}

// drawLab makes a tree, and a plan for it that was carried out on a copy.
func drawLab(t *rapid.T, most int) (*lab, func()) {
	dir, err := os.MkdirTemp("", "nqd-engine-")
	if err != nil {
		t.Fatal(err)
	}
	remove := func() { os.RemoveAll(dir) }
	l := &lab{root: filepath.Join(dir, "tree"), keep: filepath.Join(dir, "keep"), history: History{Dir: filepath.Join(dir, "history")}}
	if err := os.MkdirAll(filepath.Join(l.keep, "copy"), 0o700); err != nil {
		t.Fatal(err)
	}
	entries := drawTree(t)
	build(t, l.root, entries)
	l.plan = drawPlan(t, entries, l.root, filepath.Join(dir, "copy"), l.keep, most)
	l.old, l.new = walk(t, l.root, true), walk(t, filepath.Join(dir, "copy"), false)
	return l, remove
}

func (l *lab) actions(k *knife) (actions []Action) {
	for _, c := range l.plan {
		one := *c
		one.knife = k
		actions = append(actions, &one)
	}
	return actions
}

// wantOld and wantNew hold the tree against the walks.
func (l *lab) wantOld(t rapid.TB, when string) {
	t.Helper()
	same(t, "the tree "+when, walk(t, l.root, true), l.old...)
	left, err := os.ReadDir(l.keep)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		if entry.Name() != "copy" {
			t.Errorf("%s: %s is left", when, entry.Name())
		}
	}
}

func (l *lab) wantNew(t rapid.TB, when string) {
	t.Helper()
	same(t, "the tree "+when, walk(t, l.root, false), l.new...)
}

// TestDoAndUndo: what a random plan does and takes back leaves the tree byte for byte as it was, with modes, owners,
// times, attributes and links of both kinds; doing it twice changes nothing, nor does undoing it twice.
func TestDoAndUndo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, remove := drawLab(t, 6)
		defer remove()
		ctx := context.Background()
		actions := l.actions(nil)
		for _, action := range actions {
			if err := action.Do(ctx); err != nil {
				t.Fatalf("%s: %v", action.Describe(), err)
			}
			once := walk(t, l.root, true)
			if holds, err := action.Holds(ctx); err != nil || !holds {
				t.Fatalf("%s: holds %v after it was done, %v", action.Describe(), holds, err)
			}
			if err := action.Do(ctx); err != nil {
				t.Fatalf("%s again: %v", action.Describe(), err)
			}
			same(t, "the tree after "+action.Describe()+" again", walk(t, l.root, true), once...)
		}
		l.wantNew(t, "after all was done")
		for range 2 {
			for _, action := range slices.Backward(actions) {
				if err := action.Undo(ctx); err != nil {
					t.Fatalf("undoing %s: %v", action.Describe(), err)
				}
			}
			l.wantOld(t, "after all was undone")
		}
	})
}

// session is one process of nqd that goes on with a deployment.
type session struct {
	points int    // after how many it is cut off; 0: never
	torn   string // what of a record is on the disk besides then
	way    string // "resume" or "take back"
	broken int    // how many of the last actions somebody undid before
}

func drawSession(t *rapid.T) session {
	return session{
		points: rapid.IntRange(1, 30).Draw(t, "points"),
		torn:   rapid.SampledFrom([]string{"", "", "0123456789abcdef {\"version\":2", "\x00\x00\x00\x00"}).Draw(t, "torn"),
		way:    rapid.SampledFrom([]string{"resume", "take back"}).Draw(t, "way"),
		broken: rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "broken"),
	}
}

// TestCutAnywhere cuts a deployment off at any of its points, and those that go on with it as well. The last one ends
// in exactly the new or exactly the old tree, and after that there is nothing more to do.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l, remove := drawLab(t, 5)
		defer remove()
		if rapid.Bool().Draw(t, "fails") {
			l.plan = append(l.plan, &change{What: "fail"})
		}
		first := drawSession(t)
		run, err := l.history.Next()
		if err != nil {
			t.Fatal(err)
		}
		was, err := cuttable(func() error {
			actions := l.actions(&knife{left: first.points, cut: func() { panic(cut{}) }})
			if err := run.Begin(nil, actions); err != nil {
				return err
			}
			return run.Do(context.Background())
		})
		if !was {
			l.ended(t, run, err)
			return
		}
		if _, err := l.history.Get(run.ID); errors.Is(err, fs.ErrNotExist) {
			l.neverBegan(t, run)
			return
		}
		l.tear(t, run, first.torn)
		for range rapid.IntRange(0, 2).Draw(t, "cut again") {
			if l.goOn(t, run.ID, drawSession(t)) {
				return
			}
		}
		last := drawSession(t)
		last.points = 0
		if !l.goOn(t, run.ID, last) {
			t.Fatal("it was cut off by nobody")
		}
	})
}

// ended checks a run that was not cut off.
func (l *lab) ended(t rapid.TB, run *Run, err error) {
	t.Helper()
	result := Committed
	if err != nil {
		result = Reverted
		if !errors.Is(err, errPlanned) {
			t.Fatal(err)
		}
		l.wantOld(t, "after it failed")
	} else {
		l.wantNew(t, "after it was done")
	}
	if err := run.End(result, err); err != nil {
		t.Fatal(err)
	}
	var over *EndedError
	if _, err := l.history.Reopen(run.ID, open(nil)); !errors.As(err, &over) || over.Result != result {
		t.Fatalf("reopening it after the end: %v", err)
	}
}

// neverBegan checks a run that was cut off before its first record.
func (l *lab) neverBegan(t rapid.TB, run *Run) {
	t.Helper()
	l.wantOld(t, "before it began")
	if _, err := l.history.Reopen(run.ID, open(nil)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reopening what never began: %v", err)
	}
	if err := l.history.Sweep(0); err != nil || there(run.Dir) {
		t.Errorf("its folder is there after sweeping: %v (%v)", there(run.Dir), err)
	}
}

// tear writes what a crash in the middle of a record leaves.
func (l *lab) tear(t rapid.TB, run *Run, torn string) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(run.Dir, "journal"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(torn); err != nil {
		t.Fatal(err)
	}
	file.Close()
}

// goOn reopens the run in a new session, and reports whether that came to the end.
func (l *lab) goOn(t rapid.TB, id int, s session) (ended bool) {
	t.Helper()
	k := &knife{cut: func() { panic(cut{}) }}
	run, err := l.history.Reopen(id, open(k))
	if err != nil {
		t.Fatal(err)
	}
	d, err := l.history.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	if d.Result == Interrupted && !d.TakingBack() {
		l.lose(t, d, s.broken)
	}
	k.left = s.points
	was, err := cuttable(func() error {
		if s.way == "take back" {
			return run.TakeBack(context.Background(), nil)
		}
		return run.Resume(context.Background())
	})
	if was {
		run.journal.Close()
		l.tear(t, run, s.torn)
		return false
	}
	k.left = 0
	var over *EndedError
	switch {
	case errors.As(err, &over): // cut off behind the last record
		err = nil
	case errors.Is(err, ErrTakingBack):
		if !d.TakingBack() {
			t.Fatalf("%v, and the record knows nothing of it", err)
		}
		if err = run.TakeBack(context.Background(), nil); err == nil {
			err = errPlanned
		}
	case err == nil && s.way == "take back":
		err = errPlanned
	}
	l.ended(t, run, err)
	return true
}

// lose undoes the last n actions of those that were begun, as a reboot may.
func (l *lab) lose(t rapid.TB, d Deployment, n int) {
	t.Helper()
	actions, err := open(nil)(d)
	if err != nil {
		t.Fatal(err)
	}
	for i, action := range slices.Backward(actions) {
		if n > 0 && d.State(i+1) != "" {
			n--
			if err := action.Undo(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestActionsInTheJournal: what Begin was given comes back from the record, in order.
func TestActionsInTheJournal(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	run, err := h.Next()
	if err != nil {
		t.Fatal(err)
	}
	want := []Action{&change{What: "put", Path: "a", Text: "<&>\x01"}, &change{What: "put", Path: "b"}, &change{What: "remove", Had: true}}
	if err := run.Begin(header{"orion"}, want); err != nil {
		t.Fatal(err)
	}
	d, err := h.Get(run.ID)
	if err != nil || string(d.Header) != `{"Host":"orion"}` || len(d.Actions) != len(want) {
		t.Fatalf("header %s, %d actions, %v", d.Header, len(d.Actions), err)
	}
	for i, action := range want {
		data, err := json.Marshal(action)
		if err != nil {
			t.Fatal(err)
		}
		if d.Actions[i].Kind != action.Kind() || string(d.Actions[i].Data) != string(data) {
			t.Errorf("action %d: %s %s, want %s %s", i+1, d.Actions[i].Kind, d.Actions[i].Data, action.Kind(), data)
		}
	}
}
