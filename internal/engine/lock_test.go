package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
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
	if text := os.Getenv(childVariable); text != "" {
		var e errand
		if err := e.from(text); err != nil {
			fmt.Println(err)
		}
		os.Exit(0)
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

// holder is another process that takes the lock and says so.
type holder struct {
	cmd *exec.Cmd
	out *bufio.Reader
}

// hold starts one that ends with the test.
func hold(t *testing.T, h History) *holder {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdVariable+"="+h.Dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	return &holder{cmd, bufio.NewReader(stdout)}
}

// line is the next line that it says.
func (h *holder) line(t *testing.T) string {
	t.Helper()
	line, err := h.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

// TestLockDies kills the holder with SIGKILL: the lock is free, whatever the file says.
func TestLockDies(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	other := hold(t, h)
	if said := other.line(t); said != "lock: <nil>" {
		t.Fatalf("the other process said %q", said)
	}
	_, err := h.Lock()
	var busy *Busy
	if !errors.As(err, &busy) || busy.PID != strconv.Itoa(other.cmd.Process.Pid) {
		t.Errorf("error %v, want that process %d is busy", err, other.cmd.Process.Pid)
	}
	if !h.Busy() {
		t.Error("not busy while another process has the lock")
	}
	if err := other.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.cmd.Wait()
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

// A full disk takes no process number; the lock is one all the same.
func TestLockOnAFullDisk(t *testing.T) {
	t.Parallel()
	h := History{Dir: t.TempDir()}
	if err := os.Symlink("/dev/full", filepath.Join(h.Dir, "lock")); err != nil {
		t.Fatal(err)
	}
	unlock, err := h.Lock()
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if !h.Busy() {
		t.Error("not busy while it is locked")
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

// TestLockOfTwo starts two processes at once: one gets the lock, and the other hears which one that is.
func TestLockOfTwo(t *testing.T) {
	t.Parallel()
	for range 5 {
		h := History{Dir: filepath.Join(t.TempDir(), "made")}
		first, second := hold(t, h), hold(t, h)
		said := []string{first.line(t), second.line(t)}
		holder, other := first, said[1]
		if said[0] != "lock: <nil>" {
			holder, other = second, said[0]
		}
		want := fmt.Sprintf("lock: another nqd is working on this machine (process %d)", holder.cmd.Process.Pid)
		if holder == second && said[1] != "lock: <nil>" || other != want {
			t.Errorf("they said %q, want one lock and %q", said, want)
		}
	}
}

// TestNoDirectory: a place that cannot hold the history is an error that names it, and nothing is begun.
func TestNoDirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o500); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{
		"a file": file, "below a file": filepath.Join(file, "nqd", "deployments"), "read-only": filepath.Join(closed, "deployments"),
	} {
		asUser(t, closed, func() {
			h := History{Dir: dir}
			if _, err := h.Lock(); err == nil || !strings.Contains(err.Error(), filepath.Dir(file)) && !strings.Contains(err.Error(), closed) {
				t.Errorf("%s: locking it: %v", name, err)
			}
			if h.Busy() {
				t.Errorf("%s: busy", name)
			}
			if run, err := h.Next(); err == nil {
				t.Errorf("%s: the next deployment is %d", name, run.ID)
			}
		})
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "mine" {
		t.Errorf("the file is %q (%v)", text, err)
	}
}

// TestReadOnlyRun: the folder of a run can be read alone, so that its first record cannot be written.
func TestReadOnlyRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var log []string
	run := next(t, dir)
	if err := os.Chmod(run.Dir, 0o500); err != nil {
		t.Fatal(err)
	}
	asUser(t, run.Dir, func() {
		if err := run.Begin(nil, []Action{step{name: "a", log: &log}}); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("beginning: %v, want that it is not permitted", err)
		}
		if err := run.Do(t.Context()); !errors.Is(err, errNotBegun) {
			t.Errorf("doing it then: %v", err)
		}
	})
	same(t, "calls", log)
}

// asUser calls do in a thread that may do what the owner of dir may, and no more where that is root: dir is given to
// another user for so long.
func asUser(t *testing.T, dir string, do func()) {
	t.Helper()
	if os.Getuid() != 0 {
		do()
		return
	}
	const user = 1234
	for folder := dir; folder != os.TempDir() && folder != "/"; folder = filepath.Dir(folder) {
		if err := os.Chown(folder, user, user); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	wait.Go(func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the function
		// Without the user's number 0 the thread has no powers over files.
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, user, 0, 0); errno != 0 {
			t.Error(errno)
			return
		}
		do()
	})
	wait.Wait()
}

// TestVanished removes the history in the middle of a run: nothing more is begun, and what was is taken back.
func TestVanished(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "history")
	var log []string
	run := begin(t, dir,
		step{name: "a", log: &log, do: func(context.Context) error { return os.RemoveAll(dir) }},
		step{name: "b", log: &log},
	)
	err := run.Do(t.Context())
	if err == nil || !strings.Contains(err.Error(), "journal: ") || !strings.Contains(err.Error(), run.Dir) {
		t.Errorf("error %v, want that the journal in %s is gone", err, run.Dir)
	}
	same(t, "calls", log, "do a", "undo a")
	if err := run.End(Reverted, err); err == nil {
		t.Error("End does not tell that the journal is gone")
	}
	if unlock, err := (History{Dir: dir}).Lock(); err != nil {
		t.Errorf("the next nqd: %v", err)
	} else {
		unlock()
	}
}
