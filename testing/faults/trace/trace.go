package trace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Program is what is run and watched.
type Program struct {
	Argv []string // the program's absolute path, then its arguments
	Env  []string
	Dir  string
	// Said takes what the program writes to its outputs.
	Said *os.File
	// Processor is the one on which the program and its tracer take turns, or -1: on one they do so several times
	// faster than on two, as neither has to be woken up elsewhere.
	Processor int
	// Below is the folder whose files count, without links on its way.
	Below string
}

// Result is how a run ended.
type Result struct {
	// Calls are the calls that succeeded, in the order in which they were begun.
	Calls []Call
	// Met says that the point was reached.
	Met bool
	// ExitCode is the program's, or -1 where a signal ended it.
	ExitCode int
}

// Kill is what to do at a point to kill the program there.
func Kill() bool { return true }

// Run runs the program to its end. At the point, if there is one, all of it but other threads that are in no system
// call stands still while act is called, and is killed if act returns true. Run traces from a thread of its own, so
// the rest of the process may run other programs.
func Run(ctx context.Context, p Program, point *Point, act func() (kill bool)) (Result, error) {
	type answer struct {
		Result
		error
	}
	done := make(chan answer, 1)
	go func() {
		// ptrace(2) obeys the thread that began only. It is not unlocked: it ends with this goroutine.
		runtime.LockOSThread()
		t := tracer{Program: p, point: point, act: act, shapes: shapes(), inside: map[int]*pending{}, seen: map[Call]int{}}
		err := t.run(ctx)
		done <- answer{t.result(), err}
	}()
	got := <-done
	return got.Result, got.error
}

// tracer is one run of a program.
type tracer struct {
	Program
	point  *Point
	act    func() bool
	shapes map[uint64]shape
	pid    int
	inside map[int]*pending // the call in which a thread is; nil for one that does not matter
	seen   map[Call]int
	begun  []*pending
	met    bool // the point was reached
	killed bool
	exit   int
}

// pending is a call that was begun.
type pending struct {
	call      Call
	succeeded bool
}

func (t *tracer) result() Result {
	r := Result{Met: t.met, ExitCode: t.exit}
	for _, p := range t.begun {
		if p.succeeded {
			r.Calls = append(r.Calls, p.call)
		}
	}
	return r
}

// options let a stop of a system call be told from others, follow threads but not children, and
// end the program with us.
const options = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_EXITKILL

// sysgood marks the stop of a system call (PTRACE_O_TRACESYSGOOD).
const sysgood = 0x80

func (t *tracer) run(ctx context.Context) error {
	if t.Processor >= 0 {
		var set unix.CPUSet
		set.Set(t.Processor)
		_ = unix.SchedSetaffinity(0, &set) // slower without it
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return err
	}
	defer null.Close()
	said := t.Said.Fd()
	t.pid, err = syscall.ForkExec(t.Argv[0], t.Argv, &syscall.ProcAttr{
		Dir: t.Dir, Env: t.Env, Files: []uintptr{null.Fd(), said, said},
		Sys: &syscall.SysProcAttr{Ptrace: true, Setpgid: true},
	})
	if err != nil {
		return fmt.Errorf("%s: %w", t.Argv[0], err)
	}
	// Whoever has no more time ends the program; what follows sees it end.
	stop := context.AfterFunc(ctx, func() { syscall.Kill(t.pid, syscall.SIGKILL) })
	defer stop()
	if err := t.follow(); err != nil {
		syscall.Kill(t.pid, syscall.SIGKILL)
		t.reap()
		return err
	}
	return ctx.Err()
}

// follow lets the program go from stop to stop until it ended.
func (t *tracer) follow() error {
	for started := false; ; {
		var status syscall.WaitStatus
		thread, err := t.wait(&status)
		if err != nil {
			return err
		}
		switch {
		case thread == t.pid && (status.Exited() || status.Signaled()):
			t.exit = status.ExitStatus() // -1 for a signal
			return nil
		case !status.Stopped():
			delete(t.inside, thread)
			continue
		case !started:
			started = true
			if err := unix.PtraceSetOptions(thread, options); err != nil {
				return fmt.Errorf("tracing: %w", err)
			}
			err = syscall.PtraceSyscall(thread, 0)
		case status.StopSignal() == syscall.SIGTRAP|sysgood:
			if err := t.atCall(thread); err != nil {
				return err
			}
			err = syscall.PtraceSyscall(thread, 0)
		default:
			err = syscall.PtraceSyscall(thread, t.passOn(thread, status))
		}
		if err != nil && !errors.Is(err, syscall.ESRCH) { // killed meanwhile
			return fmt.Errorf("tracing thread %d: %w", thread, err)
		}
	}
}

