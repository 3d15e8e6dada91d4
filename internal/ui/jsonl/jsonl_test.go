package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

var update = flag.Bool("update", false, "write what the tests got to testdata")

var (
	started    = time.Date(2026, 5, 30, 9, 8, 7, 0, time.UTC)
	deployment = event.Deployment{
		ID: 2, Kind: "rollback", Of: 1, Host: "orion", Result: "reverted", Started: started, Ended: &started, Old: "/old", New: "/new",
		Commit: "0123abc", Features: []string{"base"}, Problem: "one\ntwo", Running: true, BootDefault: true,
	}
	underway = event.Underway{
		Deployment: deployment, Resumable: true, Steps: []event.PlannedStep{{Action: "try", Does: "activate it", State: "started"}, {Action: "check"}},
	}
	saved      = event.Backup{ID: 1, Made: started, Reason: "r", Deployment: 2, Files: 3, Size: 4}
	damaged    = []event.BackupProblem{{Backup: 1, Path: "/a", Problem: "p"}}
	changes    = []event.PackageChange{{Name: "git", Before: []string{"1"}, After: []string{"2"}, Size: -1}}
	difference = event.Difference{Old: "/old", New: "/new", Added: changes, Removed: changes, Changed: changes, SizeBefore: 1, SizeAfter: 2}
	change     = event.Change{Added: []string{"a"}, Removed: []string{"b"}, Kept: []string{"c"}}
	kept       = int64(4096)
	count      = event.Count{Done: 1, Running: 2, Expected: 3, Failed: 4}
	totals     = event.Totals{Builds: count, Fetches: count, Bytes: count}
	reboot     = []event.Reboot{{What: "kernel", Before: "1", After: "2", Required: true}}

	precondition = event.Precondition{Name: "clock", Verdict: event.Warn, Found: "f", Cure: "c"}
	adoption     = event.Adoption{From: "/etc/nixos/configuration.nix", Files: []string{"configuration.nix"}, Findings: []event.Finding{
		{ID: "adopt-secret", File: "/etc/nixos/configuration.nix", Line: 3, Text: "t", Cure: "c"},
	}}
	explanation = event.Explanation{ID: "no-space", Title: "t", Cause: "c", Cure: "d"}
)

