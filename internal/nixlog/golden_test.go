package nixlog

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// fakeClock stands still unless it is moved.
type fakeClock struct{ now time.Time }

func newClock() *fakeClock { return &fakeClock{time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)} }

func (c *fakeClock) Now() time.Time          { return c.now }
func (c *fakeClock) advance(d time.Duration) { c.now = c.now.Add(d) }

// story writes down what a Reader tells: events one a line, with small numbers for the IDs.
type story struct {
	lines  []string
	events []event.Event
	ids    map[float64]int
}

func (s *story) tell(e event.Event) {
	s.events = append(s.events, e)
	data, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		panic(err)
	}
	s.rename(fields)
	data, _ = json.Marshal(fields)
	s.lines = append(s.lines, e.MessageType()+" "+string(data))
}

func (s *story) rename(fields map[string]any) {
	if s.ids == nil {
		s.ids = map[float64]int{}
	}
	if id, found := fields["id"].(float64); found {
		if s.ids[id] == 0 {
			s.ids[id] = len(s.ids) + 1
		}
		fields["id"] = s.ids[id]
	}
	active, _ := fields["active"].([]any)
	for _, a := range active {
		s.rename(a.(map[string]any))
	}
}

func (s *story) String() string { return strings.Join(s.lines, "\n") + "\n" }

// of are the events of one type.
func of[E event.Event](s *story) (list []E) {
	for _, e := range s.events {
		if e, ok := e.(E); ok {
			list = append(list, e)
		}
	}
	return list
}

// newReader is a Reader with a clock that stands still, and what it tells.
func newReader() (*Reader, *story, *fakeClock) {
	s, c := &story{}, newClock()
	return &Reader{Sink: s.tell, Now: c.Now}, s, c
}

func logs(t testing.TB) (names []string) {
	t.Helper()
	names, err := filepath.Glob("testdata/2.*/*.log")
	if err != nil || len(names) < 16 {
		t.Fatalf("%d logs, %v", len(names), err)
	}
	return names
}

// play gives a log to a Reader line by line, a tenth of a second each, with a heartbeat in the middle.
func play(log string) (r *Reader, s *story, messages string) {
	r, s, c := newReader()
	var kept strings.Builder
	r.Log = &kept
	lines := strings.SplitAfter(log, "\n")
	for i, line := range lines {
		_, _ = r.Write([]byte(line))
		c.advance(100 * time.Millisecond)
		if i == len(lines)/2 {
			r.Beat()
		}
	}
	r.Close()
	return r, s, kept.String()
}

// TestRecorded: the events of real logs. UPDATE=1 writes them; read them then.
func TestRecorded(t *testing.T) {
	t.Parallel()
	for _, name := range logs(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, s, messages := play(string(data))
		var got strings.Builder
		fmt.Fprintf(&got, "%s", s)
		for i, text := range r.Errors() {
			fmt.Fprintf(&got, "error %d: %s\n", i+1, text)
		}
		for _, f := range r.Failed() {
			fmt.Fprintf(&got, "failed: %s\n", f.Derivation)
			for _, line := range f.Lines {
				fmt.Fprintf(&got, "  | %s\n", line)
			}
		}
		fmt.Fprintf(&got, "log:\n%s", messages)
		golden := strings.TrimSuffix(name, ".log") + ".golden"
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || got.String() != string(want) {
			t.Errorf("%s (%v): got\n%s", name, err, got.String())
		}
	}
}

// TestErrorsAreThePeoples: what nix says to a program is what it says to people.
func TestErrorsAreThePeoples(t *testing.T) {
	t.Parallel()
	for _, name := range logs(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(strings.TrimSuffix(name, ".log") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		r, _, _ := play(string(data))
		_, want, _ := strings.Cut("\n"+string(text), "\nerror:")
		if want != "" {
			want = "error:" + want
		}
		// In the middle of a build its last words come before.
		want = strings.TrimPrefix(want, "error: the source does not compile\n")
		if got := strings.Join(append(r.Errors(), ""), "\n"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}