// passOn is the signal that a stopped thread gets: its own, but not the traps of tracing, nor the
// stop with which a new thread begins.
func (t *tracer) passOn(thread int, status syscall.WaitStatus) int {
	signal := status.StopSignal()
	_, known := t.inside[thread]
	if signal == syscall.SIGTRAP || signal == syscall.SIGSTOP && !known {
		t.inside[thread] = nil
		return 0
	}
	return int(signal)
}

// atCall looks at a system call at its entry or exit, and kills the program where it is the point.
func (t *tracer) atCall(thread int) error {
	i, err := readInfo(thread)
	if errors.Is(err, syscall.ESRCH) {
		return nil // killed meanwhile
	}
	if err != nil {
		return fmt.Errorf("thread %d: reading its system call: %w", thread, err)
	}
	switch i.Op {
	case infoEntry:
		call, matters := t.describe(thread, i)
		t.inside[thread] = nil
		if !matters || t.killed {
			return nil
		}
		t.seen[call]++
		call.Nth = t.seen[call]
		p := &pending{call: call}
		t.inside[thread], t.begun = p, append(t.begun, p)
		t.actAt(Before, call)
	case infoExit:
		p := t.inside[thread]
		t.inside[thread] = nil
		if p == nil || t.killed {
			return nil
		}
		if p.succeeded = i.succeeded(); p.succeeded {
			t.actAt(Behind, p.call)
		}
	}
	return nil
}

func (t *tracer) actAt(side Side, call Call) {
	if t.point == nil || t.met || *t.point != (Point{side, call}) {
		return
	}
	t.met = true
	if t.killed = t.act(); t.killed {
		syscall.Kill(t.pid, syscall.SIGKILL)
	}
}

// describe names a call, and says whether it changes a file below the folder.
func (t *tracer) describe(thread int, i info) (Call, bool) {
	s, known := t.shapes[i.number()]
	if !known || s.flags != none && i.argument(s.flags)&(unix.O_CREAT|unix.O_TRUNC) == 0 {
		return Call{}, false
	}
	to, inside := t.locate(thread, i, s.to)
	if !inside {
		return Call{}, false
	}
	call := Call{Name: s.name, Path: to}
	if s.from.given() {
		call.From, _ = t.locate(thread, i, s.from)
	}
	return call, true
}

// locate is a file of a call, relative to the folder, and whether it is below that.
func (t *tracer) locate(thread int, i info, p place) (string, bool) {
	full, err := "", error(nil)
	switch {
	case p.fd != none:
		full, err = openFile(thread, int(int32(i.argument(p.fd))))
	default:
		if full, err = readText(thread, i.argument(p.path)); err != nil || filepath.IsAbs(full) {
			break
		}
		var dir string
		fd := unix.AT_FDCWD
		if p.dir != none {
			fd = int(int32(i.argument(p.dir)))
		}
		dir, err = openFile(thread, fd)
		full = filepath.Join(dir, full)
	}
	if err != nil {
		return "", false
	}
	rest, inside := strings.CutPrefix(filepath.Clean(full), filepath.Clean(t.Below)+"/")
	return plain(rest), inside
}

// reap waits for a program that was killed.
func (t *tracer) reap() {
	for {
		var status syscall.WaitStatus
		thread, err := t.wait(&status)
		if err != nil || thread == t.pid && !status.Stopped() {
			return
		}
	}
}

// wait waits for the program's threads, which are the group of its number, and for nothing else that this process or
// this thread of it started.
func (t *tracer) wait(status *syscall.WaitStatus) (int, error) {
	for {
		thread, err := syscall.Wait4(-t.pid, status, unix.WALL|unix.WNOTHREAD, nil)
		if !errors.Is(err, syscall.EINTR) {
			return thread, err
		}
	}
}
