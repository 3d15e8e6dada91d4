package nixcli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixlog"
)

// told are the events of one kind that f told.
func told[E event.Event](f *fake) (found []E) {
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, e := range f.events {
		if one, is := e.(E); is {
			found = append(found, one)
		}
	}
	return found
}

// A nix that works tells activities as events while it does, and its messages too.
func TestWorkTells(t *testing.T) {
	t.Parallel()
	const drv = curl + ".drv"
	f := newFake(t)
	f.answer(t, "stdout", curl+"\n")
	f.answer(t, "stderr", `@nix {"action":"start","fields":["`+drv+`","",1,1],"id":7,"level":3,"parent":0,"text":"building","type":105}
@nix {"action":"result","fields":["hello"],"id":7,"type":101}
@nix {"action":"msg","level":1,"msg":"warning: careful"}
`) // and it ends without a word
	var log bytes.Buffer
	f.Log, f.Verbose = &log, true
	if _, err := f.Build(t.Context(), drv, "/links/new"); err != nil {
		t.Fatal(err)
	}
	if started := told[event.ActivityStarted](f); len(started) != 1 || started[0].Subject != drv || started[0].Activity != event.Building {
		t.Errorf("started %v", started)
	}
	if done := told[event.ActivityDone](f); len(done) != 1 || done[0].Subject != drv {
		t.Errorf("done %v", done)
	}
	if !slices.ContainsFunc(told[event.Output](f), func(o event.Output) bool { return strings.Contains(o.Line, "hello") }) {
		t.Errorf("outputs %v: no line of the builder, and that is verbose", told[event.Output](f))
	}
	if !strings.Contains(log.String(), "warning: careful") || strings.Contains(log.String(), "@nix") {
		t.Errorf("log %q", log.String())
	}
	if _, is := f.events[len(f.events)-1].(event.Program); !is || len(told[event.Program](f)) != 1 {
		t.Errorf("events %v: the program's is the last one", f.events)
	}
}

// What nix says is told, kept and logged without what only a terminal understands, and without passwords.
func TestOutputIsPrintable(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var log bytes.Buffer
	f.Log = &log
	f.answer(t, "stderr", "error: \x1b[31munable\x1b[0m to reach 'https://ada:s3cret@cache.example'\n")
	f.answer(t, "fails", "")
	const want = "unable to reach 'https://ada:xxxxx@cache.example'"
	_, missing := f.Missing(t.Context(), "/nix/store/x.drv")
	for name, err := range map[string]error{"without JSON": missing, "with it": f.Lock(t.Context(), "path:x")} {
		var failed *Error
		if !errors.As(err, &failed) || failed.Message != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, o := range told[event.Output](f) {
		if o.Line != "error: "+want {
			t.Errorf("told %q", o.Line)
		}
	}
	if text := strings.Repeat("error: "+want+"\n", 2); log.String() != text {
		t.Errorf("log %q, want %q", log.String(), text)
	}
}

// The log has what a nix says that does not work for long, too.
func TestOutputIsLogged(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var log bytes.Buffer
	f.Log = &log
	f.answer(t, "stderr", "warning: careful\n")
	if _, err := f.Missing(t.Context(), "/nix/store/x.drv"); err != nil {
		t.Fatal(err)
	}
	if log.String() != "warning: careful\n" {
		t.Errorf("log %q", log.String())
	}
}

// While nix works there is a heartbeat at every tick of half a minute, and none afterwards.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*fake) error{
		"work":   func(f *fake) error { return f.Lock(t.Context(), "path:x") },
		"output": func(f *fake) error { _, err := f.Missing(t.Context(), "/nix/store/x.drv"); return err },
	} {
		f := newFake(t)
		wait := filepath.Join(f.dir, "wait") // nix works until somebody reads this
		if err := mkfifo(wait); err != nil {
			t.Fatal(err)
		}
		beats := make(chan time.Time)
		var stopped sync.WaitGroup
		stopped.Add(2)
		f.ticks = func(every time.Duration) (<-chan time.Time, func()) {
			if every == 30*time.Second {
				return beats, stopped.Done
			}
			return nil, stopped.Done
		}
		ended := make(chan error)
		go func() { ended <- run(f) }()
		for range 3 {
			beats <- time.Time{} // the third is taken when the second was told
		}
		release, err := os.OpenFile(wait, os.O_RDONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", name, err)
		}
		release.Close()
		stopped.Wait()
		if got := told[event.Heartbeat](f); len(got) != 3 {
			t.Errorf("%s: heartbeats %v, want 3", name, got)
		}
		select {
		case beats <- time.Time{}:
			t.Errorf("%s: somebody waits for a beat still", name)
		default:
		}
	}
}

