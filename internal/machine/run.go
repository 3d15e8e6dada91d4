package machine

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// patience is how long a program may take to end after SIGINT before it is killed. Nix
// needs a moment to stop its builders and release its locks.
const patience = 15 * time.Second

// Cmd is a program to run. It is data: building it and running it are apart, so that tests
// compare arguments and environment exactly.
type Cmd struct {
	// Doing says what the program is run for, as in "evaluating orion"; it starts the
	// text of every error.
	Doing string
	// Path is the program: absolute, or a name that is looked up on PATH.
	Path string
	Args []string
	// Env is the whole environment; nothing is inherited.
	Env    []string
	Dir    string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Inside runs the program within the machine's root, where Path is the machine's own.
	Inside bool
	// Root runs the program as the machine's root user. Only with Inside.
	Root bool
}

// ExitError is a program that ran and did not exit with 0.
type ExitError struct {
	Doing   string
	Program string
	Code    int // -1 when it was ended by a signal
	// Stderr is what the program wrote there, where Cmd.Stderr was nil.
	Stderr string
}

func (e *ExitError) Error() string {
	text := fmt.Sprintf("%s: %s: exit code %d", e.Doing, e.Program, e.Code)
	if last := lastLine(e.Stderr); last != "" {
		text = fmt.Sprintf("%s: %s: %s (exit code %d)", e.Doing, e.Program, last, e.Code)
	}
	return text
}

// ExitCode is the exit code in err, or -1 when err is not about one.
func ExitCode(err error) int {
	var exit *ExitError
	if errors.As(err, &exit) {
		return exit.Code
	}
	return -1
}

// Run runs the program and waits. On cancellation of ctx the program's process group gets
// SIGINT every few seconds, and SIGKILL after a while, or as soon as m.Hurry is closed; the error
// is then ctx's own.
func (m *Machine) Run(ctx context.Context, c Cmd) error {
	cmd, err := m.command(ctx, c)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Doing, err)
	}
	var stderr bytes.Buffer
	if cmd.Stderr == nil {
		cmd.Stderr = &stderr
	}
	if err = cmd.Start(); err == nil {
		ended := m.hurried(ctx, cmd)
		err = cmd.Wait()
		ended()
	}
	if ctx.Err() != nil {
		killGroup(cmd)
		return fmt.Errorf("%s: %w", c.Doing, context.Cause(ctx))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return &ExitError{Doing: c.Doing, Program: c.Path, Code: exit.ExitCode(), Stderr: stderr.String()}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.Doing, err)
	}
	return nil
}

// killGroup ends what a cancelled program left running: os/exec kills the program alone.
func killGroup(cmd *exec.Cmd) {
	if cmd.Process != nil && cmd.SysProcAttr.Setpgid {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // none left is what is wanted
	}
}

// Output runs the program and returns what it wrote to its standard output.
func (m *Machine) Output(ctx context.Context, c Cmd) ([]byte, error) {
	var out bytes.Buffer
	c.Stdout = &out
	err := m.Run(ctx, c)
	return out.Bytes(), err
}

func (m *Machine) command(ctx context.Context, c Cmd) (*exec.Cmd, error) {
	argv := append([]string{c.Path}, c.Args...)
	attr := &syscall.SysProcAttr{Setpgid: true}
	dir := c.Dir
	if c.Inside {
		if err := m.guardTests(); err != nil {
			return nil, err
		}
		switch {
		case m.root != "":
			enterRoot(attr, m.root)
			dir = "/"
		case c.Root:
			prefix, err := elevation()
			if err != nil {
				return nil, err
			}
			argv = append(prefix, argv...)
			// It asks for a password on the terminal, which only the foreground may read.
			attr.Setpgid = len(prefix) == 0
		}
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append([]string{}, c.Env...) // nil would be ours
	cmd.Dir = dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	cmd.SysProcAttr = attr
	cmd.Cancel = func() error {
		if !attr.Setpgid {
			return cmd.Process.Signal(syscall.SIGINT)
		}
		return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
	}
	cmd.WaitDelay = cmp.Or(m.patience, patience)
	return cmd, nil
}

// enterRoot makes the program see root as /. Without privileges it becomes root of a user
// namespace of its own, which is all that chroot(2) asks for.
func enterRoot(attr *syscall.SysProcAttr, root string) {
	attr.Chroot = root
	if os.Geteuid() == 0 {
		return
	}
	attr.Cloneflags = syscall.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
}

// elevation is the start of a command line that runs the rest as root.
func elevation() ([]string, error) {
	if os.Geteuid() == 0 {
		return nil, nil
	}
	// Where NixOS has them: a user's PATH may lead to others, which would get the password.
	for _, name := range []string{"/run/wrappers/bin/sudo", "/run/wrappers/bin/doas", "/run/current-system/sw/bin/run0"} {
		if path, err := exec.LookPath(name); err == nil {
			return []string{path, "--"}, nil
		}
	}
	return nil, errors.New("no sudo, doas or run0 found, and not root")
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// LookPath finds a program on PATH, so that callers need not know how programs are run.
func LookPath(name string) (string, error) { return exec.LookPath(name) }
