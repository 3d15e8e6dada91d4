package tui

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

var update = flag.Bool("update", false, "write what the tests got to testdata")

// at is an event and when it comes, in seconds from the start.
type at struct {
	second float64
	event  event.Event
}

// A scene is a moment of a run: all that was told up to then. Its golden files are what stands on the screen.
type scene struct {
	told []at
	now  float64 // in seconds from the start
}

const (
	cache  = "https://cache.nixos.org"
	system = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-nixos-system-orion-26.05"
)

func path(name string) string { return "/nix/store/1zfnvdlwxmjyjk7x3ajm9x3m3hjj9jqd-" + name }

// evaluated is how a deployment begins, up to 20 seconds.
func evaluated(rest ...at) []at {
	return append([]at{
		{0, event.StationStarted{Station: event.Read, Subject: "hosts/orion/host.toml"}},
		{0.1, event.StationDone{Station: event.Read}},
		{0.1, event.StationStarted{Station: event.Write, Subject: "/home/ada/.config/nixos"}},
		{0.4, event.StationDone{Station: event.Write}},
		{0.4, event.StationStarted{Station: event.Evaluate, Subject: "orion"}},
		{20, event.StationDone{Station: event.Evaluate}},
		{20, event.StationStarted{Station: event.Build, Subject: system}},
	}, rest...)
}

// downloads are so many of them that began at this time, 100 MiB each.
func downloads(second float64, from, n int) (told []at) {
	for id := from; id < from+n; id++ {
		told = append(told,
			at{second, event.ActivityStarted{ID: uint64(id), Activity: event.Download, Subject: path(fmt.Sprintf("package-%d.0", id)), From: cache}},
			at{second + 1, event.ActivityProgress{ID: uint64(id), Done: 1 << 20, Expected: 100 << 20}},
			at{second + 3, event.ActivityProgress{ID: uint64(id), Done: int64(id) << 20, Expected: 100 << 20}})
	}
	return told
}

func builds(second float64, from int, names ...string) (told []at) {
	for i, name := range names {
		id := uint64(from + i)
		told = append(told,
			at{second, event.ActivityStarted{ID: id, Activity: event.Building, Subject: path(name + ".drv")}},
			at{second, event.ActivityPhase{ID: id, Phase: "buildPhase"}},
			at{second + 1, event.ActivityLine{ID: id, Line: "\x1b[32m[ 45%]\x1b[0m Building CXX object src/CMakeFiles/" + name + ".dir/\x08main.cpp.o\twith\rtricks\x1b[2A"}})
	}
	return told
}

func totals(built, building, fetched, known, bytes int64) event.Totals {
	return event.Totals{
		Builds: event.Count{Done: built, Running: building}, Fetches: event.Count{Done: fetched, Expected: known}, Bytes: event.Count{Done: bytes},
	}
}