// TestNoBeatAfterwards: what nix did is told in order, a beat that is under way at the end too.
func TestNoBeatAfterwards(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	wait := filepath.Join(f.dir, "wait")
	if err := mkfifo(wait); err != nil {
		t.Fatal(err)
	}
	beats := make(chan time.Time)
	underWay, stopped := make(chan struct{}), make(chan struct{})
	f.ticks = func(every time.Duration) (<-chan time.Time, func()) {
		if every == heartbeat {
			return beats, func() { close(stopped) }
		}
		return nil, func() {}
	}
	f.Sink = func(e event.Event) {
		if _, is := e.(event.Heartbeat); is {
			close(underWay)
			<-stopped
			for range 1000 { // time enough for somebody who does not wait
				runtime.Gosched()
			}
		}
		f.take(e)
	}
	ended := make(chan error)
	go func() {
		_, err := f.Missing(t.Context(), "/nix/store/x.drv")
		ended <- err
	}()
	beats <- time.Time{}
	<-underWay
	release, err := os.OpenFile(wait, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer release.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, is := f.events[len(f.events)-1].(event.Program); !is || len(told[event.Heartbeat](f)) != 1 {
		t.Errorf("events %v: want a heartbeat before the program", f.events)
	}
}

const failedDrv = curl + ".drv"

// What nix says with JSON becomes the same error as without, and the builder's lines are beside it.
func TestFailure(t *testing.T) {
	t.Parallel()
	const now = "error: Cannot build '" + failedDrv + "'.\n       Reason: builder failed with exit code 3.\n       Output paths:\n         " + curl
	const tail = ";\n       last 2 log lines:\n       > one\n       > \n       For full logs, run:\n         nix log " + failedDrv
	failed := func(lines ...string) []nixlog.Failure { return []nixlog.Failure{{Derivation: failedDrv, Lines: lines}} }
	for name, c := range map[string]struct {
		messages []string
		failed   []nixlog.Failure
		want     Error
	}{
		"evaluation": {[]string{"trace: error: x", "error: one\n       more"}, nil, Error{Message: "one\nmore"}},
		"a build": {
			[]string{now, "error: 1 dependencies of derivation 'x' failed to build"}, failed("a", "b"),
			Error{Message: "Cannot build '" + failedDrv + "'.\nReason: builder failed with exit code 3.\nOutput paths:\n  " + curl, Derivation: failedDrv, Lines: []string{"a", "b"}},
		},
		"by a daemon that tells the log": {
			[]string{"error: builder for 'x' failed with exit code 3" + tail}, failed("a", "b"),
			Error{Message: "builder for 'x' failed with exit code 3", Derivation: failedDrv, Lines: []string{"a", "b"}},
		},
		"by a daemon that tells it there alone": {
			[]string{"error: builder for 'x' failed with exit code 3" + tail}, failed(),
			Error{Message: "builder for 'x' failed with exit code 3", Derivation: failedDrv, Lines: []string{"one", ""}},
		},
		"said afterwards":    {[]string{"error: one", "Try 'nix --help' for more information."}, nil, Error{Message: "one"}},
		"nothing but traces": {[]string{"trace: x"}, nil, Error{Message: "trace: x"}},
		"nothing":            {nil, nil, Error{Message: "ended without saying why"}},
		"no derivation":      {[]string{"error: x"}, []nixlog.Failure{{Derivation: "/etc/passwd", Lines: []string{"a"}}}, Error{Message: "x", Lines: []string{"a"}}},
		"many lines": {
			[]string{"error: x"}, failed(numbered(25)...),
			Error{Message: "x", Derivation: failedDrv, Lines: numbered(25)[5:]},
		},
	} {
		c.want.Doing, c.want.Code = "building x", 3
		if got := failure("building x", 3, c.messages, c.failed); !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s:\n got %#v\nwant %#v", name, *got, c.want)
		}
	}
}

