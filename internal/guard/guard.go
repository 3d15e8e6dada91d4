// Package guard changes which system a machine runs and boots, and takes that back: it is the
// part of nqd that acts as root. It tries a system without making it the boot default,
// commits it, and returns to the recorded one.
//
// Every program it runs lies in the store: switch-to-configuration of the system being
// tried, or of the one that ran before. A path that a user can write is never run as root.
package guard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// Profile is the machine's system profile.
type Profile interface {
	// Current is the generation it points at; errors.Is(err, fs.ErrNotExist) without one.
	Current() (machine.Generation, error)
	// Generations are all that it has, by number.
	Generations() ([]machine.Generation, error)
	// Set makes system the current generation, a new one unless it is that already.
	Set(ctx context.Context, system machine.StorePath) error
	// Switch goes back to an existing generation.
	Switch(ctx context.Context, number int) error
	// Delete removes a generation that is not the current one.
	Delete(ctx context.Context, number int) error
}

// Guard acts on one machine.
type Guard struct {
	Machine *machine.Machine
	Profile Profile
	Sink    event.Sink

	reverting machine.StorePath // where the machine goes back to, once that was told; empty from a try on
}

// ErrNothingDone marks an attempt that ended before it changed anything.
var ErrNothingDone = errors.New("nothing was changed")

// ErrRebootNeeded marks a system that cannot be tried while the present one runs.
var ErrRebootNeeded = errors.New("the new system needs a reboot")

// Running is the system that the machine runs.
func (g *Guard) Running() (machine.StorePath, error) {
	return g.Machine.ReadLink("/run/current-system")
}

// Boot tells one start of the machine from the next (boot_id in proc(5)); empty where it is not known.
func (g *Guard) Boot() string {
	text, _ := g.Machine.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text))
}

// NotNixOS explains a missing system as *NotNixOSError; other errors stay as they are.
func NotNixOS(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &NotNixOSError{Cause: err}
	}
	return err
}

// NotNixOSError is a machine without a NixOS system.
type NotNixOSError struct{ Cause error }

func (e *NotNixOSError) Error() string { return "this is not a NixOS machine: " + e.Cause.Error() }

// Unwrap returns the cause.
func (e *NotNixOSError) Unwrap() error { return e.Cause }

// Hint says where nqd runs.
func (e *NotNixOSError) Hint() string {
	return "nqd runs on NixOS; to try it elsewhere, see `make demo` and --sandbox"
}

// The exit codes of switch-to-configuration (switch-to-configuration-ng, main.rs): errno
// EAGAIN where another one holds the lock, 100 where the init interface differs.
const (
	switchUnitsFailed = 4
	switchLockHeld    = 11
	switchNeedsReboot = 100
)

// switchTo runs the system's own switch-to-configuration with the given action and, for
// this one call, variables of its environment. It is not cancelled with ctx: a machine that
// is half-way between two systems is worse than one that took a moment longer. Where the
// program fails, the error is *SwitchError.
func (g *Guard) switchTo(ctx context.Context, system machine.StorePath, action string, variables ...string) error {
	var said []string
	lines := &machine.Lines{Each: func(line string) {
		line = printable.Text(line) // it has lines of services' journals in it
		said = append(said[max(0, len(said)+1-switchLines):], line)
		g.Sink(event.Output{Program: "switch-to-configuration", Line: line})
	}}
	c := g.switchCommand(system, action, variables...)
	c.Stderr, c.Stdout = lines, lines
	start := time.Now()
	err := g.Machine.Run(context.WithoutCancel(ctx), c)
	g.awaitSwitch(context.WithoutCancel(ctx))
	lines.Flush()
	g.Sink(event.Program{Name: "switch-to-configuration", Seconds: time.Since(start).Seconds()})
	var exit *machine.ExitError
	if errors.As(err, &exit) {
		return &SwitchError{Cause: err, Lines: said}
	}
	return err
}

// switchLines is how many of the last lines of switch-to-configuration an error has.
const switchLines = 10

// SwitchError is a switch-to-configuration that failed, with the last lines that it wrote.
type SwitchError struct {
	Cause error
	Lines []string
}

func (e *SwitchError) Error() string { return e.Cause.Error() + quoted(e.Lines) }

// Unwrap returns the cause.
func (e *SwitchError) Unwrap() error { return e.Cause }

