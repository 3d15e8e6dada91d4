// Package terminal runs programs on a pseudo-terminal for tests: what they draw can be waited for, and typed to.
package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Keys as a terminal sends them (xterm's ctlseqs).
const (
	Enter    = "\r"
	Escape   = "\x1b"
	Up       = "\x1b[A"
	Down     = "\x1b[B"
	ShiftTab = "\x1b[Z"
	CtrlC    = "\x03"
	CtrlD    = "\x04"
	CtrlU    = "\x15"
)

// limit is for a test that waits for what never comes.
const limit = 30 * time.Second

// Terminal is a terminal that a program runs on.
type Terminal struct {
	Command *exec.Cmd
	pty     *os.File
	tty     *os.File // held open, so that its modes can be read when the program has ended
	before  *unix.Termios
	ended   chan struct{}

	mutex   sync.Mutex
	changed chan struct{} // closed when something was written
	screen  *screen
	raw     bytes.Buffer
}

// Start runs a program on a new terminal, with all three streams. Close ends it.
func Start(command *exec.Cmd, columns, rows int) (*Terminal, error) {
	control, tty, err := open()
	if err != nil {
		return nil, err
	}
	t := &Terminal{
		Command: command, pty: control, tty: tty, ended: make(chan struct{}),
		changed: make(chan struct{}), screen: newScreen(columns, rows),
	}
	if err := t.start(columns, rows); err != nil {
		control.Close()
		tty.Close()
		return nil, err
	}
	go t.read()
	go func() {
		// The error is in ProcessState.
		_ = command.Wait()
		close(t.ended)
	}()
	return t, nil
}

// open opens a terminal such that its Close ends a Read, which pty.Open does not.
func open() (control, tty *os.File, err error) {
	blocking, tty, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer blocking.Close()
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		tty.Close()
		return nil, nil, err
	}
	return os.NewFile(uintptr(fd), blocking.Name()), tty, nil
}

func (t *Terminal) start(columns, rows int) (err error) {
	if err := t.setSize(columns, rows); err != nil {
		return err
	}
	if t.before, err = t.modes(); err != nil {
		return err
	}
	c := t.Command
	c.Stdin, c.Stdout, c.Stderr = t.tty, t.tty, t.tty
	c.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
	return c.Start()
}

func (t *Terminal) setSize(columns, rows int) error {
	return pty.Setsize(t.tty, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)})
}

func (t *Terminal) read() {
	buffer := make([]byte, 4096)
	for {
		n, err := t.pty.Read(buffer)
		t.mutex.Lock()
		t.raw.Write(buffer[:n])
		t.screen.write(buffer[:n])
		close(t.changed)
		t.changed = make(chan struct{})
		t.mutex.Unlock()
		if err != nil {
			return
		}
	}
}

// Type sends keys.
func (t *Terminal) Type(keys ...string) error {
	_, err := t.pty.WriteString(strings.Join(keys, ""))
	return err
}

// Resize changes the size and tells the program.
func (t *Terminal) Resize(columns, rows int) error {
	t.mutex.Lock()
	t.screen.resize(columns, rows)
	t.mutex.Unlock()
	return t.setSize(columns, rows)
}

// Wait waits until all these texts are on the screen at once, and returns what is there then.
func (t *Terminal) Wait(texts ...string) (string, error) {
	return t.WaitFor(func(screen string) bool {
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return false
			}
		}
		return true
	}, fmt.Sprintf("%q", texts))
}

// WaitFor waits until the screen is as is says; what is the name of that.
func (t *Terminal) WaitFor(is func(screen string) bool, what string) (string, error) {
	late, ended := time.After(limit), t.ended
	for {
		t.mutex.Lock()
		shown, unknown, changed := t.screen.text(), t.screen.unknown, t.changed
		t.mutex.Unlock()
		switch {
		case len(unknown) > 0:
			return shown, fmt.Errorf("unknown sequences %s on the screen\n%s", unknown, shown)
		case is(shown):
			return shown, nil
		}
		select {
		case <-changed:
		case <-ended:
			ended = nil // once: what it wrote may come later
		case <-late:
			return shown, fmt.Errorf("no %s on the screen\n%s", what, shown)
		}
	}
}

// End waits until the program has ended and all that it wrote is on the screen, and returns that.
func (t *Terminal) End() (string, error) {
	select {
	case <-t.ended:
	case <-time.After(limit):
		return t.Screen(), fmt.Errorf("the program does not end:\n%s", t.Screen())
	}
	// What is written to the terminal comes out in order: behind this there is nothing of the program.
	const mark = "\x1b]0;end\a"
	if _, err := t.tty.WriteString(mark); err != nil {
		return "", err
	}
	return t.WaitFor(func(string) bool {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		return bytes.HasSuffix(t.raw.Bytes(), []byte(mark))
	}, "end")
}

// Ended says whether the program has ended.
func (t *Terminal) Ended() bool {
	select {
	case <-t.ended:
		return true
	default:
		return false
	}
}

// Screen is what is shown now.
func (t *Terminal) Screen() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.screen.text()
}

// Raw is all that was written.
func (t *Terminal) Raw() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.raw.String()
}

// Restored says what of the terminal is not as it was before the program: modes of the line, the second screen, a hidden
// cursor, and what else was switched on and not off.
func (t *Terminal) Restored() error {
	now, err := t.modes()
	if err != nil {
		return err
	}
	if *now != *t.before {
		return fmt.Errorf("modes of the line: %+v, and before %+v", *now, *t.before)
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for mode, on := range t.screen.modes {
		if on != (mode == 25 || mode == 7) { // the cursor and the wrapping of lines are on by themselves
			return fmt.Errorf("mode %d is %t", mode, on)
		}
	}
	return nil
}

func (t *Terminal) modes() (*unix.Termios, error) {
	return unix.IoctlGetTermios(int(t.tty.Fd()), unix.TCGETS)
}

// HangUp takes the terminal away, as the end of a connection does, and waits for the end of the program.
func (t *Terminal) HangUp() error {
	t.tty.Close()
	t.pty.Close()
	select {
	case <-t.ended:
		return nil
	case <-time.After(limit):
		return errors.New("the program does not end without its terminal")
	}
}

// Close ends the program, where it still runs, and the terminal.
func (t *Terminal) Close() {
	_ = t.Command.Process.Kill()
	<-t.ended
	t.tty.Close()
	t.pty.Close()
}
