package nixlog

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// TestFailedLines: the last 20 lines of a builder, without colours, whether the error comes before or after its end.
func TestFailedLines(t *testing.T) {
	t.Parallel()
	message := func(raw string) string {
		return `@nix {"action":"msg","level":0,"msg":"\u001b[31;1merror:\u001b[0m ` + raw + `","raw_msg":"` + raw + `"}` + "\n"
	}
	for raw, want := range map[string]int{
		"builder for '" + drv + "' failed with exit code 1":                               20,
		"Cannot build '" + drv + "'.\\nReason: builder failed with exit code 1.":          20,
		"hash mismatch in fixed-output derivation '" + drv + "':\\n  specified: x":        20,
		"a time-out nobody foresaw for '" + drv + "'":                                     20,
		"Cannot build '" + drv + "'.\\nReason: 1 dependency failed.":                      -1,
		"Cannot build '" + drv + "'.\\nReason: 12 dependencies failed.\\nOutput paths: x": -1,
		"2 dependencies of derivation '" + drv + "' failed to build":                      -1,
		"path '/nix/store/x' is not valid":                                                -1,
		"Cannot build '/nix/store/other.drv'.\\nReason: platform mismatch":                0,
		"unknown words for '/nix/store/other.drv'":                                        -1,
	} {
		for _, early := range []bool{false, true} {
			r, _, _ := newReader()
			write(r, building(first))
			for i := range 33 {
				write(r, resulted(first, 101, fmt.Sprintf(`"\u001b[1mline\u001b[0m %d"`, i)))
			}
			end := []string{stopped(first), message(raw), message(raw)}
			if early {
				slices.Reverse(end)
			}
			write(r, end...)
			r.Close()
			got := r.Failed()
			if (want < 0) != (len(got) == 0) || len(got) > 1 {
				t.Errorf("%s: %v", raw, got)
				continue
			}
			if len(got) == 1 && (len(got[0].Lines) != want || want == 20 && (got[0].Lines[0] != "line 13" || got[0].Lines[19] != "line 32")) {
				t.Errorf("%s: %q", raw, got[0].Lines)
			}
		}
	}
}

// TestManyBuilds: each failed one has its own lines, though their memory goes from one to the next.
func TestManyBuilds(t *testing.T) {
	t.Parallel()
	r, _, _ := newReader()
	for i := range uint64(400) {
		name := fmt.Sprintf("/nix/store/x-%d.drv", i)
		write(r, started(i, 105, `"`+name+`"`), resulted(i, 101, fmt.Sprintf(`"one of %d"`, i)), resulted(i, 101, fmt.Sprintf(`"two of %d"`, i)), stopped(i))
		if i%100 == 99 {
			write(r, `@nix {"action":"msg","level":0,"msg":"error: builder for '`+name+`' failed"}`+"\n")
		}
	}
	failed := r.Failed()
	if len(failed) != 4 {
		t.Fatalf("failed: %v", failed)
	}
	for i, f := range failed {
		n := i*100 + 99
		if f.Derivation != fmt.Sprintf("/nix/store/x-%d.drv", n) || !slices.Equal(f.Lines, []string{fmt.Sprintf("one of %d", n), fmt.Sprintf("two of %d", n)}) {
			t.Errorf("failed: %v", f)
		}
	}
}

// TestErrors: which are kept, and how much of them.
func TestErrors(t *testing.T) {
	t.Parallel()
	r, s, _ := newReader()
	for i := range 150 {
		write(r, fmt.Sprintf(`@nix {"action":"msg","level":0,"msg":"error: %d"}`+"\n", i))
	}
	write(r, `@nix {"action":"msg","level":1,"msg":"warning: nothing"}`+"\n", `@nix {"action":"msg","level":0,"msg":"error (ignored): tidying up"}`+"\n")
	write(r, `@nix {"action":"msg","level":5,"msg":"for developers"}`+"\n")
	write(r, "error: unrecognised flag '--nonsense'\n", "       more of it\n", "Try 'nix --help' for more information.\n", "       not of it\n")
	write(r, `@nix {"action":"msg","level":0,"msg":"error: `+strings.Repeat("ü", maxText)+`"}`+"\n")
	r.Close()
	got := r.Errors()
	if len(got) != 100 || got[0] != "error: 0" || got[49] != "error: 49" || got[50] != "error: 102" {
		t.Fatalf("%d errors: %.20q", len(got), got)
	}
	if got[98] != "error: unrecognised flag '--nonsense'\n       more of it" {
		t.Errorf("plain error: %q", got[98])
	}
	if len(got[99]) > maxText+len("…") || !strings.HasSuffix(got[99], "ü…") {
		t.Errorf("long error: %d bytes", len(got[99]))
	}
	for _, o := range of[event.Output](s) {
		if o.Line == "for developers" {
			t.Error("a message of level 5 is told")
		}
	}
}

