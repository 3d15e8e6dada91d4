package runlog

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
)

// entries are the lines of a log, without their time, which each has.
func entries(t *testing.T, path string) (found []map[string]any) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var entry map[string]any
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		if _, err := time.Parse(timeFormat, entry["time"].(string)); err != nil {
			t.Error(err)
		}
		delete(entry, "time")
		found = append(found, entry)
	}
	return found
}

// A log has what came before it began, what nix says and what is told, but for what is told many times a second.
func TestLog(t *testing.T) {
	t.Parallel()
	l := Log{Dir: filepath.Join(t.TempDir(), "nqd", "log")}
	defer l.Close()
	passed := 0
	sink := l.Watch(func(event.Event) { passed++ })
	sink(event.StationStarted{Station: event.Read, Subject: "x"})
	if _, err := l.Write([]byte("warning: a\nwarning")); err != nil || l.Path() != "" {
		t.Fatalf("log at %q, %v", l.Path(), err)
	}
	l.Begin("apply", "1.2")
	for _, e := range []event.Event{
		event.ActivityProgress{}, event.Totals{}, event.Heartbeat{}, event.Output{Program: "nix", Line: "warning: a"},
		event.Output{Program: "git", Line: "fatal: b"}, event.ActivityLine{ID: 3, Line: "linking"}, event.Note{Text: "<c>"},
	} {
		sink(e)
	}
	if n, err := l.Write([]byte(": d\n")); n != 4 || err != nil {
		t.Errorf("took %d, %v", n, err)
	}
	want := []map[string]any{
		{"kind": "run", "command": "apply", "nqd": "1.2"},
		{"kind": "station_started", "station": "read", "subject": "x"},
		{"kind": "nix", "line": "warning: a"},
		{"kind": "output", "program": "git", "line": "fatal: b"},
		{"kind": "activity_line", "id": 3.0, "line": "linking"},
		{"kind": "note", "text": "<c>"},
		{"kind": "nix", "line": "warning: d"},
	}
	if got := entries(t, l.Path()); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if passed != 8 {
		t.Errorf("%d events handed on", passed)
	}
}

// The file and its folder are their owner's alone, whatever the folder was; the name is never the same.
func TestLogIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	at := time.Date(2026, 11, 23, 12, 0, 0, 5e6, time.FixedZone("", 3600))
	for range 2 {
		l := Log{Dir: dir, now: func() time.Time { return at }}
		l.Begin("apply", "1")
		l.Close()
		seen[l.Path()] = true
		info, err := os.Stat(l.Path())
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if text, err := os.ReadFile(l.Path()); err != nil || !strings.HasPrefix(string(text), `{"time":"2026-11-23T12:00:00.005+01:00","kind":"run"`) {
			t.Errorf("%s, %v", text, err)
		}
		if !strings.HasPrefix(filepath.Base(l.Path()), "20261123T110000Z-") {
			t.Errorf("named %s", l.Path())
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: mode %v, %v", info.Mode(), err)
	}
	if len(seen) != 2 {
		t.Errorf("two runs, one name: %v", seen)
	}
}

// A run that changes nothing leaves a log only where nix said something and somebody asks for it.
func TestKeep(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	l := Log{Dir: dir}
	l.Watch(func(event.Event) {})(event.Note{Text: "x"})
	if got := l.Keep(); got != "" {
		t.Errorf("log at %s", got)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("there is a folder")
	}
	if _, err := l.Write([]byte("error: y\n")); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, l.Keep()); len(got) != 2 || got[1]["line"] != "error: y" {
		t.Errorf("got %v", got)
	}
	l.Close()
}