// examples have every member set: their names, in testdata/events.jsonl, never change.
var examples = []event.Event{
	event.StationStarted{Station: event.Try, Subject: "/new"},
	event.StationDone{Station: event.Try, Seconds: 1.5},
	event.Note{Text: "a \"word\" <&>", Hint: "do\nthis", Warning: true},
	event.Program{Name: "nix", Seconds: 2},
	event.Output{Program: "nix", Line: "\x1b[1mbold \xff"},
	event.Checked{Feature: "f", ID: "i", Kind: "http", Target: "t", OK: true, Critical: true, Problem: "p", Remark: "r", Cause: "c", Cure: "d", Seconds: 0.5},
	event.Plan{
		Adopted: []event.Adopted{{Kind: "opens", Option: "o", Value: json.RawMessage(`[1]`), Files: []string{"f.nix"}}},
		Host:    "orion", Old: "/old", New: "/new", Files: []event.FileChange{{Path: "flake.nix", Change: "new"}}, Features: change,
		Packages: event.Packages{Exact: true, Added: changes, Removed: changes, Changed: changes, SizeBefore: 1, SizeAfter: 2},
		Units: event.Units{
			Start: []string{"a.service"}, Stop: []string{"b.service"}, Restart: []string{"c.service"}, Reload: []string{"d.service"},
			Later: []string{"e.service"},
		},
		Users: change, Accounts: change, Groups: change,
		Ports:         []event.Port{{Feature: "f", Name: "n", Protocol: "tcp", Number: 1, Expose: []string{"lan"}, Change: "new", Taken: "x"}},
		Home:          []event.HomeFile{{User: "ada", Path: "/home/ada/.bashrc", Kept: "/home/ada/.bashrc.kept"}},
		Flatpaks:      change,
		Secrets:       []event.Secret{{Feature: "f", Name: "n", File: "secrets/n"}},
		State:         []event.StateChange{{Feature: "f", Path: "/var/lib/f", Kind: "k", Package: "p", Before: "1", After: "2", Size: &kept}},
		Checks:        []event.PlannedCheck{{Feature: "f", ID: "i", Kind: "http", Target: "t", Critical: true}},
		Lost:          []event.Lost{{Feature: "f", Option: "o", Wanted: json.RawMessage("1"), Final: json.RawMessage("[2]"), Files: []string{"x.nix"}}},
		Overrides:     []event.Override{{Feature: "f", Option: "o", Value: json.RawMessage("1"), Replaced: []json.RawMessage{json.RawMessage("2")}, Files: []string{"x.nix"}}},
		Skipped:       []event.Skipped{{Feature: "f", Package: "p", Why: "w"}},
		Builds:        event.Builds{Compiled: []event.PlannedBuild{{Derivation: "/x.drv", Name: "x", Features: []string{"f"}}}, Generated: 1},
		Fetches:       event.Fetches{Paths: 1, Download: 2, Unpacked: 3, Caches: []event.Cache{{URL: "u", Paths: 1, Problem: "p"}}},
		Space:         []event.Space{{Path: "/nix", For: []string{"the store"}, Need: 1, Free: 2}},
		Reboot:        reboot,
		Preconditions: []event.Precondition{precondition},
		Took:          []event.Effort{{Deployment: 1, Seconds: map[event.Station]float64{event.Build: 1.5}, Fetched: 2, Built: 3}},
		Unknown:       []string{"u"},
	},
	difference,
	event.Why{Name: "git", Chains: [][]string{{"/new", "/git"}}},
	event.ActivityStarted{ID: 1, Activity: event.Download, Subject: "/nix/store/x", From: "https://cache.nixos.org"},
	event.ActivityProgress{ID: 1, Done: 1, Expected: 2},
	event.ActivityPhase{ID: 1, Phase: "buildPhase"},
	event.ActivityLine{ID: 1, Line: "a line"},
	event.ActivityDone{ID: 1, Activity: event.Download, Subject: "/nix/store/x", Seconds: 1.5, Bytes: 2},
	totals,
	event.Heartbeat{Seconds: 30, Totals: totals, Active: []event.Unfinished{{
		ID: 1, Activity: event.Building, Subject: "/x.drv", From: "ssh://b", Phase: "p", Line: "l", Seconds: 1, Silent: 2, Stalled: true, Done: 3, Expected: 4,
	}}},
	event.Failure{Error: "one\ntwo", Hint: "h", ExitCode: 4, Explanation: &explanation, Features: []string{"f"}, Log: "/log"},
	event.Explanations{Known: []event.Explanation{explanation}},
	event.Outcome{Deployment: 1, Result: "committed", System: "/new", Reboot: reboot},
	event.Version{Version: "1.2.3"},
	adoption,
	event.Facts{
		Facts: json.RawMessage(`{"version":2}`), Rows: []event.Fact{{Name: "memory", Value: "16 GB"}}, File: "/f", Deployment: 1,
		Changes: []event.FactChange{{Name: "memory", Before: "8 GB", After: "16 GB"}}, Refreshed: true,
	},
	event.GPU{
		Cards: []event.GPUCard{{
			Slot: "0000:01:00.0", ID: "10de:2520", Vendor: "nvidia", Name: "GA106M", Generation: "Ampere", Driver: "nouveau", Boot: true, Decision: "d", Source: "s",
		}},
		Compute: "cuda", Features: []string{"gpu-nvidia"}, Warnings: []string{"w"}, Checks: []event.Checked{{Feature: "f", ID: "i"}},
	},
	event.Preconditions{Rows: []event.Precondition{precondition}},
	event.Initialized{Workspace: "/w", Host: "orion", Files: []string{"a"}, Adoption: &adoption, Unfree: []string{"u"}, DryRun: true, HostFile: "h"},
	event.History{Deployments: []event.Deployment{deployment}},
	event.Shown{Deployment: deployment, Steps: []event.Step{{Time: started, Action: "try", State: "done", Does: "activate it"}}, Difference: &difference, Log: "/log"},
	underway,
	event.Status{
		Running: "/new", Profile: "/new", BootDefault: "/old", Workspace: "/w", Hosts: []string{"orion"}, Reboot: reboot,
		Deployment: &deployment, Unfinished: &underway, Busy: true,
	},
	event.Backups{Dir: "/b", Backups: []event.Backup{saved}},
	event.BackupShown{Backup: saved, Skipped: damaged, Entries: []event.BackupEntry{
		{Path: "/home/ada/.zshrc", Kind: "file", Mode: "0644", Modified: started, Size: 1, Hash: "0a"}, {Path: "/l", Kind: "link", Mode: "0777", Modified: started, Target: "t"},
	}},
	event.BackupVerified{Backups: 1, Files: 2, Damaged: damaged},
	event.BackupRestored{Backup: 1, Restored: []string{"/a"}, Unchanged: 2, Replaced: 3, Lost: []string{"/a: its owner"}},
	event.BackupPruned{DryRun: true, Removed: []event.Backup{saved}, Freed: 4},
	event.Garbage{
		DryRun: true, Collected: true, Paths: 1, Freed: 2, Stays: []event.GarbageRoot{{Kind: "deployment", Name: "deployment 3", System: "/new", Why: "it runs"}},
		Goes: []event.GarbageRoot{{Kind: "generation", Name: "generation 1", System: "/old", Why: "it is old"}},
	},
	event.Uninstalled{Planned: true, System: "/old", Removed: []string{"/a"}, Left: []string{"/w"}},
	event.Bundled{File: "/f.tar.gz", Entries: []string{"nix.log"}, Redacted: 1},
}

