package tui

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// screen is a terminal that keeps everything that was written to it.
type screen struct {
	*os.File // what programs write to
	master   *os.File
	lock     sync.Mutex
	stream   bytes.Buffer
	awaited  string
	seen     chan struct{}
	ended    chan struct{}
}

func newScreen(t *testing.T, size canvas) *screen {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: uint16(size.width), Rows: uint16(size.height)}); err != nil {
		t.Fatal(err)
	}
	s := &screen{File: slave, master: master, ended: make(chan struct{})}
	t.Cleanup(func() { slave.Close(); <-s.ended; master.Close() })
	go s.read()
	return s
}

func (s *screen) read() {
	defer close(s.ended)
	part := make([]byte, 4096)
	for {
		n, err := s.master.Read(part)
		s.lock.Lock()
		s.stream.Write(part[:n])
		if s.seen != nil && bytes.Contains(s.stream.Bytes(), []byte(s.awaited)) {
			close(s.seen)
			s.seen = nil
		}
		s.lock.Unlock()
		if err != nil {
			return
		}
	}
}

// wait returns when a text is in what was written.
func (s *screen) wait(text string) {
	seen := make(chan struct{})
	s.lock.Lock()
	if bytes.Contains(s.stream.Bytes(), []byte(text)) {
		close(seen)
	} else {
		s.awaited, s.seen = text, seen
	}
	s.lock.Unlock()
	<-seen
}

// all is everything that was written until it is closed.
func (s *screen) all() string {
	s.File.Close()
	<-s.ended
	return s.stream.String()
}

func on(s *screen, environ ...string) Options {
	return Options{Out: s.File, Answers: io.Discard, Environ: append([]string{"TERM=xterm-256color", "LANG=C.UTF-8"}, environ...)}
}

// queries are what a terminal answers on standard input, where nobody reads it and the shell gets it, and modes in which
// keys, Ctrl-C among them, are no longer what they were.
var queries = regexp.MustCompile(`\x1b\[[?>=<]?[0-9;]*(\$p|n|c|u|t)|\x1b[\]P_^]|\x1b\[>[0-9;]*m|\x1b\[\?(1|9|100[0-9]|1049|2004)h`)

func TestLeavesTheTerminalAsItWas(t *testing.T) {
	t.Parallel()
	s := newScreen(t, sizes[0])
	v, next := scenes()["build"].play(on(s))
	next.now(v)
	v.Sink(event.Note{Text: "a word"})
	s.wait("a word")
	v.Pause()
	v.Resume()
	next.now(v)
	v.Sink(event.Failure{Error: "the end"})
	v.Close()
	stream := s.all()
	if found := queries.FindAllString(stream, -1); found != nil {
		t.Errorf("asks or changes: %q", found)
	}
	if hidden, back := strings.Count(stream, "\x1b[?25l"), strings.LastIndex(stream, "\x1b[?25h"); hidden != 2 || back < strings.LastIndex(stream, "\x1b[?25l") {
		t.Errorf("hides the cursor %d times, and it is not there in the end: %q", hidden, stream)
	}
	if !strings.HasSuffix(stream, "nqd: the end\r\n") {
		t.Errorf("the failure is not the last: %q", stream)
	}
	if !coloured.MatchString(stream) {
		t.Errorf("no colours: %q", stream)
	}
}

var coloured = regexp.MustCompile(`\x1b\[[0-9;]*3[0-7]m`)

func TestNoColor(t *testing.T) {
	t.Parallel()
	s := newScreen(t, sizes[0])
	v, next := scenes()["stalled"].play(on(s, "NO_COLOR=1"))
	next.now(v)
	v.Close()
	if stream := s.all(); coloured.MatchString(stream) || !strings.Contains(stream, "stalled") {
		t.Errorf("coloured, or nothing there: %q", stream)
	}
}

// What is told while the live part is on the screen is there once, in order, and so is what is told as it comes and goes.
func TestFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	s := newScreen(t, sizes[0])
	v, next := scenes()["build"].play(on(s))
	next.now(v)
	const tellers, notes = 8, 50
	var wait sync.WaitGroup
	for teller := range tellers {
		wait.Go(func() {
			for i := range notes {
				v.Sink(event.Note{Text: fmt.Sprintf("<%d.%d>", teller, i)})
				v.Sink(event.ActivityLine{ID: 1, Line: fmt.Sprint(i)})
			}
		})
	}
	for range 3 {
		v.Pause()
		v.Resume()
	}
	wait.Wait()
	v.Close()
	stream := ansi.Strip(s.all())
	for teller := range tellers {
		last := 0
		for i := range notes {
			note := fmt.Sprintf("<%d.%d>", teller, i)
			place := strings.Index(stream, note)
			if strings.Count(stream, note) != 1 || place < last {
				t.Errorf("%s: %d times, at %d after %d", note, strings.Count(stream, note), place, last)
			}
			last = place
		}
	}
}