func scenes() map[string]scene {
	mixed := append(downloads(30, 41, 2), builds(22, 1, "ollama-0.9.1")...)
	mixed = append(mixed,
		at{23, event.ActivityStarted{ID: 2, Activity: event.Building, Subject: path("llama-cpp-6021.drv"), From: "ssh-ng://builder"}},
		at{24, event.ActivityDone{ID: 90, Activity: event.Download, Subject: path("linux-6.12.8"), Seconds: 12, Bytes: 140 << 20}},
		at{24, event.ActivityDone{ID: 91, Activity: event.Building, Subject: path("etc.drv"), Seconds: 0.2}},
		at{25, event.ActivityStarted{ID: 3, Activity: event.Download, Subject: "https://example.org/source-1.tar.gz"}},
		at{26, event.ActivityProgress{ID: 3, Done: 5 << 20}},
		at{27, event.ActivityStarted{ID: 4, Activity: event.Query, Subject: path("a"), From: cache}},
		at{27, event.ActivityStarted{ID: 5, Activity: event.Query, Subject: path("b"), From: cache}},
		at{27, event.ActivityStarted{ID: 6, Activity: event.Copy, Subject: path("c-1")}},
		at{33, totals(3, 2, 40, 120, 1288490189)})
	beat := event.Heartbeat{Seconds: 30, Totals: totals(0, 0, 7, 5, 9<<20), Active: []event.Unfinished{
		{ID: 41, Activity: event.Download, Subject: path("package-41.0"), From: cache, Silent: 310, Stalled: true},
		{ID: 77, Activity: event.Building, Subject: path("firefox-143.0.drv"), Phase: "installPhase", Line: "installing", Seconds: 4000},
		{ID: 78, Activity: event.Building, Subject: path("nodejs-22.drv"), Seconds: 700, Silent: 605, Stalled: true},
	}}
	names := strings.Fields("chromium-140 firefox-143 gcc-14.3.0 llvm-20.1 nodejs-22")
	failure := event.Failure{
		Error: "building orion: nix: error: writing to file: No space left on device", Hint: "nqd plan says how much room it takes", ExitCode: 1,
		Explanation: &event.Explanation{ID: "no-space", Cause: "The file system of the store is full.", Cure: "nix-collect-garbage frees what nothing needs."},
		Features:    []string{"ollama"}, Log: "/var/lib/nqd/deployments/12/nix.log",
	}
	tried := evaluated(
		at{60, event.StationDone{Station: event.Build}},
		at{60, event.StationStarted{Station: event.Show, Subject: system}},
		at{61, event.StationDone{Station: event.Show}},
		at{61, event.StationStarted{Station: event.Try, Subject: system}},
		at{70, event.StationDone{Station: event.Try}},
		at{70, event.StationStarted{Station: event.Check, Subject: "2"}},
		at{71, event.Checked{Feature: "git", ID: "runs", Kind: "command", Target: "git --version", OK: true, Seconds: 0.2}})
	// A deployment of homes with files in the way, and data that moves forward.
	moved := evaluated(
		at{60, event.StationDone{Station: event.Build}},
		at{60, event.StationStarted{Station: event.Show, Subject: system}},
		at{61, event.StationDone{Station: event.Show}},
		at{61, event.StationStarted{Station: event.Snapshot, Subject: "keep /var/lib/redis, 3.0 GiB, for deployment 12"}},
		at{64, event.StationDone{Station: event.Snapshot}},
		at{64, event.StationStarted{Station: event.Home, Subject: "move /home/ada/.config/a\nb into backup 3, and 4 more"}},
		at{65, event.StationDone{Station: event.Home}},
		at{65, event.StationStarted{Station: event.Try, Subject: system}},
		at{70, event.StationDone{Station: event.Try}},
		at{70, event.StationStarted{Station: event.Home, Subject: "remove links that lead nowhere"}},
		at{70, event.StationDone{Station: event.Home}},
		at{70, event.StationStarted{Station: event.Check, Subject: "1"}})
	return map[string]scene{
		"moved": {now: 75, told: moved},
		"evaluate": {now: 12.9, told: append(evaluated()[:5],
			at{0.5, event.ActivityStarted{ID: 1, Activity: event.Fetch, Subject: "github:NixOS/nixpkgs/nixos-26.05"}},
			at{0.7, event.ActivityStarted{ID: 2, Activity: event.Download, Subject: "https://channels.nixos.org/nixos-26.05/nixexprs.tar.xz"}},
			at{8, event.ActivityProgress{ID: 2, Done: 1 << 20}},
			at{12, event.ActivityProgress{ID: 2, Done: 9 << 20}},
			at{12, event.ActivityStarted{ID: 3, Activity: event.Other, Subject: "evaluating derivation 'git+file:///home/ada/.config/nixos#nqd.orion'"}})},
		"build":     {now: 34, told: evaluated(mixed...)},
		"many":      {now: 144, told: evaluated(append(builds(22, 1, names...), downloads(140, 41, 20)...)...)},
		"stalled":   {now: 351, told: evaluated(append(downloads(30, 41, 2), at{350, beat}, at{350, event.ActivityProgress{ID: 42, Done: 50 << 20, Expected: 40 << 20}})...)},
		"heartbeat": {now: 360, told: evaluated(append(downloads(30, 41, 1), at{350, beat}, at{355, event.ActivityProgress{ID: 41, Done: 50 << 20, Expected: 100 << 20}}, at{356, event.ActivityLine{ID: 78, Line: "again"}})...)},
		"failed":    {now: 40, told: evaluated(append(mixed, at{40, failure})...)},
		"check":     {now: 75, told: tried},
		"revert":    {now: 80, told: append(tried, at{79, event.StationStarted{Station: event.Revert, Subject: "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-nixos-system-orion-26.05"}}, at{80, event.Heartbeat{Seconds: 30}})},
	}
}

// clock is a time that passes when a scene says so.
type clock struct{ seconds float64 }

func (c *clock) now() time.Time {
	return time.Date(2026, 5, 30, 9, 8, 7, 0, time.UTC).Add(time.Duration(c.seconds * float64(time.Second)))
}