// TestVerbose: all lines, with the name of who wrote them.
func TestVerbose(t *testing.T) {
	t.Parallel()
	r, s, _ := newReader()
	r.Verbose = true
	write(r, building(first), resulted(first, 101, `"one"`), resulted(first, 101, `"\u001b[31mtwo\u001b]0;title\u0007"`))
	var got []string
	for _, o := range of[event.Output](s) {
		got = append(got, o.Line)
	}
	if !slices.Equal(got, []string{"broken-0.9> one", "broken-0.9> two"}) {
		t.Errorf("got %q", got)
	}
}

// TestLineIsOne: what a builder wrote is one line without passwords, and has an end, however nix wrote it.
func TestLineIsOne(t *testing.T) {
	t.Parallel()
	r, s, _ := newReader()
	r.Verbose = true
	write(r, building(first), resulted(first, 101, `"one\ntwo https://ada:s3cret@host"`), resulted(first, 101, `"`+strings.Repeat("x", 2*maxText)+`"`))
	if got := of[event.ActivityLine](s); len(got) == 0 || got[0].Line != "one two https://ada:xxxxx@host" {
		t.Errorf("lines %v", got)
	}
	if got := of[event.Output](s); len(got) != 2 || len(got[1].Line) > maxText+100 {
		t.Errorf("%d outputs, or one without end", len(got))
	}
}

// TestHotPath: a line of a builder allocates nothing, unless it is told.
func TestHotPath(t *testing.T) {
	told := 0
	c := newClock()
	r := &Reader{Sink: func(event.Event) { told++ }, Now: c.Now}
	write(r, building(first), building(second))
	lines := []byte(strings.Repeat(resulted(first, 101, `"[  1/25] compiling \"x\""`), 50) + resulted(second, 101, `"other"`) + resulted(second, 105, "0,1,0,0"))
	for range 2 * tailLines {
		_, _ = r.Write(lines)
	}
	before := told
	if n := testing.AllocsPerRun(100, func() { _, _ = r.Write(lines) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if told != before {
		t.Errorf("%d events while the clock stood still", told-before)
	}
}

// TestMemory: what is kept of a log has bounds, whatever it holds.
func TestMemory(t *testing.T) {
	r, _, c := newReader()
	r.Sink = nil
	measure := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := measure()
	long := strings.Repeat("x", 10_000)
	for i := range uint64(maxActive + 2000) {
		write(r, started(i, 105, `"/nix/store/`+long[:8000/(1+i%9)]+`"`))
		c.advance(time.Millisecond)
		if i%50 == 0 {
			for range 2 * tailLines {
				write(r, resulted(i, 101, `"`+long+`"`))
			}
		}
	}
	write(r, strings.Repeat(long, 3*maxLine/len(long)))
	if grown := int64(measure()) - int64(before); grown > 200<<20 {
		t.Errorf("%d MiB are kept", grown>>20)
	}
	write(r, "\n")
	if len(r.active) != maxActive {
		t.Errorf("%d activities", len(r.active))
	}
	r.Close()
	if grown := int64(measure()) - int64(before); grown > 1<<20 {
		t.Errorf("%d KiB are kept after the end", grown>>10)
	}
}

// FuzzReader: no input makes the Reader panic, and none is told without an end.
func FuzzReader(f *testing.F) {
	for _, name := range logs(f) {
		f.Add([]byte(readAll(f, name)), byte(7))
	}
	f.Fuzz(func(t *testing.T, data []byte, step byte) {
		r, s, c := newReader()
		r.Verbose = step%2 == 0
		size := int(step)*8 + 1
		for piece := range slices.Chunk(data, size) {
			if n, err := r.Write(piece); n != len(piece) || err != nil {
				t.Fatalf("took %d of %d, %v", n, len(piece), err)
			}
			c.advance(time.Duration(step) * time.Millisecond)
		}
		r.Beat()
		r.Close()
		if starts, ends := len(of[event.ActivityStarted](s)), len(of[event.ActivityDone](s)); starts != ends {
			t.Errorf("%d activities started, %d ended", starts, ends)
		}
		for _, text := range r.Errors() {
			if len(text) > maxText+8 || printable.Text(text) != text {
				t.Errorf("error %q", text)
			}
		}
	})
}
