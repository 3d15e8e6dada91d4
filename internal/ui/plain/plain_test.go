package plain

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

var update = flag.Bool("update", false, "write what the tests got to testdata")

const (
	oldSystem = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-nixos-system-orion-26.05"
	newSystem = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-nixos-system-orion-26.05"
)

var (
	started    = time.Date(2026, 5, 30, 9, 8, 7, 0, time.Local)
	difference = event.Difference{
		Old: oldSystem, New: newSystem,
		Added:   []event.PackageChange{{Name: "ollama", After: []string{"0.9.1"}, Size: 123456789}, {Name: "unit-ollama.service", Size: 1}},
		Removed: []event.PackageChange{{Name: "nginx", Before: []string{"1.28"}, Size: -2 << 20}},
		Changed: []event.PackageChange{
			{Name: "git", Before: []string{"2.50"}, After: []string{"2.51"}, Size: 1536},
			{Name: "python3", Before: []string{"3.12", "3.13"}, After: []string{"3.13", "3.14"}, Size: -3 << 30},
			{Name: "systemd", Before: []string{"258"}, After: []string{"258"}, Size: 8192},
			{Name: "etc", Size: 9000},
		},
		SizeBefore: 5 << 40, SizeAfter: 5<<40 + 1023,
	}
	first = event.Deployment{
		ID: 1, Kind: "apply", Host: "orion", Result: "committed", Started: started, Old: oldSystem, New: newSystem,
		Commit: "0123abc", Features: []string{"base", "git"}, Running: true, BootDefault: true,
	}
	second = event.Deployment{
		ID: 12, Kind: "rollback", Of: 1, Host: "orion", Result: "reverted", Started: started.Add(time.Hour),
		Old: newSystem, New: oldSystem, Problem: "one\ntwo", Features: []string{"base"},
	}
	saved  = event.Backup{ID: 3, Made: started, Reason: "before deployment 3", Deployment: 3, Files: 2, Size: 4096}
	cutOff = event.Underway{
		Deployment: event.Deployment{ID: 13, Kind: "apply", Host: "orion", Result: "interrupted", Started: started, Old: oldSystem, New: newSystem},
		Resumable:  true,
		Steps: []event.PlannedStep{
			{Action: "home.folders", Does: "make 2 folders", State: "done"},
			{Action: "home.clear", Does: "move /home/ada/.zshrc into backup 3", State: "done"},
			{Action: "home.clear", Does: "move /home/ada/.config/a\nb into backup 3", State: "done"},
			{Action: "home.clear", Does: "move /home/ada/.bashrc into backup 3", State: "done"},
			{Action: "try", Does: "activate nixos-system-orion-26.05", State: "started"},
			{Action: "check", Does: "ask 2 checks"},
			{Action: "commit", Does: "make it the boot default"},
		},
	}
	halfUndone = event.Underway{
		Deployment: event.Deployment{ID: 14, Kind: "rollback", Of: 2, Host: "orion", Result: "broken", Started: started},
		Steps: []event.PlannedStep{
			{Action: "home.clear", Does: "move /home/ada/.zshrc into backup 3", State: "undoing"},
			{Action: "try", Does: "activate nixos-system-orion-26.05", State: "undone"},
			{Action: "check", Does: "ask 2 checks", State: "failed"},
		},
	}
)

