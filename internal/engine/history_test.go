package engine

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type header struct{ Host string }

// record makes one deployment that ended, and returns its number.
func record(t *testing.T, h History, result Result, cause error) int {
	t.Helper()
	run, err := h.Next()
	if err != nil {
		t.Fatal(err)
	}
	var log []string
	if err := run.Begin(header{"orion"}, []Action{step{name: "try", log: &log}}); err != nil {
		t.Fatal(err)
	}
	if err := run.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := run.End(result, cause); err != nil {
		t.Fatal(err)
	}
	if err := run.Do(t.Context()); err == nil {
		t.Error("an action was recorded after the end")
	}
	return run.ID
}

func TestGet(t *testing.T) {
	t.Parallel()
	h := History{Dir: filepath.Join(t.TempDir(), "made", "when", "needed")}
	for _, test := range []struct {
		result  Result
		cause   error
		problem string
		last    string
	}{
		{Committed, nil, "", "done"},
		{Reverted, errors.New("api: no answer"), "api: no answer", "failed"},
		{Broken, errors.New("stuck"), "stuck", "failed"},
	} {
		id := record(t, h, test.result, test.cause)
		got, err := h.Get(id)
		if err != nil {
			t.Fatal(err)
		}
		if got.ID != id || got.Result != test.result || got.Problem != test.problem {
			t.Errorf("got %d %q %q, want %d %q %q", got.ID, got.Result, got.Problem, id, test.result, test.problem)
		}
		if string(got.Header) != `{"Host":"orion"}` {
			t.Errorf("header %s", got.Header)
		}
		var steps []string
		for _, s := range got.Steps {
			steps = append(steps, s.Action+" "+s.State)
			if s.Time.IsZero() {
				t.Errorf("%s %s: no time", s.Action, s.State)
			}
		}
		same(t, "steps", steps, "deployment started", "try started", "try done", "deployment "+test.last)
		if got.Started != got.Steps[0].Time || got.Ended != got.Steps[3].Time {
			t.Errorf("from %v to %v, want the first and last record's times", got.Started, got.Ended)
		}
	}
}

// TestGetInterrupted: whatever the last record is, without a result it is an interrupted run.
func TestGetInterrupted(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	id := record(t, h, Committed, nil)
	path := filepath.Join(h.Dir, strconv.Itoa(id), "journal")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.IntRange(0, len(text)-2).Draw(t, "end") // without the line's end the last record is whole
		if err := os.WriteFile(path, text[:end], 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := h.Get(id)
		if first := strings.IndexByte(string(text), '\n'); end < first {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("cut at %d, in the first record: %v, want that there is none", end, err)
			}
			return
		}
		// From the record on that says its last action is done, it is committed. The end of that line may be missing.
		if at := strings.Index(string(text), `{"result":"committed"}}`); end >= at+len(`{"result":"committed"}}`) {
			if err != nil || got.Result != Committed || got.Ended.IsZero() {
				t.Fatalf("cut at %d, behind the commit: %q, ended %v, %v", end, got.Result, got.Ended, err)
			}
			return
		}
		if err != nil || got.Result != Interrupted || !got.Ended.IsZero() || len(got.Steps) == 0 {
			t.Fatalf("cut at %d: %q, ended %v, %d steps, %v", end, got.Result, got.Ended, len(got.Steps), err)
		}
	})
}

