package plain

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

const (
	ollama = "/nix/store/1zfnvdlwxmjyjk7x3ajm9x3m3hjj9jqd-ollama-0.9.1.drv"
	linux  = "/nix/store/8sh2z3ly7pv9h6ar1gmf6vvr5yx2i8kd-linux-6.12.8"
	glibc  = "/nix/store/dlxsy2dx3ydxvb7n7b5k7s3gqdqv7v8d-glibc-2.40-66"
	cache  = "https://cache.nixos.org"
	source = "https://example.org/source-1.tar.gz"
)

// activities are one build station: what is short is counted only.
var activities = []event.Event{
	event.StationStarted{Station: event.Build, Subject: newSystem},
	event.ActivityStarted{ID: 1, Activity: event.Building, Subject: ollama},
	event.ActivityStarted{ID: 2, Activity: event.Download, Subject: linux, From: cache},
	event.ActivityPhase{ID: 1, Phase: "buildPhase"},
	event.ActivityLine{ID: 1, Line: "[ 45%] Building"},
	event.ActivityProgress{ID: 2, Done: 1 << 20, Expected: 240 << 20},
	event.Totals{Builds: event.Count{Running: 1, Expected: 2}},
	event.ActivityDone{ID: 3, Activity: event.Download, Subject: glibc, Seconds: 0.4, Bytes: 10<<20 - 1},
	event.ActivityDone{ID: 2, Activity: event.Download, Subject: linux, Seconds: 9, Bytes: 240 << 20},
	event.ActivityDone{ID: 4, Activity: event.Copy, Subject: glibc, Seconds: 10, Bytes: 4096},
	event.ActivityDone{ID: 5, Activity: event.Download, Subject: source, Seconds: 61},
	event.ActivityDone{ID: 6, Activity: event.Building, Subject: ollama, Seconds: 1.9},
	event.ActivityDone{ID: 1, Activity: event.Building, Subject: ollama, Seconds: 3723},
	event.ActivityDone{ID: 7, Activity: event.Query, Subject: glibc, Seconds: 12},
	event.ActivityDone{ID: 8, Activity: event.Query, Subject: linux, Seconds: 9},
	event.StationDone{Station: event.Build, Seconds: 4000},
	// The next station counts for itself.
	event.StationStarted{Station: event.Check, Subject: "2"},
	event.StationDone{Station: event.Check, Seconds: 1},
	event.StationStarted{Station: event.Evaluate, Subject: "orion"},
	event.ActivityDone{ID: 9, Activity: event.Download, Subject: source, Seconds: 0.2, Bytes: 512},
	event.StationDone{Station: event.Evaluate, Seconds: 1},
	event.StationStarted{Station: event.Build, Subject: newSystem},
	event.ActivityDone{ID: 10, Activity: event.Download, Subject: glibc, Seconds: 0.2, Bytes: 512},
	event.StationDone{Station: event.Build, Seconds: 1},
}

var heartbeats = []event.Event{
	event.Heartbeat{
		Seconds: 60,
		Totals: event.Totals{
			Builds:  event.Count{Done: 3, Running: 2, Expected: 9},
			Fetches: event.Count{Done: 40, Expected: 120},
			Bytes:   event.Count{Done: 1288490189},
		},
		Active: []event.Unfinished{
			{ID: 2, Activity: event.Download, Subject: linux, From: cache, Seconds: 12, Done: 120 << 20, Expected: 240 << 20},
			{ID: 1, Activity: event.Building, Subject: ollama, Phase: "buildPhase", Line: "\t[ 45%] Building  CXX", Seconds: 123},
			{ID: 3, Activity: event.Download, Subject: glibc, From: cache, Seconds: 320, Silent: 300, Stalled: true, Done: 4096, Expected: 1024},
		},
	},
	event.Heartbeat{
		Seconds: 3600,
		Active: []event.Unfinished{
			{Activity: event.Other, Subject: "waiting for the big Nix store lock", Seconds: 3000, Silent: 3000, Stalled: true},
			{Activity: event.Building, Subject: ollama, Seconds: 601, Silent: 590, Stalled: true},
			{Activity: event.Building, Subject: ollama, From: "ssh://builder", Seconds: 601, Silent: 590, Stalled: true},
			{Activity: event.Copy, Subject: glibc, Seconds: 1},
			{Activity: event.Query, Subject: glibc, Seconds: 1},
			{Activity: event.Fetch, Subject: "github:NixOS/nixpkgs", Seconds: 1},
			{Activity: event.Other, Subject: "evaluating", Seconds: 1},
		},
	},
	event.Heartbeat{Seconds: 30},
}

var (
	diskFull = event.Explanation{
		ID: "no-space", Title: "A file system has no room left",
		Cause: "The file system of the store is full.", Cure: "nix-collect-garbage frees what nothing needs.",
	}
	failures = []event.Event{
		event.Failure{
			Error: "building orion: nix: error: writing to file: No space left on device", ExitCode: 1,
			Explanation: &diskFull, Features: []string{"ollama"}, Log: "/var/log/nqd/12.log",
		},
		event.Failure{Error: "building orion: builder failed", Hint: "look", ExitCode: 1, Features: []string{"ollama", "git"}, Log: "nix-store --read-log " + ollama},
		event.Failure{Error: "building orion", ExitCode: 1, Explanation: &diskFull},
	}
	explanations = []event.Event{
		event.Explanations{Known: []event.Explanation{diskFull, {ID: "no-network", Title: "A cache cannot be reached"}}},
		event.Explanations{Known: []event.Explanation{diskFull}},
	}
)

// Each stream is wrapped to its own width, which is asked anew.
func TestWidthOfStreams(t *testing.T) {
	t.Parallel()
	var out, progress bytes.Buffer
	width := 30
	sink := New(&out, &progress, Options{Width: func(w io.Writer) int {
		if w == &progress {
			return width
		}
		return 0
	}})
	sink(failures[0])
	for line := range strings.Lines(progress.String()) {
		if len(line) > 31 {
			t.Errorf("%q is longer than 30", line)
		}
	}
	width, progress = 300, bytes.Buffer{}
	sink(failures[0])
	if n := strings.Count(progress.String(), "\n"); n != 6 {
		t.Errorf("%d lines at width 300: %s", n, progress.String())
	}
	width = 30
	sink(explanations[1])
	if n := strings.Count(out.String(), "\n"); n != 3 {
		t.Errorf("%d lines without a width: %s", n, out.String())
	}
}

// What a title goes on with stands below it, not below the ID.
func TestExplanationsAligned(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	New(&out, io.Discard, Options{Width: func(io.Writer) int { return 24 }})(explanations[0])
	want := "no-space    A file\n            system has\n            no room left\n" +
		"no-network  A cache\n            cannot be\n            reached\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"0": "nothing to check", "1": "1 check", "2": "2 checks"} {
		if got := subject(event.StationStarted{Station: event.Check, Subject: number}); got != want {
			t.Errorf("%s: got %q, want %q", number, got, want)
		}
	}
}