// alone is a writer that may not be written to while the live part is on the screen.
type alone struct {
	*testing.T
	view *View
	text bytes.Buffer
}

func (a *alone) Write(p []byte) (int, error) {
	if a.view.shown != nil {
		a.Errorf("written below the live part: %s", p)
	}
	return a.text.Write(p)
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	s := newScreen(t, sizes[0])
	answers := &alone{T: t}
	options := on(s)
	options.Answers = answers
	v, next := scenes()["build"].play(options)
	answers.view = v
	next.now(v)
	v.Sink(event.Version{Version: "1.2.3"})
	if next.come == nil {
		t.Error("the live part does not come back after an answer")
	}
	next.now(v)
	v.Sink(event.Outcome{Deployment: 12, System: system})
	if v.shown != nil || next.come != nil {
		t.Error("the live part is there after the end")
	}
	v.Close()
	stream := s.all()
	if got := answers.text.String(); !strings.HasPrefix(got, "nqd 1.2.3\n") || !strings.Contains(got, "Deployment 12") || strings.Contains(stream, "1.2.3") {
		t.Errorf("answers %q; terminal %q", got, stream)
	}
}

// Where there is no live part a heartbeat is a line: nothing else says that it goes on.
func TestHeartbeatIsALineWhereNothingMoves(t *testing.T) {
	t.Parallel()
	s := newScreen(t, sizes[0])
	v, next := scenes()["build"].play(on(s))
	v.Sink(event.Heartbeat{Seconds: 30})
	next.now(v)
	v.Sink(event.Heartbeat{Seconds: 60})
	v.Pause()
	v.Sink(event.Heartbeat{Seconds: 90})
	v.Resume()
	v.Close()
	v.Sink(event.Heartbeat{Seconds: 120})
	stream := s.all()
	for span, want := range map[string]bool{"30 s": false, "1 min": false, "1 min 30 s": true, "2 min": true} {
		if strings.Contains(stream, "still at it after "+span+"\r\n") != want {
			t.Errorf("%s: not %v in %q", span, want, stream)
		}
	}
}

// A station that takes no time shows no live part, and a command without stations has none.
func TestNothingForAMoment(t *testing.T) {
	t.Parallel()
	s := newScreen(t, sizes[0])
	v, next := scene{told: []at{
		{0, event.Note{Text: "one"}},
		{0, event.StationStarted{Station: event.Read, Subject: "x"}},
		{0, event.StationDone{Station: event.Read}},
	}}.play(on(s))
	next.now(v)
	v.Sink(event.StationStarted{Station: event.Try, Subject: system})
	if next.come != nil {
		t.Error("a live part while a password may be asked for")
	}
	v.Close()
	if got, want := s.all(), "note: one\r\nread      x\r\ntry       zv4sy5g1-nixos-system-orion-26.05\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The real clock brings the live part.
func TestComesByItself(t *testing.T) {
	t.Parallel()
	s := newScreen(t, sizes[0])
	v := New(on(s))
	v.Sink(event.StationStarted{Station: event.Evaluate, Subject: "orion"})
	s.wait("evaluating for")
	v.Close()
	s.all()
}

// A terminal that went away, such as a closed window, ends nothing.
func TestTerminalGoesAway(t *testing.T) {
	t.Parallel()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	v, next := scenes()["evaluate"].play(Options{Out: slave, Answers: slave, Environ: []string{"TERM=xterm"}})
	master.Close()
	next.now(v)
	v.Sink(event.Note{Text: "into the void"})
	v.Sink(event.Outcome{})
	v.Close()
}

func TestHarmless(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"": "", "plain": "plain", "\x1b[31mred\x1b[0m\x1b[2A": "red", "a\tb\rc\x07": "a    bc", "0123456789": "0123456789 ", "日本日本日": "日本日本日 ", "012345678": "012345678",
		strings.Repeat("x", 19): strings.Repeat("x", 19), strings.Repeat("x", 40): strings.Repeat("x", 19) + "|" + strings.Repeat("x", 19) + "|xx",
	} {
		if got := strings.Join(harmless([]string{line}, 10, 2), "|"); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}
