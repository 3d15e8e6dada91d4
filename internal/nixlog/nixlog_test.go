package nixlog

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

const (
	first  = 4242<<32 + 7
	second = first + 1
	drv    = "/nix/store/9hgj5mi75p2x4bw839mrajnypz1q56vx-broken-0.9.drv"
)

func started(id uint64, kind int, fields string) string {
	return fmt.Sprintf("@nix {\"action\":\"start\",\"fields\":[%s],\"id\":%d,\"level\":3,\"parent\":0,\"text\":\"\",\"type\":%d}\n", fields, id, kind)
}

func child(id, parent uint64, kind int, fields string) string {
	return strings.Replace(started(id, kind, fields), `"parent":0`, fmt.Sprintf(`"parent":%d`, parent), 1)
}

func stopped(id uint64) string { return fmt.Sprintf("@nix {\"action\":\"stop\",\"id\":%d}\n", id) }

func resulted(id uint64, kind int, fields string) string {
	return fmt.Sprintf("@nix {\"action\":\"result\",\"fields\":[%s],\"id\":%d,\"type\":%d}\n", fields, id, kind)
}

func building(id uint64) string { return started(id, 105, `"`+drv+`","",1,1`) }

func write(r *Reader, lines ...string) {
	for _, line := range lines {
		_, _ = r.Write([]byte(line))
	}
}

