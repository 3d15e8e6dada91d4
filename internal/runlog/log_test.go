package runlog

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A log is there as soon as there is something in it, for its owner only; of old ones the newest stay.
func TestLog(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "nqd", "log")
	quiet := Log{Dir: dir}
	if got := quiet.Path(); got != "" {
		t.Errorf("nothing was said, and there is %s", got)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("nothing was said, and there is a directory")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for i := range logsKept + 5 {
		old := filepath.Join(dir, fmt.Sprintf("nix-%d.log", i))
		if err := os.WriteFile(old, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		age := start.Add(-time.Duration(i) * time.Minute)
		if err := os.Chtimes(old, age, age); err != nil {
			t.Fatal(err)
		}
	}
	log := Log{Dir: dir}
	for range 2 {
		if n, err := log.Write([]byte("error: x\n")); n != 9 || err != nil {
			t.Fatalf("took %d, %v", n, err)
		}
	}
	if text, err := os.ReadFile(log.Path()); err != nil || string(text) != "error: x\nerror: x\n" {
		t.Errorf("log has %q, %v", text, err)
	}
	if info, err := os.Stat(log.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != logsKept {
		t.Errorf("%d logs, want %d (%v)", len(left), logsKept, err)
	}
	for i := range logsKept - 1 {
		if _, err := os.Stat(filepath.Join(dir, fmt.Sprintf("nix-%d.log", i))); err != nil {
			t.Errorf("a new one is gone: %v", err)
		}
	}
}

// An old log that stays, whatever keeps it, does not keep a new one away.
func TestLogBesideOneThatStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range logsKept {
		old := filepath.Join(dir, fmt.Sprintf("nix-%d.log", i))
		if err := os.MkdirAll(filepath.Join(old, "full"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	log := Log{Dir: dir}
	if _, err := log.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(log.Path()); err != nil || string(text) != "text" {
		t.Errorf("log has %q, %v", text, err)
	}
}

// Where no log can be, nix goes on.
func TestLogImpossible(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	log := Log{Dir: filepath.Join(file, "log")}
	if n, err := log.Write([]byte("text")); n != 4 || err != nil {
		t.Errorf("took %d, %v", n, err)
	}
	if log.Path() != "" {
		t.Errorf("log at %s", log.Path())
	}
}