// examples are events as they happen, by the name of their golden file: every type is there.
var examples = map[string][]event.Event{
	"station": {
		event.StationStarted{Station: event.Read, Subject: "hosts/orion/host.toml"},
		event.StationStarted{Station: event.Evaluate, Subject: "orion"},
		event.StationStarted{Station: event.Snapshot, Subject: "keep /var/lib/redis"},
		event.StationStarted{Station: event.Home, Subject: "move /home/ada/a\nb into backup 3"},
		event.StationStarted{Station: event.Try, Subject: newSystem},
		event.StationStarted{Station: event.Check, Subject: "2"},
		event.StationStarted{Station: event.Workspace, Subject: "bring the workspace back to deployment 3"},
		event.StationStarted{Station: event.Late, Subject: "1"},
		event.StationStarted{Station: event.Revert, Subject: oldSystem},
		event.StationDone{Station: event.Read, Seconds: 1},
		event.Program{Name: "nix", Seconds: 2},
	},
	"output": {event.Output{Program: "nix", Line: "building..."}},
	"note": {
		event.Note{Text: "a word"},
		event.Note{Text: "careful", Hint: "do this\nor that\n", Warning: true},
	},
	"check": {
		event.Checked{Feature: "ollama", ID: "api", Kind: "http", Target: "http://127.0.0.1:11434/", OK: true, Critical: true, Seconds: 0.26},
		event.Checked{Feature: "ollama", ID: "api", Kind: "http", Target: "http://127.0.0.1:11434/", Critical: true, Problem: "refused", Seconds: 30},
		event.Checked{Feature: "git", ID: "runs", Kind: "command", Target: "git --version", Problem: "exit code 1", Seconds: 5.04},
		event.Checked{Feature: "gpu-nvidia", ID: "module", Kind: "gpu", Target: "nvidia-module", OK: true, Remark: "from the next start on", Seconds: 0.01},
		event.Checked{Feature: "gpu-nvidia", ID: "version", Kind: "gpu", Target: "nvidia-version", Problem: "two versions",
			Cause: "an update\n", Cure: "restart", Seconds: 0.01},
	},
	"plan":            {event.Plan{Host: "orion", Old: oldSystem, New: newSystem, Features: event.Change{Added: []string{"ollama"}}}},
	"plan-nothing":    {event.Plan{Host: "orion", Old: oldSystem, New: oldSystem}},
	"plan-files-only": {event.Plan{Host: "orion", Old: oldSystem, New: oldSystem, Files: []event.FileChange{{Path: "nixlib.md", Change: "new"}, {Path: "nixlib/default.nix", Change: "changed"}}}},
	"difference":      {difference},
	"failure": {
		event.Failure{Error: "evaluating orion: nix: one\ntwo\n", Hint: "do this\nand that", ExitCode: 1},
		event.Failure{Error: "no more", ExitCode: 1},
	},
	"why":           {event.Why{Name: "ollama", Chains: [][]string{{newSystem, linux}}}},
	"activities":    activities,
	"heartbeat":     heartbeats,
	"failure-known": failures,
	"explanations":  explanations,
	"outcome": {
		event.Outcome{Deployment: 3, Result: "committed", System: newSystem},
		event.Outcome{Deployment: 4, Result: "committed", System: newSystem, Reboot: []event.Reboot{{What: "kernel", Before: "linux-6.18.9", After: "linux-7.0.4"}, {What: "initrd"}}},
		event.Outcome{Result: "unchanged", System: newSystem},
		event.Outcome{Deployment: 3, Result: "reverted", System: oldSystem},
	},
	"version": {event.Version{Version: "1.2.3"}},
	"facts": {event.Facts{
		Rows: []event.Fact{{Name: "memory", Value: "16 GiB"}}, File: "/w/hosts/orion/facts.json",
		Changes: []event.FactChange{{Name: "memory", Before: "8 GiB", After: "16 GiB"}},
	}},
	"gpu": {event.GPU{
		Cards: []event.GPUCard{{
			Slot: "0000:01:00.0", ID: "10de:2520", Vendor: "nvidia", Name: "GA106", Generation: "Ampere", Driver: "nouveau",
			Decision: "driver of branch production", Source: "a file",
		}},
		Compute: "cuda", Features: []string{"gpu-nvidia"}, Checks: []event.Checked{{ID: "nvidia-smi", Problem: "nothing", Cause: "why", Cure: "how"}},
	}},
	"adoption": {
		event.Adoption{From: "/etc/nixos/configuration.nix", Files: []string{"configuration.nix", "hardware-configuration.nix"}},
		event.Adoption{From: "/etc/nixos/configuration.nix", Findings: []event.Finding{
			{ID: "adopt-secret", File: "/etc/nixos/configuration.nix", Line: 12, Text: "hashedPassword is set to a text in the file", Cure: "remove the line"},
			{ID: "adopt-flake", File: "/etc/nixos/flake.nix", Text: "is a flake\nof its own", Cure: "go on without it"},
		}},
		event.Adoption{},
	},
	"initialized": {event.Initialized{Workspace: "/home/ada/.config/nixos", Host: "orion", Files: []string{"flake.nix", "hosts/orion/host.toml"}}},
	"history": {event.History{Deployments: []event.Deployment{
		first, second,
		{ID: 13, Kind: "apply", Result: "interrupted", Started: started, New: newSystem, Running: true},
		{ID: 14, Kind: "apply", Result: "broken", Started: started, New: "/odd", BootDefault: true},
	}}},
	"underway": {cutOff, halfUndone},
	"backups":  {event.Backups{Dir: "/home/ada/.local/state/nqd/backups", Backups: []event.Backup{saved}}},
	"backup": {
		event.BackupShown{Backup: saved, Entries: []event.BackupEntry{{Path: "/home/ada/.zshrc", Kind: "file", Mode: "0644", Modified: started, Size: 4096}}},
		event.BackupVerified{Backups: 1, Files: 2}, event.BackupVerified{Backups: 1, Files: 2, Damaged: []event.BackupProblem{{Backup: 3, Path: "/home/ada/.zshrc", Problem: "is gone"}}},
		event.BackupRestored{Backup: 3, Restored: []string{"/home/ada/.zshrc"}, Unchanged: 2, Replaced: 4},
		event.BackupPruned{Removed: []event.Backup{saved}, Freed: 4096},
	},
	"upkeep": {
		event.Garbage{
			Collected: true, Paths: 12, Freed: 3 << 20, Stays: []event.GarbageRoot{{Kind: "deployment", Name: "deployment 3", System: newSystem, Why: "runs now"}},
			Goes: []event.GarbageRoot{{Kind: "generation", Name: "generation 1", System: oldSystem, Why: "is old"}},
		},
		event.Uninstalled{System: oldSystem, Removed: []string{"/home/ada/.cache/nqd"}, Left: []string{"/home/ada/.config/nixos"}},
		event.Bundled{File: "/home/ada/nqd.tar.gz", Entries: []string{"log/3"}, Redacted: 2},
	},
	"preconditions": {event.Preconditions{Rows: []event.Precondition{
		{Name: "release", Verdict: event.OK, Found: "NixOS 26.05 runs"},
		{Name: "busy", Verdict: event.Fail, Found: "another switch-to-configuration is running (process 77)", Cure: "wait until it is done"},
	}}},
	"history-empty": {event.History{}},
	"deployment": {
		event.Shown{Deployment: first, Log: "/home/ada/.cache/nqd/log/1", Difference: &difference, Steps: []event.Step{
			{Time: started, Action: "deployment", State: "started"},
			{Time: started, Action: "try", State: "started", Does: "activate\nit"}, {Time: started.Add(time.Second), Action: "try", State: "done", Does: "activate\nit"},
			{Time: started, Action: "try", State: "undoing", Does: "activate\nit"}, {Time: started.Add(time.Second), Action: "try", State: "undone", Does: "activate\nit"},
		}},
		event.Shown{Deployment: second},
	},
	"status": {
		event.Status{Running: newSystem, Profile: newSystem, BootDefault: newSystem, Workspace: "/w", Hosts: []string{"orion", "vega"}, Deployment: &first},
		event.Status{Running: newSystem, Profile: oldSystem, BootDefault: oldSystem, Workspace: "/w", Unfinished: &cutOff, Deployment: &first},
		event.Status{Running: newSystem, Profile: newSystem, Workspace: "/w", Busy: true, Unfinished: &cutOff},
		event.Status{Running: newSystem, Profile: newSystem, BootDefault: newSystem, Workspace: "/w", Reboot: []event.Reboot{{What: "kernel parameters", After: "quiet"}}},
	},
}