func readAll(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestAnySplit: pieces of a log may end anywhere.
func TestAnySplit(t *testing.T) {
	t.Parallel()
	names := logs(t)
	rapid.Check(t, func(t *rapid.T) {
		data, err := os.ReadFile(rapid.SampledFrom(names).Draw(t, "log"))
		if err != nil {
			t.Fatal(err)
		}
		verbose := rapid.Bool().Draw(t, "verbose")
		steps := rapid.SliceOfN(rapid.IntRange(1, len(data)), 0, 6).Draw(t, "clock moves at")
		slices.Sort(steps)
		told := func(cut bool) (*Reader, *story) {
			r, s, c := newReader()
			r.Verbose = verbose
			rest, at := string(data), 0
			for _, step := range append(steps, len(data)) {
				for at < step {
					size := step - at
					if cut {
						size = min(size, rapid.IntRange(1, 400).Draw(t, "piece"))
					}
					p := []byte(rest[at : at+size])
					_, _ = r.Write(p)
					for i := range p { // a writer may not keep its argument
						p[i] = '!'
					}
					at += size
				}
				c.advance(150 * time.Millisecond)
				r.Tick()
			}
			r.Close()
			return r, s
		}
		whole, want := told(false)
		pieces, got := told(true)
		if got.String() != want.String() || !slices.Equal(whole.Errors(), pieces.Errors()) || !reflect.DeepEqual(whole.Failed(), pieces.Failed()) {
			t.Fatalf("in pieces:\n%s\nwhole:\n%s", got, want)
		}
	})
}

// TestUnknown: types, fields and actions of a later nix change nothing, and bad JSON is passed on.
func TestUnknown(t *testing.T) {
	t.Parallel()
	r, s, c := newReader()
	odd := []string{
		`@nix {"action":"dance","id":1}`, `@nix {"action":"start","id":5,"type":999,"text":"","fields":[]}`,
		`@nix {"action":"start","id":6,"type":"build","text":7,"fields":{"a":1},"parent":null}`,
		`@nix {"action":"result","id":5,"type":777,"fields":["x",[],{}]}`, `@nix {"action":"result","id":5,"type":101,"fields":[true]}`,
		`@nix {"action":"result","id":99,"type":101,"fields":["nobody's"]}`, `@nix {"action":"stop","id":99}`,
		`@nix {"action":"result","fields":[1,2,3],"id":5,"type":105}`, `@nix {"action":"result","fields":[-1,-2,0,0],"id":5,"type":105}`,
		`@nix {"action":"result","fields":[],"id":5,"type":104}`, `@nix {"action":"start","id":-1,"type":105}`,
	}
	write(r, strings.Join(odd, "\n")+"\n", started(first, 113, `"/home/ada/flake",0`), `@nix {"action":"start","id":8,"type":200,"text":"polishing"}`+"\n")
	if len(s.lines) > 1 { // the activity of type 105 without a derivation
		t.Errorf("told at once:\n%s", s)
	}
	c.advance(time.Second)
	r.Tick()
	bad := []string{"@nix {", "@nix", "@nix []", "no JSON", `@nix {"action":"msg"`}
	write(r, strings.Join(bad, "\n"))
	r.Close()
	var passed, subjects []string
	for _, o := range of[event.Output](s) {
		passed = append(passed, o.Line)
	}
	for _, a := range of[event.ActivityStarted](s) {
		if a.Activity == event.Other {
			subjects = append(subjects, a.Subject)
		}
	}
	slices.Sort(subjects)
	if !slices.Equal(passed, []string{"@nix {", "@nix", "@nix []", "no JSON", `@nix {"action":"msg"`}) {
		t.Errorf("passed on: %q", passed)
	}
	if !slices.Equal(subjects, []string{"/home/ada/flake", "polishing"}) {
		t.Errorf("others: %q", subjects)
	}
}

// TestOtherShapes: keys in another order mean the same.
func TestOtherShapes(t *testing.T) {
	t.Parallel()
	r, s, _ := newReader()
	write(r, building(first), fmt.Sprintf(`@nix {"id":%d,"type":101,"action":"result","fields":["a \"b\" \u00fc \\"]}`+"\n", first))
	if got := of[event.ActivityLine](s); len(got) != 1 || got[0].Line != `a "b" ü \` {
		t.Errorf("got %v", got)
	}
}

// TestTotalsFall: nix takes back what it expected (NixOS/nix#13935), but never what is done.
func TestTotalsFall(t *testing.T) {
	t.Parallel()
	r, s, c := newReader()
	write(r, started(first, 104, ""), started(second, 102, ""))
	for _, fields := range []string{"0,10,1,0", "2,10,2,0", "1,4,1,1", "0,0,0,0"} {
		c.advance(time.Second)
		write(r, resulted(first, 105, fields))
	}
	var got []event.Count
	for _, total := range of[event.Totals](s) {
		got = append(got, total.Builds)
	}
	want := []event.Count{{Expected: 10, Running: 1}, {Done: 2, Expected: 10, Running: 2}, {Done: 2, Expected: 4, Running: 1, Failed: 1}, {Done: 2}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	r.Close()
	if again := len(of[event.Totals](s)); again != len(want) {
		t.Errorf("%d totals: what did not change is told again", again)
	}
}

// TestThrottle: at most five times a second and activity, and what came last is told.
func TestThrottle(t *testing.T) {
	t.Parallel()
	r, s, c := newReader()
	const url = `"https://cache.example/nar/x.nar.xz"`
	write(r, building(first), started(second, 101, url))
	for i := range 1000 { // ten seconds
		write(r, resulted(first, 101, fmt.Sprintf(`"line %d"`, i)), resulted(second, 105, fmt.Sprintf("%d,5000,0,0", i+1)))
		c.advance(10 * time.Millisecond)
	}
	lines, progress, totals := of[event.ActivityLine](s), of[event.ActivityProgress](s), of[event.Totals](s)
	for name, n := range map[string]int{"lines": len(lines), "progress": len(progress), "totals": len(totals)} {
		if n < 45 || n > 51 {
			t.Errorf("%s: %d in ten seconds", name, n)
		}
	}
	before := len(s.lines)
	r.Tick()
	c.advance(throttle)
	r.Tick()
	r.Tick()
	if got := strings.Join(s.lines[before:], "\n"); strings.Count(got, "\n") != 2 || !strings.Contains(got, "line 999") || !strings.Contains(got, `"done":1000`) {
		t.Errorf("due after a while:\n%s", got)
	}
	write(r, resulted(first, 101, `"but one"`), resulted(first, 101, `"last"`), resulted(second, 105, "3000,5000,0,0"), resulted(second, 105, "4000,5000,0,0"))
	before = len(s.lines)
	write(r, stopped(first))
	r.Close()
	want := []string{
		`activity_line {"id":1,"line":"last"}`, `activity_done {"activity":"build","id":1,"seconds":10.2,"subject":"` + drv + `"}`,
		`activity_progress {"done":4000,"expected":5000,"id":2}`,
	}
	if got := s.lines[before:]; len(got) < 4 || !slices.Equal(got[:3], want) || !strings.Contains(got[3], `"bytes":4000`) {
		t.Errorf("at the end:\n%s", strings.Join(got, "\n"))
	}
}

// TestSubstituteIsOne: a path from a cache is one activity, with the bytes of the network.
func TestSubstituteIsOne(t *testing.T) {
	t.Parallel()
	r, s, c := newReader()
	const path = `"/nix/store/rj8724yqcnhdkhi18fmxqp0b2cmjj8yl-program-2.1","https://cache.example"`
	write(r, started(first, 108, path), child(second, first, 100, path+`,"local"`), child(second+1, second, 101, `"https://cache.example/nar/x"`))
	for _, fields := range []string{"0,0,0,0", "10,100,0,0", "60,100,0,0", "0,100,0,0", "30,100,0,0", "100,100,0,0"} {
		write(r, resulted(second, 105, "1000,9000,0,0"), resulted(second+1, 105, fields))
		c.advance(time.Second)
	}
	write(r, stopped(second+1), stopped(second), stopped(first))
	r.Close()
	var done []int64
	for _, p := range of[event.ActivityProgress](s) {
		done = append(done, p.Done)
	}
	if !slices.Equal(done, []int64{10, 60, 100}) {
		t.Errorf("bytes %v: they never fall", done)
	}
	ends := of[event.ActivityDone](s)
	if len(of[event.ActivityStarted](s)) != 1 || len(ends) != 1 || ends[0].Bytes != 100 || ends[0].Seconds != 6 || ends[0].Activity != event.Download {
		t.Errorf("told:\n%s", s)
	}
	if totals := of[event.Totals](s); totals[len(totals)-1].Bytes != (event.Count{Done: 100, Expected: 100}) {
		t.Errorf("totals %v", totals)
	}
}

// TestFetch: the input of a flake is what nix's words have in quotes, or all of them; what it says of it is a line.
func TestFetch(t *testing.T) {
	t.Parallel()
	r, s, _ := newReader()
	said := func(id uint64, text string) string {
		return strings.Replace(started(id, 112, ""), `"text":""`, `"text":"`+text+`"`, 1)
	}
	write(r, said(first, `fetching \u001b[35;1m'github:ada/x'\u001b[0m`), resulted(first, 108, `"12 % of objects"`))
	write(r, said(second, "fetching it's input"), said(second+1, ""), started(second+2, 112, `"path:/x"`))
	want := []string{
		`activity_started {"activity":"fetch","id":1,"subject":"github:ada/x"}`, `activity_line {"id":1,"line":"12 % of objects"}`,
		`activity_started {"activity":"fetch","id":2,"subject":"fetching it's input"}`,
		`activity_started {"activity":"fetch","id":3,"subject":""}`, `activity_started {"activity":"fetch","id":4,"subject":"path:/x"}`,
	}
	if !slices.Equal(s.lines, want) {
		t.Errorf("told\n%s", s)
	}
}

// TestSameNumber: an activity that begins once more is over before, and nothing of it is left.
func TestSameNumber(t *testing.T) {
	t.Parallel()
	r, s, _ := newReader()
	write(r, building(first), resulted(first, 101, `"one"`), building(first), stopped(first), stopped(first))
	r.Close()
	if starts, ends := len(of[event.ActivityStarted](s)), len(of[event.ActivityDone](s)); starts != 2 || ends != 2 || len(of[event.ActivityLine](s)) != 1 {
		t.Errorf("told\n%s", s)
	}
}

// TestQueries: a question to a cache is told once it lasts.
func TestQueries(t *testing.T) {
	t.Parallel()
	r, s, c := newReader()
	write(r, started(first, 109, `"/nix/store/x","https://cache.example"`), child(first+10, first, 101, `"https://cache.example/x.narinfo"`), stopped(first+10), stopped(first))
	write(r, started(second, 109, `"/nix/store/y","https://cache.example"`), child(second+10, second, 101, `"https://cache.example/y.narinfo"`))
	c.advance(999 * time.Millisecond)
	r.Tick()
	if len(s.lines) != 0 {
		t.Errorf("too early:\n%s", s)
	}
	c.advance(time.Millisecond)
	r.Tick()
	c.advance(59 * time.Second)
	r.Beat()
	want := event.Unfinished{ID: eventID(second), Activity: event.Query, Subject: "/nix/store/y", From: "https://cache.example", Seconds: 60, Silent: 60, Stalled: true}
	beats := of[event.Heartbeat](s)
	if len(beats) != 1 || !slices.Equal(beats[0].Active, []event.Unfinished{want}) || len(of[event.ActivityStarted](s)) != 1 {
		t.Errorf("told:\n%s", s)
	}
}

// TestHeartbeat: who is silent for how long, the oldest first, and not too many.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	r, s, c := newReader()
	r.Tick()
	c.advance(time.Second)
	write(r, started(100, 101, `"https://cache.example/slow"`), resulted(100, 105, "5,10,0,0"))
	for i := range uint64(30) {
		c.advance(time.Second)
		write(r, building(first-i))
	}
	write(r, resulted(first, 104, `"buildPhase"`), resulted(first, 101, `"\u001b[1mcompiling\u001b[0m"`))
	for range 31 {
		c.advance(time.Second)
		write(r, resulted(100, 105, "5,10,0,0")) // nix repeats itself: no byte came
	}
	r.Beat()
	c.advance(269 * time.Second)
	r.Beat()
	beats := of[event.Heartbeat](s)
	if len(beats) != 2 || beats[0].Seconds != 62 || len(beats[0].Active) != 20 {
		t.Fatalf("told %v", beats)
	}
	slow, build := beats[0].Active[0], beats[0].Active[1]
	if want := (event.Unfinished{ID: 100, Activity: event.Download, Subject: "https://cache.example/slow", Seconds: 61, Silent: 61, Stalled: true, Done: 5, Expected: 10}); slow != want {
		t.Errorf("got %v, want %v", slow, want)
	}
	if want := (event.Unfinished{ID: eventID(first), Activity: event.Building, Subject: drv, Phase: "buildPhase", Line: "compiling", Seconds: 60, Silent: 31}); build != want {
		t.Errorf("got %v, want %v", build, want)
	}
	if build = beats[1].Active[1]; build.Silent != 300 || !build.Stalled || beats[1].Active[2].Stalled != true {
		t.Errorf("after 300 s: %v", build)
	}
}

// TestClosed: whatever comes after the end is dropped.
func TestClosed(t *testing.T) {
	t.Parallel()
	r, s, _ := newReader()
	write(r, building(first), "half a line")
	r.Close()
	r.Close()
	write(r, building(second), "more\n")
	r.Beat()
	r.Tick()
	if want := []string{"activity_started", "output", "activity_done"}; len(s.lines) != 3 || !strings.HasPrefix(s.lines[1], want[1]) || !strings.HasPrefix(s.lines[2], want[2]) {
		t.Errorf("told:\n%s", s)
	}
}
