package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Exit codes of switch-to-configuration-ng, and of the wrapper of its boot loader.
const (
	exitRefused    = 1   // pre-switch check or boot loader
	exitActivation = 2   // the activation script
	exitUnits      = 4   // a unit of the machine is in state failed
	exitLocked     = 11  // EAGAIN: another switch holds the lock
	exitReboot     = 100 // the new init cannot take over the running system
)

const (
	lockFile   = "/run/nixos/switch-to-configuration.lock"
	unitFolder = "/etc/systemd/system"
)

// switcher is one run of switch-to-configuration. The order of its steps and its words are
// those of switch-to-configuration-ng (nixpkgs, pkgs/by-name/sw, main.rs); what it does
// not have: user units, containers of systemd-nspawn, a systemd that is executed anew, the restart lists of an
// interrupted run. What is reloaded is told so and goes on.
type switcher struct {
	call
	new    system
	action string
}

// switchToConfiguration is TOPLEVEL/bin/switch-to-configuration ACTION.
func (c call) switchToConfiguration() int {
	if len(c.args) != 1 || !slices.Contains([]string{"check", "switch", "boot", "test", "dry-activate"}, c.args[0]) {
		fmt.Fprintf(c.stderr, "Usage: %s [check|switch|boot|test|dry-activate]\n", c.self)
		return exitRefused
	}
	if !c.machine.isNixOS() {
		fmt.Fprintln(c.stderr, "This is not a NixOS installation!")
		return exitRefused
	}
	new, err := c.machine.system(filepath.Dir(filepath.Dir(c.self)))
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		return exitRefused
	}
	unlock, err := c.machine.lock(lockFile)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		fmt.Fprintln(c.stderr, "Could not acquire lock")
		return exitLocked
	}
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		return exitRefused
	}
	defer unlock()
	return switcher{call: c, new: new, action: c.args[0]}.run()
}

// isNixOS is the question that the real program asks before anything else.
func (m machine) isNixOS() bool {
	if m.exists("/etc/NIXOS") {
		return true
	}
	release, _ := m.readFile("/etc/os-release")
	return slices.ContainsFunc(strings.Split(string(release), "\n"), func(line string) bool {
		return line == "ID=nixos" || line == `ID="nixos"`
	})
}

// lock takes PATH for itself, at once or not at all.
func (m machine) lock(path string) (unlock func() error, err error) {
	file := m.at(path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return f.Close, nil
}

func (s switcher) run() int {
	if failed := s.check(); failed != "" {
		fmt.Fprintf(s.stdout, "Pre-switch check '%s' failed\n", failed)
		s.say("Pre-switch checks failed")
		return exitRefused
	}
	if s.action == "check" {
		return 0
	}
	if s.action == "switch" || s.action == "boot" {
		if err := s.installLoader(); err != nil {
			s.say("%v", err)
			s.say("Failed to install bootloader")
			return exitRefused
		}
	}
	if s.action == "boot" {
		return 0
	}
	if s.needsReboot() {
		s.say("Warning: the new NixOS configuration has an ‘init’ that is\nincompatible with the current configuration." +
			"  The new configuration\nwon't take effect until you reboot the system.\n")
		return exitReboot
	}
	old, err := s.machine.unitSet(unitFolder)
	if err != nil {
		s.say("%v", err)
		return exitRefused
	}
	new, err := s.machine.unitSet(s.new.units())
	if err != nil {
		s.say("%v", err)
		return exitRefused
	}
	changes := compare(old, new, s.machine.active())
	if s.action == "dry-activate" {
		s.tell(changes)
		return 0
	}
	return s.apply(changes, old, new)
}

// needsReboot compares the interface that stage 2 offers to init. A machine that nothing was
// activated on yet (nixos-install) has nothing to compare.
func (s switcher) needsReboot() bool {
	const version = "init-interface-version"
	if s.machine.fails("reboot", s.new) {
		return true
	}
	running := filepath.Join(currentSystem, version)
	return s.machine.exists(running) &&
		s.machine.line(running) != s.machine.line(filepath.Join(s.new.path, version))
}

// tell is what dry-activate prints. Units that are new are not in it: only systemd finds
// them, by what active targets want.
func (s switcher) tell(c changes) {
	for _, device := range c.swapOff {
		s.say("would stop swap device: %s", device)
	}
	s.list("would stop the following units", c.stop)
	s.list("would NOT stop the following changed units", c.skip)
	s.say("would activate the configuration...")
	s.list("would reload the following units", c.reload)
	s.list("would restart the following units", c.restart)
	s.list("would start the following units", c.start)
}

// apply does the changes C from the units OLD to the units NEW.
func (s switcher) apply(c changes, old, new unitSet) int {
	code := 0
	before := s.machine.active()

	for _, device := range c.swapOff {
		s.say("stopping swap device: %s", device)
	}
	s.list("stopping the following units", c.stop)
	s.machine.stop(old, slices.Concat(c.stop, c.quiet))
	s.list("NOT restarting the following changed units", c.skip)

	s.say("activating the configuration...")
	if err := (activation{machine: s.machine, new: s.new, stderr: s.stderr}).run(); err != nil {
		code = exitActivation
	}

	// "Forget about previously failed services": a unit counts as failed below only if it
	// fails again.
	s.machine.resetFailed()
	c = s.startInstead(c, new)
	s.list("reloading the following units", c.reload)
	s.list("restarting the following units", c.restart)
	s.machine.stop(new, c.restart)
	s.machine.start(new, c.restart)
	s.list("starting the following units", c.start)
	s.machine.start(new, slices.Concat(c.start, c.targets, s.targets(new)))

	s.list("the following new units were started", without(s.machine.active(), before))
	if failed := s.machine.failed(); len(failed) > 0 {
		s.list("warning: the following units failed", failed)
		s.status(failed)
		// Also after a failed activation, as in the real program.
		code = exitUnits
	}
	return code
}

// startInstead starts what was to be reloaded and was stopped meanwhile, as something it requires was.
func (s switcher) startInstead(c changes, new unitSet) changes {
	stopped := slices.DeleteFunc(without(c.reload, s.machine.active()), func(name string) bool {
		_, known := new.units[name]
		return !known // a mount of fstab, which has no state here
	})
	for _, name := range stopped {
		data := new.ini(name, name)
		if !iniFlag(data, "Unit", "RefuseManualStart", false) || iniFlag(data, "Unit", "X-OnlyManualStart", false) {
			c.start = append(c.start, name)
		}
	}
	c.reload = without(c.reload, stopped)
	return c
}

// targets returns the targets of systemd's own to start again, so that what they want and does not run yet is started:
// those that a booted machine has reached, and active ones that have no file, as no package brings one here.
func (s switcher) targets(units unitSet) []string {
	targets := slices.Clone(reached)
	for _, name := range s.machine.active() {
		if strings.HasSuffix(name, ".target") && !units.has(name) {
			targets = append(targets, name)
		}
	}
	return targets
}

// status shows the units as systemctl does, on standard output.
func (s switcher) status(names []string) {
	systemctl := s.call
	systemctl.args = slices.Concat([]string{"status", "--no-pager", "--full"}, names)
	systemctl.systemctl()
}

func (s switcher) say(format string, args ...any) {
	fmt.Fprintf(s.stderr, format+"\n", args...)
}

// list prints WHAT with the names, or nothing where there are none.
func (s switcher) list(what string, names []string) {
	if len(names) > 0 {
		s.say("%s: %s", what, strings.Join(names, ", "))
	}
}

// without returns what is in ALL and not in SOME.
func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(some, name) })
}