// Recorded logs of a build whose dependency failed, of a nix that builds and of one that a daemon
// builds for, which tells the builder's lines twice.
func TestFailureRecorded(t *testing.T) {
	t.Parallel()
	const broken = "/nix/store/qsgrzln18wl0xdlvpalqw0bjmgc51mp6-broken-1.0.drv"
	messages := map[string]string{
		"2.26": "builder for '" + broken + "' failed with exit code 3",
		"2.34": "Cannot build '" + broken + "'.\nReason: builder failed with exit code 3.\nOutput paths:\n  " +
			"/nix/store/9bpkhxrh3f2vapwm9mq27km4vhqzjy16-broken-1.0",
	}
	for version, message := range messages {
		for _, who := range []string{"local", "daemon"} {
			f := newFake(t)
			f.answer(t, "stderr", read(t, "log/"+version+"/"+who+".jsonl"))
			f.answer(t, "fails", "")
			_, err := f.Build(t.Context(), "/nix/store/x-top.drv", "/links/new")
			want := "building x-top.drv: nix: " + message + "\n  | checking things\n  | error: the disk is on fire\n  | make: *** [all] Error 2"
			if err == nil || err.Error() != want {
				t.Errorf("%s, %s: got\n%v\nwant\n%s", version, who, err, want)
			}
			var failed *Error
			log := "nix-store --store '" + f.Machine.Store() + "' --read-log " + broken
			if !errors.As(err, &failed) || failed.Log() != log || failed.Code != 7 {
				t.Errorf("%s, %s: %#v", version, who, err)
			}
		}
	}
}

func numbered(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprint("line ", i+1))
	}
	return lines
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err       Error
		text, log string
	}{
		"evaluation": {Error{Doing: "evaluating x", Message: "one\nmore"}, "evaluating x: nix: one\nmore", ""},
		"a build": {
			Error{Doing: "building x", Message: "no", Derivation: failedDrv, Lines: []string{"a", "", "  b"}},
			"building x: nix: no\n  | a\n  | \n  |   b", "nix-store --read-log " + failedDrv,
		},
		"the last ten": {
			Error{Doing: "building x", Message: "no", Lines: numbered(11)},
			"building x: nix: no\n  | " + strings.Join(numbered(11)[1:], "\n  | "), "",
		},
	} {
		if got := c.err.Error(); got != c.text {
			t.Errorf("%s: got %q, want %q", name, got, c.text)
		}
		if got := c.err.Log(); got != c.log {
			t.Errorf("%s: log %q, want %q", name, got, c.log)
		}
	}
}

// A nix that fails before it speaks JSON says why nevertheless.
func TestFailureWithoutJSON(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer(t, "fails", "")
	for said, want := range map[string]string{
		"error: unrecognised flag '--x'\nTry 'nix --help' for more information.\n":    "unrecognised flag '--x'",
		"@nix {\"action\":\"stop\",\"id\":1}\nnix: symbol lookup error\n":             "nix: symbol lookup error",
		"@nix {\"action\":\"stop\",\"id\":1}\n":                                       "ended without saying why",
		`@nix {"action":"msg","level":0,"msg":"error: attribute 'x' missing"}` + "\n": "attribute 'x' missing",
	} {
		f.answer(t, "stderr", said)
		err := f.Lock(t.Context(), "path:x")
		var failed *Error
		if !errors.As(err, &failed) || failed.Message != want || failed.Code != 7 {
			t.Errorf("%q: got %v, want %s", said, err, want)
		}
	}
}

// TestTailMemory: a log without end costs no memory but the first.
func TestTailMemory(t *testing.T) {
	var kept tail
	piece := bytes.Repeat([]byte("x"), 3*tailSize/4)
	if n := testing.AllocsPerRun(100, func() { _, _ = kept.Write(piece) }); n != 0 {
		t.Errorf("%v allocations for each piece", n)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var kept tail
		var all []byte
		for _, size := range rapid.SliceOf(rapid.IntRange(0, tailSize*2)).Draw(t, "sizes") {
			piece := bytes.Repeat([]byte{byte('a' + len(all)%26)}, size)
			if n, err := kept.Write(piece); n != size || err != nil {
				t.Fatalf("took %d of %d, %v", n, size, err)
			}
			all = append(all, piece...)
			if want := all[max(0, len(all)-tailSize):]; !bytes.Equal(kept.kept, want) {
				t.Fatalf("kept %d bytes of %d, want the last %d", len(kept.kept), len(all), len(want))
			}
		}
	})
}