// render is what both streams get, one after the other.
func render(verbose bool, events ...event.Event) string {
	var out, progress bytes.Buffer
	sink := New(&out, &progress, Options{Verbose: verbose})
	for _, e := range events {
		sink(e)
	}
	return "-- answers --\n" + out.String() + "-- progress --\n" + progress.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, events := range examples {
		file := filepath.Join("testdata", name+".txt")
		got := render(true, events...)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v; `go test -update` writes it", err)
		} else if got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) != len(examples) {
		t.Errorf("%d files in testdata for %d examples; %v", len(files), len(examples), err)
	}
}

// eventTypes are the types of package event that are events: those with a MessageType.
func eventTypes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../event/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("package event: %q, %v", files, err)
	}
	var names []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			if method, is := decl.(*ast.FuncDecl); is && method.Recv != nil && method.Name.Name == "MessageType" {
				names = append(names, method.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	return names
}

// A new event needs words here, and a golden file that shows them.
func TestEveryEventHasWords(t *testing.T) {
	t.Parallel()
	var shown []string
	for _, events := range examples {
		for _, e := range events {
			shown = append(shown, reflect.TypeOf(e).Name())
			if text := render(true, e); strings.Contains(text, "without words") {
				t.Errorf("%T: %s", e, text)
			}
		}
	}
	for _, name := range eventTypes(t) {
		if !slices.Contains(shown, name) {
			t.Errorf("event.%s: no example", name)
		}
	}
}

type newEvent struct{}

func (newEvent) MessageType() string { return "news" }

func TestEventWithoutWords(t *testing.T) {
	t.Parallel()
	if got, want := render(false, newEvent{}), "-- answers --\n-- progress --\nnews: an event without words; --json shows it\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOutputIsForVerbose(t *testing.T) {
	t.Parallel()
	output := examples["output"][0]
	if got := render(false, output); strings.Contains(got, "building") {
		t.Errorf("got %q", got)
	}
	if got := render(true, output); !strings.Contains(got, "  nix: building...\n") {
		t.Errorf("verbose: got %q", got)
	}
}