func TestGetNone(t *testing.T) {
	t.Parallel()
	if _, err := (History{Dir: t.TempDir()}).Get(1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want that there is none", err)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	h := History{Dir: filepath.Join(t.TempDir(), "none")}
	if all, err := h.List(); err != nil || len(all) != 0 {
		t.Errorf("no history yet: %v, %v", all, err)
	}
	for range 11 {
		record(t, h, Committed, nil)
	}
	never, err := h.Next() // takes a number, and does not begin
	if err != nil {
		t.Fatal(err)
	}
	record(t, h, Reverted, errors.New("no"))
	for _, name := range []string{"lock", "note.txt"} {
		if err := os.WriteFile(filepath.Join(h.Dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"0", "-4", "tmp"} {
		if err := os.Mkdir(filepath.Join(h.Dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(filepath.Join(h.Dir, "1", "journal"), filepath.Join(h.Dir, "0", "journal")); err != nil {
		t.Fatal(err)
	}
	all, err := h.List()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, d := range all {
		ids = append(ids, strconv.Itoa(d.ID))
	}
	if never.ID != 12 {
		t.Errorf("the twelfth is %d", never.ID)
	}
	same(t, "ids, by number and not by name", ids, strings.Fields("1 2 3 4 5 6 7 8 9 10 11 13")...)
	if all[11].Result != Reverted || all[0].Result != Committed {
		t.Errorf("results %q … %q", all[0].Result, all[11].Result)
	}
}

// TestListDamaged: a record that somebody changed is listed as such: not left out, and not in the way of the others.
func TestListDamaged(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	record(t, h, Committed, nil)
	path := filepath.Join(h.Dir, "1", "journal")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), "orion", "onion", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	record(t, h, Reverted, errors.New("no"))
	all, err := h.List()
	if err != nil || len(all) != 2 || all[0].Result != Unreadable || all[1].Result != Reverted {
		t.Fatalf("%v, %v", all, err)
	}
	if !strings.HasPrefix(all[0].Problem, path+":1: ") || all[0].Header != nil {
		t.Errorf("problem %q, header %s; want one at %s:1 and none", all[0].Problem, all[0].Header, path)
	}
	if _, err := h.Get(1); err == nil || !strings.HasPrefix(err.Error(), path+":1: ") {
		t.Errorf("error %v, want one at %s:1", err, path)
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	next := func(want int) *Run {
		t.Helper()
		run, err := h.Next()
		if err != nil {
			t.Fatal(err)
		}
		if run.ID != want || run.Dir != filepath.Join(h.Dir, strconv.Itoa(want)) {
			t.Errorf("run %d in %s, want %d", run.ID, run.Dir, want)
		}
		if info, err := os.Stat(run.Dir); err != nil || info.Mode() != fs.ModeDir|0o700 {
			t.Errorf("folder: %v, %v", info, err)
		}
		return run
	}
	next(1)
	second := next(2)
	if err := os.WriteFile(filepath.Join(second.Dir, "root"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := second.Abandon(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(second.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the abandoned folder is there: %v", err)
	}
	third := next(2)
	if err := third.Begin(nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := third.Abandon(); err != nil {
		t.Fatal(err)
	}
	if d, err := h.Get(2); err != nil || d.Result != Interrupted {
		t.Errorf("abandoning removed a run that began: %q, %v", d.Result, err)
	}
	next(3)
	if err := os.RemoveAll(filepath.Join(h.Dir, "1")); err != nil {
		t.Fatal(err)
	}
	next(4) // a number is not given again because an older one is gone
}

// TestBeginOnce: a journal is never written over, or continued by another run.
func TestBeginOnce(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	id := record(t, h, Committed, nil)
	again := &Run{ID: id, Dir: filepath.Join(h.Dir, strconv.Itoa(id))}
	if err := again.Begin(nil, nil); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v, want that it exists", err)
	}
}

// TestHeader: any JSON comes back as it was.
func TestHeader(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "header")
		run, err := h.Next()
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(run.Dir)
		if err := errors.Join(run.Begin(want, nil), run.End(Committed, nil)); err != nil {
			t.Fatal(err)
		}
		d, err := h.Get(run.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal(d.Header, &got); err != nil {
			t.Fatal(err)
		}
		wantText, _ := json.Marshal(want)
		if gotText, _ := json.Marshal(got); string(gotText) != string(wantText) {
			t.Fatalf("got %s, want %s", gotText, wantText)
		}
	})
}

// TestSweep: what never began is removed with all that its folder holds, and half-written files; what began, also where
// it is damaged, and what is not the engine's stay.
func TestSweep(t *testing.T) {
	t.Parallel()
	h := History{Dir: filepath.Join(t.TempDir(), "none")}
	if err := h.Sweep(0); err != nil || there(h.Dir) {
		t.Errorf("no history yet: %v, made it: %v", err, there(h.Dir))
	}
	committed := record(t, h, Committed, nil)
	damaged := record(t, h, Committed, nil)
	folder := func(id int, name string) string { return filepath.Join(h.Dir, strconv.Itoa(id), name) }
	put := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(folder(damaged, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	put(folder(damaged, "journal"), strings.Replace(string(text), "orion", "onion", 1))
	begun := begin(t, h.Dir)
	abandoned, empty, torn, mine := next(t, h.Dir), next(t, h.Dir), next(t, h.Dir), next(t, h.Dir)
	put(filepath.Join(empty.Dir, "journal"), "")
	put(filepath.Join(torn.Dir, "journal"), string(text[:40]))
	for _, id := range []int{committed, abandoned.ID, mine.ID} {
		if err := os.Symlink("/nix/store/x", folder(id, "old")); err != nil {
			t.Fatal(err)
		}
	}
	put(folder(committed, ".note.tmp-123"), "half")
	put(filepath.Join(h.Dir, ".state.tmp-4294967295"), "half")
	put(filepath.Join(h.Dir, ".mine"), "")
	if err := h.Sweep(mine.ID); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		folder(committed, "journal"): true, folder(committed, "old"): true, folder(committed, ".note.tmp-123"): false,
		folder(damaged, "journal"): true, filepath.Join(begun.Dir, "journal"): true,
		abandoned.Dir: false, empty.Dir: false, torn.Dir: false, folder(mine.ID, "old"): true,
		filepath.Join(h.Dir, ".state.tmp-4294967295"): false, filepath.Join(h.Dir, ".mine"): true,
	} {
		if there(path) != want {
			t.Errorf("%s is there: %v, want %v", path, !want, want)
		}
	}
	if again := next(t, h.Dir); again.ID != mine.ID+1 {
		t.Errorf("the next is %d", again.ID)
	}
}
