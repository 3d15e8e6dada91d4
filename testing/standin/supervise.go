package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// job is what a supervisor runs. Paths are those of the supervisor's file system.
type job struct {
	Unit        string
	Description string
	Type        string
	Remain      bool
	State       string // its state file
	Log         string
	Dir         string
	Env         []string
	Commands    []command
}

func (j job) oneshot() bool { return j.Type == "oneshot" }

func (j job) waitsForReady() bool { return j.Type == "notify" || j.Type == "forking" }

const (
	settleTime   = time.Second      // how long a daemon that does not say it is ready is watched
	pollTime     = time.Second / 2  // how often the state file is looked for
	killTime     = 5 * time.Second  // how long a service may take to end
	readyTimeout = 30 * time.Second // how long a Type=notify service may take to be ready

	settledFD = 3 // of the supervisor: closed once the service settled
	readyFD   = 3 // of the service: written to once it is ready

	// readyVariable tells a program of the stand-in that readyFD is open.
	readyVariable = "STANDIN_READY"
)

// spawn starts a supervisor for J in a session of its own and returns once the service
// settled. Nothing of the caller stays open in it, so that who reads the caller's output
// sees its end.
func (m machine) spawn(j job) error {
	if err := os.MkdirAll(filepath.Dir(j.Log), 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(j.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	settled, settledEnd, err := os.Pipe()
	if err != nil {
		return err
	}
	defer settled.Close()
	defer settledEnd.Close()
	jobEnd, order, err := os.Pipe()
	if err != nil {
		return err
	}
	defer jobEnd.Close()
	defer order.Close()

	cmd := &exec.Cmd{
		Path:        m.program,
		Args:        []string{"standin", "supervise"},
		Env:         []string{}, // not the caller's
		Dir:         m.root,
		Stdin:       jobEnd,
		Stdout:      log,
		Stderr:      log,
		ExtraFiles:  []*os.File{settledEnd},
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go cmd.Wait() // in a caller that lives longer than the service, no zombie is left
	settledEnd.Close()
	if err := json.NewEncoder(order).Encode(j); err != nil {
		return err
	}
	order.Close()
	_, err = io.Copy(io.Discard, settled)
	return err
}

// supervisor runs the commands of a job and keeps its state file true. It is what systemd
// is to a service.
type supervisor struct {
	job
	state   unitState
	settled *os.File
	signals chan os.Signal
}

// ending is why a command ended.
type ending int

const (
	exited  ending = iota // by itself
	stopped               // on request
	gone                  // as the state file is gone, and the machine with it
)

// supervise reads a job from ORDER and runs it.
func supervise(order io.Reader) int {
	syscall.CloseOnExec(settledFD)
	s := &supervisor{
		settled: os.NewFile(settledFD, "settled"),
		signals: make(chan os.Signal, 1),
	}
	defer s.settled.Close()
	if err := json.NewDecoder(order).Decode(&s.job); err != nil {
		return 1
	}
	// Pdeathsig below is sent when the thread ends that started the service.
	runtime.LockOSThread()
	signal.Notify(s.signals, syscall.SIGTERM, syscall.SIGINT)
	signal.Ignore(syscall.SIGHUP)
	s.run()
	return 0
}

// run performs the commands in turn; the last one of a service that is no oneshot is its
// main process.
func (s *supervisor) run() {
	s.state = unitState{State: stateActive, Supervisor: os.Getpid(), Started: time.Now(), Description: s.Description}
	if s.oneshot() || s.waitsForReady() {
		s.state.State = stateActivating
	}
	for i, c := range s.Commands {
		isMain := !s.oneshot() && i == len(s.Commands)-1
		code, why := s.perform(c, isMain)
		switch {
		case why == gone:
			return
		case why == stopped:
			os.Remove(s.State)
			return
		case code != 0 && !c.IgnoreFailure:
			s.record(unitState{State: stateFailed, ExitCode: code})
			return
		}
	}
	if s.Remain {
		s.record(unitState{State: stateActive})
		return
	}
	os.Remove(s.State)
}

// record writes a last or next state; what does not change is kept.
func (s *supervisor) record(next unitState) {
	next.Started, next.Description, next.Supervisor = s.state.Started, s.Description, os.Getpid()
	s.state = next
	writeState(s.State, next) // where it cannot be written the machine is gone, and watch sees it
}

// perform runs one command to its end.
func (s *supervisor) perform(c command, isMain bool) (int, ending) {
	ready, readyEnd, err := os.Pipe()
	if err != nil {
		return exitExec, exited
	}
	defer ready.Close()
	cmd := &exec.Cmd{
		Path:        c.Path,
		Args:        c.Args,
		Env:         s.Env,
		Dir:         s.Dir,
		Stdout:      os.Stdout,
		Stderr:      os.Stderr,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	}
	cmd.Stdin = os.Stdin // the order, read to its end: there is no /dev/null below chroot
	if isMain {
		cmd.ExtraFiles = []*os.File{readyEnd}
		cmd.Env = append(slices.Clone(s.Env), readyVariable+"=1")
	}
	err = cmd.Start()
	readyEnd.Close()
	if err != nil {
		io.WriteString(os.Stderr, err.Error()+"\n")
		return exitExec, exited
	}
	next := s.state
	next.PID = cmd.Process.Pid
	s.record(next)
	return s.watch(cmd, isMain, ready)
}

// watch waits for the end of CMD, and until then for everything else that may happen.
func (s *supervisor) watch(cmd *exec.Cmd, isMain bool, ready *os.File) (int, ending) {
	done := make(chan int, 1)
	go func() {
		cmd.Wait()
		done <- exitCode(cmd.ProcessState)
	}()
	isReady := make(chan struct{}, 1)
	var settled, late <-chan time.Time
	if isMain {
		go func() {
			if n, _ := ready.Read(make([]byte, 1)); n > 0 {
				isReady <- struct{}{}
			}
		}()
		if s.waitsForReady() {
			late = time.After(readyTimeout)
		} else {
			settled = time.After(settleTime)
		}
	}
	poll := time.NewTicker(pollTime)
	defer poll.Stop()
	for {
		select {
		case code := <-done:
			return code, exited
		case <-isReady:
			s.record(unitState{State: stateActive, PID: cmd.Process.Pid})
			s.settled.Close()
			late = nil
		case <-settled:
			s.settled.Close()
		case <-late:
			end(cmd.Process.Pid, done)
			return 1, exited
		case <-poll.C:
			if _, err := os.Stat(s.State); errors.Is(err, fs.ErrNotExist) {
				end(cmd.Process.Pid, done)
				return 0, gone
			}
		case <-s.signals:
			end(cmd.Process.Pid, done)
			return 0, stopped
		}
	}
}

// end asks the process group PID to end, and makes it do so.
func end(pid int, done <-chan int) {
	syscall.Kill(-pid, syscall.SIGTERM)
	select {
	case <-done:
	case <-time.After(killTime):
		syscall.Kill(-pid, syscall.SIGKILL)
		<-done
	}
}

// exitCode is that of the shell for a process that a signal ended.
func exitCode(state *os.ProcessState) int {
	status, ok := state.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