// cue is the live part that would come in a moment; nil where none would.
type cue struct{ come func() }

// play tells a scene to a new View, whose live part does not come by itself.
func (s scene) play(options Options) (*View, *cue) {
	c, next := &clock{}, &cue{}
	v := New(options)
	v.now = c.now
	v.soon = func(_ time.Duration, f func()) func() bool {
		next.come = f
		return func() bool { next.come = nil; return true }
	}
	for _, told := range s.told {
		c.seconds = told.second
		v.Sink(told.event)
	}
	c.seconds = s.now
	return v, next
}

// now lets the live part come, and waits until it is on the screen.
func (c *cue) now(v *View) {
	if c.come == nil {
		return
	}
	come := c.come
	c.come = nil
	come()
	if v.shown != nil {
		select {
		case <-v.shown.drawn:
		case <-v.shown.over:
		}
	}
}

// sizes are the terminals of the golden files.
var sizes = []canvas{{width: 80, height: 24}, {width: 40, height: 30}}

func golden(t *testing.T, name string, size canvas, got string) {
	t.Helper()
	file := filepath.Join("testdata", fmt.Sprintf("%s.%d.txt", name, size.width))
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Errorf("%v; `go test -update` writes it", err)
	} else if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// What stands on the screen is what was told and the present time, and nothing else.
func TestScenes(t *testing.T) {
	t.Parallel()
	for name, s := range scenes() {
		for _, size := range sizes {
			out, err := os.Create(filepath.Join(t.TempDir(), "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			v, next := s.play(Options{Out: out, Answers: out, Environ: []string{"LANG=C.UTF-8"}, Width: func(io.Writer) int { return size.width }})
			v.canvas.width, v.canvas.height = size.width, size.height
			lines, err := os.ReadFile(out.Name())
			if err != nil {
				t.Fatal(err)
			}
			live := ""
			if next.come != nil {
				live = ansi.Strip(v.frame()) + "\n"
			}
			checkLive(t, live, size)
			golden(t, name, size, string(lines)+live)
		}
	}
}

// checkLive holds the live part against its own rules.
func checkLive(t *testing.T, live string, size canvas) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(live, "\n"), "\n")
	if len(lines) >= size.height {
		t.Errorf("%d lines on a terminal of %d", len(lines), size.height)
	}
	for _, line := range lines {
		if columns := ansi.StringWidth(line); columns >= size.width || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
			t.Errorf("%q is %d columns wide on a terminal of %d, or has control characters", line, columns, size.width)
		}
	}
}

// No terminal is too small, and no event too odd.
func TestAnySize(t *testing.T) {
	t.Parallel()
	for name, s := range scenes() {
		v, _ := s.play(Options{Out: os.NewFile(^uintptr(0), "none"), Answers: io.Discard})
		for width := 1; width < 200; width += 7 {
			for height := 1; height < 60; height += 5 {
				v.canvas.width, v.canvas.height = width, height
				checkLive(t, ansi.Strip(v.frame()), canvas{width: max(2, width), height: max(2, height)})
			}
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestSigns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		environ string
		unicode bool
	}{
		{"", false}, {"LANG=C", false}, {"LANG=de_DE.UTF-8", true}, {"LANG=en_US.utf8", true}, {"LANG=en_US.utf8 TERM=linux", false},
		{"LANG=C LC_CTYPE=C.UTF-8", true}, {"LANG=C.UTF-8 LC_ALL=C", false}, {"LANG=C.UTF-8 LC_ALL=", true}, {"LC_ALL=C.UTF-8 TERM=xterm", true},
	} {
		if got := signsOf(strings.Fields(test.environ)) == unicodeSigns(); got != test.unicode {
			t.Errorf("%q: unicode %v", test.environ, got)
		}
	}
}

// Questions to one cache are one row, by whatever scheme it is asked.
func TestQuestionsAreOneRow(t *testing.T) {
	t.Parallel()
	p := newPicture(nil)
	for i, from := range []string{"https://cache.nixos.org", "https://cache.nixos.org/", "https://alone.example.org"} {
		p.apply(event.ActivityStarted{ID: uint64(i), Activity: event.Query, From: from}, time.Time{})
	}
	var got []string
	for _, r := range p.sorted(canvas{}, time.Time{}) {
		got = append(got, r.name+" "+r.detail)
	}
	if want := []string{"cache.nixos.org about 2 paths", "alone.example.org about a path"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