// Of what is held before the log begins, the newest stays.
func TestHeld(t *testing.T) {
	t.Parallel()
	l := Log{Dir: t.TempDir()}
	for i := range 3 {
		if _, err := l.Write([]byte(strings.Repeat("x", mostHeld/2) + fmt.Sprint(i) + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if got := entries(t, l.Keep()); len(got) != 1 || !strings.HasSuffix(got[0]["line"].(string), "x2") {
		t.Errorf("%d lines", len(got))
	}
	l.Close()
}

// A long log goes on in other files; the first and the last ones stay. Of many runs the newest do, and what is not ours.
func TestRotation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var old []string
	for i := range runsKept + 5 {
		name := fmt.Sprintf("2026112%dT0000%02dZ-0123abcd", 3-i/60, 59-i)
		for _, part := range []string{ending, ".2" + ending} {
			if err := os.WriteFile(filepath.Join(dir, name+part), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		old = append(old, name)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.jsonl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l := Log{Dir: dir, now: func() time.Time { return time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC) }}
	l.Begin("apply", "1")
	line := strings.Repeat("x", 500<<10) + "\n"
	for range 40 {
		if _, err := l.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	var own, others []string
	for _, file := range List(dir) {
		if strings.HasPrefix(filepath.Base(file), "20261124") {
			own = append(own, filepath.Base(file)[len("20261124T000000Z-01234567"):])
			if info, err := os.Stat(file); err != nil || info.Size() > largestPart || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", file, info, err)
			}
		} else {
			others = append(others, strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ending), ".2"))
		}
	}
	if want := []string{".jsonl", ".4.jsonl", ".5.jsonl"}; !slices.Equal(own, want) || l.Path() != filepath.Join(dir, filepath.Base(List(dir)[0])) {
		t.Errorf("own files %v, want %v", own, want)
	}
	if others = slices.Compact(others); !slices.Equal(others, old[:runsKept-1]) {
		t.Errorf("stay: %v", others)
	}
	if _, err := os.Stat(filepath.Join(dir, "notes.jsonl")); err != nil {
		t.Error(err)
	}
}

// Where no log can be, that is told once, and everything goes on.
func TestLogImpossible(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]*Log{
		"a file in the way": {Dir: filepath.Join(file, "log")},
		"a full disk":       {Dir: t.TempDir()},
	} {
		var told []event.Event
		sink := l.Watch(func(e event.Event) { told = append(told, e) })
		if name == "a full disk" {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Skip(err)
			}
			l.opened, l.parts = true, parts{dir: l.Dir, base: "x", number: 1, file: full}
		}
		l.Begin("apply", "1")
		for range 3 {
			sink(event.Program{Name: "x"})
			if n, err := l.Write([]byte("text\n")); n != 5 || err != nil {
				t.Errorf("took %d, %v", n, err)
			}
		}
		notes := 0
		for _, e := range told {
			if note, is := e.(event.Note); is {
				notes++
				if !note.Warning || !strings.HasPrefix(note.Text, "this run has no log, or not all of it: ") {
					t.Errorf("%s: told %v", name, note)
				}
			}
		}
		if notes != 1 || len(told) != 4 {
			t.Errorf("%s: told %v", name, told)
		}
		l.Close()
	}
}

// Neither what nix says nor what is told leaves a secret in the log, or goes on with one: not within a line, and not
// over several lines of one program while another one speaks.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	secrets := &redact.Redactor{}
	secrets.Add("secrets/x", "watermelon")
	l := Log{Dir: t.TempDir(), Secrets: secrets}
	var passed []event.Event
	sink := Without(secrets, l.Watch(func(e event.Event) { passed = append(passed, e) }))
	l.Begin("apply", "1")
	token := "gh" + "p_" + strings.Repeat("aB3", 12)
	key := []string{"-----BEGIN OPENSSH " + "PRIVATE KEY-----", "b3BlbnNzaC1rZXkt", "QyNTUxOQAAACB", "-----END OPENSSH " + "PRIVATE KEY-----"}
	if _, err := l.Write([]byte("with " + token + " or water")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Write([]byte("melon\n" + strings.Join(key, "\n") + "\nnext\n")); err != nil {
		t.Fatal(err)
	}
	for _, line := range key {
		sink(event.Output{Program: "switch-to-configuration", Line: line})
		sink(event.Output{Program: "git", Line: "fatal"})
		sink(event.ActivityLine{ID: 1, Line: line})
		sink(event.ActivityLine{ID: 2, Line: "cc"})
	}
	sink(event.Program{Name: "switch-to-configuration"})
	sink(event.ActivityDone{ID: 1})
	sink(event.Note{Text: "a watermelon", Hint: "TOKEN=" + token})
	sink(event.Plan{Host: "watermelon", Lost: []event.Lost{{Wanted: json.RawMessage(`"watermelon"`)}}})
	l.Close()
	told, err := json.Marshal(passed)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(l.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range append(key[1:3], "watermelon", token) {
		if strings.Contains(string(text), secret) || strings.Contains(string(told), secret) {
			t.Errorf("%q stays in the log or in %s:\n%s", secret, told, text)
		}
	}
	if got := strings.Count(string(text), "‹redacted: private key›"); got != 3 || strings.Count(string(text), "fatal") != 4 || !strings.Contains(string(text), `"line":"next"`) {
		t.Errorf("%d keys in\n%s", got, text)
	}
}

func TestLogFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	l := Log{Dir: t.TempDir()}
	sink := Without(&redact.Redactor{}, l.Watch(func(event.Event) {}))
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			sink(event.Output{Program: "git", Line: "x"})
			_, _ = l.Write([]byte("y\n"))
			l.Begin("apply", "1")
			l.Keep()
		})
	}
	wait.Wait()
	l.Close()
	if got := entries(t, l.Path()); len(got) != 20+20+20 {
		t.Errorf("%d lines", len(got))
	}
}