// quoted is what a program said, below an error.
func quoted(lines []string) string {
	text := ""
	for _, line := range lines {
		text += "\n  | " + line
	}
	return text
}

// tellRevert says that the machine goes back to system, once for each system that is tried.
func (g *Guard) tellRevert(system machine.StorePath) {
	if g.reverting != system {
		g.Sink(event.StationStarted{Station: event.Revert, Subject: string(system)})
	}
	g.reverting = system
}

// switchUnit is the name nixos-rebuild gives its transient unit. Using the same one makes
// systemd refuse two switches at a time, whichever tool began the first
// (nixos-rebuild-ng, services.py).
const switchUnit = "nixos-rebuild-switch-to-configuration"

// switchCommand builds the call. On a machine with systemd it runs as a transient unit of
// PID 1, as nixos-rebuild does, so that it survives the loss of the terminal.
func (g *Guard) switchCommand(system machine.StorePath, action string, variables ...string) machine.Cmd {
	program := string(system) + "/bin/switch-to-configuration"
	c := machine.Cmd{
		Doing:  "switching to " + system.Name() + " (" + action + ")",
		Path:   program,
		Args:   []string{action},
		Env:    append([]string{"LC_ALL=C.UTF-8", "NIXOS_INSTALL_BOOTLOADER=0", "PATH=/run/current-system/sw/bin"}, variables...),
		Inside: true,
		Root:   true,
	}
	if !g.hasSystemd() {
		return c
	}
	c.Path = "/run/current-system/sw/bin/systemd-run"
	c.Args = []string{"-E", "LOCALE_ARCHIVE", "-E", "NIXOS_INSTALL_BOOTLOADER=0"}
	for _, variable := range variables {
		c.Args = append(c.Args, "-E", variable)
	}
	c.Args = append(c.Args,
		"--collect", "--no-ask-password", "--pipe", "--quiet", "--wait", "--service-type=exec",
		"--unit="+switchUnit, program, action,
	)
	return c
}

// hasSystemd reports whether PID 1 of the machine is systemd (sd_booted(3)).
func (g *Guard) hasSystemd() bool {
	_, err := os.Stat(g.Machine.Path("/run/systemd/system"))
	return !errors.Is(err, fs.ErrNotExist)
}

// Switching reports whether somebody switches systems now, as far as that may be known.
func (g *Guard) Switching(ctx context.Context) bool { return g.switching(ctx) || g.lockHeld() }

// switching reports whether a switch is under way in the unit of nixos-rebuild.
// systemd-run refuses a second one, with the exit code of any other failure.
func (g *Guard) switching(ctx context.Context) bool {
	if !g.hasSystemd() {
		return false
	}
	err := g.Machine.Run(ctx, machine.Cmd{
		Doing: "looking for another switch", Path: systemctl, Args: []string{"is-active", "--quiet", switchUnit + ".service"},
		Env: []string{"LC_ALL=C.UTF-8"}, Inside: true,
	})
	return err == nil
}

// SwitchLock is held by every switch-to-configuration (switch-to-configuration-ng, main.rs).
const SwitchLock = "/run/nixos/switch-to-configuration.lock"

func (g *Guard) lockHeld() bool {
	lock, err := os.Open(g.Machine.Path(SwitchLock))
	if err != nil {
		return false // there was none yet, or it is root's alone: then the switch itself says it
	}
	defer lock.Close()
	return errors.Is(syscall.Flock(int(lock.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// awaitSwitch waits for a switch whose client is gone: Ctrl-C on the terminal ends sudo and
// systemd-run, and the unit goes on below PID 1.
func (g *Guard) awaitSwitch(ctx context.Context) {
	for g.switching(ctx) {
		time.Sleep(switchPause)
	}
}

const switchPause = 250 * time.Millisecond

// returnTo makes the machine run system again and proves it by reading it back. Its
// pre-switch checks are left out: they may refuse what is needed most (design-review 4).
func (g *Guard) returnTo(ctx context.Context, system machine.StorePath) error {
	err := g.switchTo(ctx, system, "test", "NIXOS_NO_CHECK=1")
	running, readErr := g.Running()
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	if running != system {
		return errors.Join(err, fmt.Errorf("the machine still runs %s, not %s", running.Name(), system.Name()))
	}
	if err != nil && machine.ExitCode(err) != switchUnitsFailed {
		return err
	}
	return nil
}