func render(verbose bool, events ...event.Event) string {
	var out bytes.Buffer
	sink := New(&out, verbose)
	for _, e := range events {
		sink(e)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	const file = "testdata/events.jsonl"
	got := render(true, examples...)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%v; got\n%s\nwant\n%s", err, got, want)
	}
}

// wantLine checks that text is one line with one JSON object, and returns its members.
func wantLine(t *testing.T, text, kind string) map[string]any {
	t.Helper()
	if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
		t.Errorf("not one line: %q", text)
	}
	if prefix := `{"message_type":"` + kind + `"`; !strings.HasPrefix(text, prefix) {
		t.Errorf("does not begin with %s: %s", prefix, text)
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		t.Errorf("%v: %s", err, text)
	}
	if n := strings.Count(text, `"message_type":`); n != 1 {
		t.Errorf("%d times message_type: %s", n, text)
	}
	return members
}

// Every event, with all of its members set and with none, is one object on one line.
func TestOneLineEach(t *testing.T) {
	t.Parallel()
	for _, e := range examples {
		members := wantLine(t, render(true, e), e.MessageType())
		empty := reflect.Zero(reflect.TypeOf(e)).Interface().(event.Event)
		if _, is := e.(event.Plan); !is { // json.RawMessage apart, the zero value is an event too
			wantLine(t, render(true, empty), e.MessageType())
		}
		delete(members, "message_type")
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var own map[string]any
		if err := json.Unmarshal(want, &own); err != nil || !reflect.DeepEqual(own, members) {
			t.Errorf("%T: got %v, want %v; %v", e, members, own, err)
		}
	}
}

func TestExamplesAreComplete(t *testing.T) {
	t.Parallel()
	var shown []string
	for _, e := range examples {
		shown = append(shown, reflect.TypeOf(e).Name())
		value := reflect.ValueOf(e)
		for i := range value.NumField() {
			if value.Field(i).IsZero() {
				t.Errorf("%T: the example has no %s", e, value.Type().Field(i).Name)
			}
		}
	}
	files, err := filepath.Glob("../../event/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("package event: %q, %v", files, err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			method, is := decl.(*ast.FuncDecl)
			if !is || method.Recv == nil || method.Name.Name != "MessageType" {
				continue
			}
			if name := method.Recv.List[0].Type.(*ast.Ident).Name; !slices.Contains(shown, name) {
				t.Errorf("event.%s: no example", name)
			}
		}
	}
}

func TestOutputIsForVerbose(t *testing.T) {
	t.Parallel()
	output, note := event.Output{Program: "nix", Line: "x"}, event.Note{Text: "y"}
	if got := render(false, output, note, output); strings.Count(got, "\n") != 1 || strings.Contains(got, "output") {
		t.Errorf("got %s", got)
	}
	if got := render(true, output, note); strings.Count(got, "\n") != 2 {
		t.Errorf("verbose: got %s", got)
	}
}

type empty struct{}

func (empty) MessageType() string { return `odd "kind"` }

func TestEventWithoutMembers(t *testing.T) {
	t.Parallel()
	if got, want := render(false, empty{}), `{"message_type":"odd \"kind\""}`+"\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What cannot be encoded is told, in the same form.
func TestEventThatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	got := render(false, event.Plan{Lost: []event.Lost{{Wanted: json.RawMessage("{")}}})
	members := wantLine(t, got, "failure")
	if text, _ := members["error"].(string); !strings.HasPrefix(text, "encoding an event: ") || members["exit_code"] != 1.0 {
		t.Errorf("got %s", got)
	}
}

// whole is a writer that wants every line in one piece and then is gone.
type whole struct {
	t     *testing.T
	lines int
}

func (w *whole) Write(p []byte) (int, error) {
	w.lines++
	if bytes.Count(p, []byte("\n")) != 1 || p[len(p)-1] != '\n' {
		w.t.Errorf("written in pieces: %q", p)
	}
	return 0, errors.New("broken pipe")
}

func TestFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	w := &whole{t: t}
	sink := New(w, false)
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() { sink(event.Note{Text: "x"}) })
	}
	wait.Wait()
	if w.lines != 50 {
		t.Errorf("%d lines of 50 after the reader went away", w.lines)
	}
}
