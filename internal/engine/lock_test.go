package engine

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// holdVariable makes this test binary the other nqd: it takes the lock of the history that
// the variable names, says so, and waits to be killed.
const holdVariable = "NQD_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdVariable); dir != "" {
		_, err := History{Dir: dir}.Lock()
		fmt.Println("lock:", err)
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the test, however that ends
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestLock(t *testing.T) {
	t.Parallel()
	h := History{Dir: filepath.Join(t.TempDir(), "made")}
	if h.Busy() {
		t.Error("busy before there is a history")
	}
	unlock, err := h.Lock()
	if err != nil {
		t.Fatal(err)
	}
	if !h.Busy() {
		t.Error("not busy while it is locked")
	}
	_, err = h.Lock()
	var busy *Busy
	if !errors.As(err, &busy) || busy.PID != strconv.Itoa(os.Getpid()) {
		t.Errorf("a second holder: %v, want that process %d is busy", err, os.Getpid())
	}
	unlock()
	if h.Busy() {
		t.Error("busy after unlocking")
	}
	unlock, err = h.Lock()
	if err != nil {
		t.Fatalf("after unlocking: %v", err)
	}
	unlock()
	info, err := os.Stat(filepath.Join(h.Dir, "lock"))
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("lock file: %v, %v", info, err)
	}
}

// TestLockDies kills the holder with SIGKILL: the lock is free, whatever the file says.
func TestLockDies(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), holdVariable+"="+h.Dir)
	stdin, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(stdout).ReadString('\n')
	if said != "lock: <nil>\n" {
		t.Fatalf("the other process said %q (%v)", said, err)
	}
	_, err = h.Lock()
	var busy *Busy
	if !errors.As(err, &busy) || busy.PID != strconv.Itoa(other.Process.Pid) {
		t.Errorf("error %v, want that process %d is busy", err, other.Process.Pid)
	}
	if !h.Busy() {
		t.Error("not busy while another process has the lock")
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	unlock, err := h.Lock()
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	defer unlock()
	pid, err := os.ReadFile(filepath.Join(h.Dir, "lock"))
	if err != nil || strings.TrimSpace(string(pid)) != strconv.Itoa(os.Getpid()) {
		t.Errorf("the lock file names %q (%v), want this process", pid, err)
	}
}

func TestBusyText(t *testing.T) {
	t.Parallel()
	for pid, want := range map[string]string{
		"":   "another nqd is working on this machine",
		"42": "another nqd is working on this machine (process 42)",
	} {
		if got := (&Busy{PID: pid}).Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
