package main

import (
	"os"
	"strings"
	"testing"
)

// Services of the tests; each line of ExecStart is a program of the system below.
const (
	daemonUnit  = "[Service]\nExecStart=/run/current-system/sw/bin/sleep infinity\n"
	daemonUnit2 = "[Service]\nExecStart=/run/current-system/sw/bin/sleep infinity\nEnvironment=\"A=changed\"\n"
	failingUnit = "[Unit]\nDescription=Fails always\n[Service]\nType=oneshot\nExecStart=/run/current-system/sw/bin/false\n"
	onceUnit    = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/run/current-system/sw/bin/true\n"
)

func TestSwitchRefusesOtherMachines(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{})
	if err := os.Remove(f.outside("/etc/NIXOS")); err != nil {
		t.Fatal(err)
	}
	f.write("/etc/os-release", "ID=debian\n")
	f.switchTo(one, "test", exitRefused)
	if f.exists("/run") {
		t.Error("a machine that is not NixOS was changed")
	}
	f.write("/etc/os-release", "NAME=NixOS\nID=nixos\n")
	f.switchTo(one, "test", 0)
}

func TestSwitchUsage(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{})
	for _, args := range [][]string{{}, {"frob"}, {"test", "test"}} {
		r := f.call(one+"/bin/switch-to-configuration", args...)
		if r.code != exitRefused || !strings.HasPrefix(r.stderr, "Usage: ") {
			t.Errorf("%q: exit code %d, %q", args, r.code, r.stderr)
		}
	}
}

func TestSwitchLocked(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{})
	unlock, err := f.lock(lockFile)
	if err != nil {
		t.Fatal(err)
	}
	r := f.switchTo(one, "test", exitLocked)
	wantLines(t, r.stderr, "Could not acquire lock")
	if f.exists("/run/current-system") {
		t.Error("the system was activated without the lock")
	}
	unlock()
	f.switchTo(one, "test", 0)
}

func TestSwitchCheck(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{})
	f.switchTo(one, "check", 0)
	f.write("/standin/fail/check", "")
	for _, action := range []string{"check", "test", "boot", "switch", "dry-activate"} {
		r := f.switchTo(one, action, exitRefused)
		wantLines(t, r.stderr, "Pre-switch checks failed")
	}
	if f.exists("/run/current-system") {
		t.Error("the system was activated after a failed check")
	}
	t.Setenv("NIXOS_NO_CHECK", "1")
	f.switchTo(one, "test", 0)
}

func TestSwitchNeedsReboot(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{})
	two := f.toplevel("bb", systemSpec{init: "systemd 3"})
	f.switchTo(one, "test", 0)
	r := f.switchTo(two, "test", exitReboot)
	wantLines(t, r.stderr, "incompatible with the current configuration.  The new configuration", "won't take effect until you reboot the system.")
	f.wantLink("/run/current-system", one)
	f.write("/standin/fail/reboot", "")
	f.switchTo(one, "test", exitReboot)
	f.switchTo(two, "boot", 0)
}

func TestSwitchActivationFails(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{units: map[string]string{"once.service": onceUnit}, wanted: []string{"once.service"}})
	f.write("/standin/fail/activate", "")
	r := f.switchTo(one, "test", exitActivation)
	wantLines(t, r.stderr, "Activation script snippet 'standin' failed (1)", "the following new units were started: multi-user.target, once.service")
	f.wantLink("/run/current-system", one)
}

func TestSwitchUnits(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{
		units:  map[string]string{"changed.service": daemonUnit, "removed.service": daemonUnit, "same.service": daemonUnit},
		wanted: []string{"changed.service", "removed.service", "same.service"},
	})
	two := f.toplevel("bb", systemSpec{
		units:  map[string]string{"changed.service": daemonUnit2, "same.service": daemonUnit, "new.service": onceUnit, "off.service": onceUnit},
		wanted: []string{"changed.service", "same.service", "new.service"},
	})
	r := f.switchTo(one, "test", 0)
	wantLines(t, r.stderr, "activating the configuration...",
		"the following new units were started: changed.service, multi-user.target, removed.service, same.service")
	before := f.state("same.service").PID

	r = f.switchTo(two, "dry-activate", 0)
	wantLines(t, r.stderr, "would stop the following units: changed.service, removed.service",
		"would activate the configuration...", "would start the following units: changed.service")
	f.wantLink("/run/current-system", one)
	f.wantState("removed.service", stateActive)

	r = f.switchTo(two, "test", 0)
	wantLines(t, r.stderr, "stopping the following units: changed.service, removed.service", "activating the configuration...",
		"starting the following units: changed.service", "the following new units were started: new.service")
	f.wantLink("/run/current-system", two)
	f.wantState("removed.service", stateInactive)
	f.wantState("off.service", stateInactive)
	f.wantState("changed.service", stateActive)
	if after := f.state("same.service").PID; after != before {
		t.Errorf("a unit that did not change was restarted: process %d, before %d", after, before)
	}

	r = f.switchTo(two, "test", 0)
	if r.stderr != "activating the configuration...\n" {
		t.Errorf("a second switch did something:\n%s", r.stderr)
	}
}

func TestSwitchFailedUnits(t *testing.T) {
	f := newFixture(t)
	good := f.toplevel("a", systemSpec{})
	bad := f.toplevel("bb", systemSpec{
		units:  map[string]string{"bad.service": failingUnit, "needs.service": "[Unit]\nRequires=bad.service\nAfter=bad.service\n" + onceUnit},
		wanted: []string{"bad.service", "needs.service"},
	})
	r := f.switchTo(bad, "test", exitUnits)
	wantLines(t, r.stderr, "warning: the following units failed: bad.service")
	if !strings.Contains(r.stdout, "\n× bad.service - Fails always\n") || !strings.Contains(r.stdout, "Active: failed (Result: exit-code)") {
		t.Errorf("the state of what failed is not shown:\n%s", r.stdout)
	}
	f.wantState("bad.service", stateFailed)
	f.wantState("needs.service", stateInactive)
	f.wantLink("/run/current-system", bad)
	f.switchTo(good, "test", 0) // reset-failed comes before the question
	f.wantState("bad.service", stateInactive)
}

// A unit of the machine that fails again counts, whoever it belongs to [R 5].
func TestSwitchCountsOldFailures(t *testing.T) {
	f := newFixture(t)
	s := systemSpec{units: map[string]string{"bad.service": failingUnit}, wanted: []string{"bad.service"}}
	f.switchTo(f.toplevel("a", s), "test", exitUnits)
	f.switchTo(f.toplevel("bb", s), "test", exitUnits)
}

// Late units are pulled in by a target of their own, [R 5].
func TestLateTarget(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{
		units: map[string]string{"nqd-late.target": "[Unit]\nDescription=Late\n", "pull.service": onceUnit},
		etc: map[string]specFile{
			"systemd/system/nqd-late.target.wants/pull.service": link("../pull.service"),
		},
	})
	f.switchTo(one, "test", 0)
	f.wantState("pull.service", stateInactive)
	if r := f.systemctl("start", "nqd-late.target"); r.code != 0 {
		t.Fatalf("start: exit code %d, %s", r.code, r.stderr)
	}
	f.wantState("pull.service", stateActive)
	f.wantState("nqd-late.target", stateActive)
}

func TestConditionPathExists(t *testing.T) {
	f := newFixture(t)
	condition := func(path string) string { return "[Unit]\nConditionPathExists=" + path + "\n" + onceUnit }
	f.write("/run/nqd/trying", "")
	f.switchTo(f.toplevel("a", systemSpec{
		units:  map[string]string{"with.service": condition("/run/nqd/trying"), "without.service": condition("!/run/nqd/trying")},
		wanted: []string{"with.service", "without.service"},
	}), "test", 0)
	f.wantState("with.service", stateActive)
	f.wantState("without.service", stateInactive)
}

// A timer runs as soon as a switch brings it, and no longer than it is there.
func TestSwitchTimers(t *testing.T) {
	f := newFixture(t)
	timed := systemSpec{
		units: map[string]string{"x.timer": "[Timer]\nOnCalendar=daily\n", "x.socket": "[Socket]\nListenStream=/x\n"},
		etc: map[string]specFile{
			"systemd/system/timers.target.wants/x.timer":   link("../x.timer"),
			"systemd/system/sockets.target.wants/x.socket": link("../x.socket"),
		},
	}
	f.switchTo(f.toplevel("timed", timed), "test", 0)
	f.wantState("x.timer", stateActive)
	f.wantState("x.socket", stateActive)
	f.switchTo(f.toplevel("untimed", systemSpec{}), "test", 0)
	f.wantState("x.timer", stateInactive)
}

// The words are those of nixos/modules/system/activation/switchable-system.nix.
func TestSwitchInhibitors(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{inhibitors: `{"dbus-implementation":"dbus","gone":"1","x":"y"}`})
	two := f.toplevel("bb", systemSpec{inhibitors: `{"dbus-implementation":"broker","new":"1","x":"y"}`})
	r := f.switchTo(one, "test", 0)
	if r.stdout != "Checking switch inhibitors... done\n" {
		t.Errorf("stdout %q", r.stdout)
	}
	for _, action := range []string{"check", "dry-activate", "test", "switch"} {
		r := f.switchTo(two, action, exitRefused)
		wantLines(t, r.stdout, "Checking switch inhibitors...", "There are changes to critical components of the system:",
			"", "dbus-implementation : dbus -> broker", "", "Switching into this system is not recommended.", "Pre-switch check 'switchInhibitors' failed")
		if r.stderr != "Pre-switch checks failed\n" {
			t.Errorf("stderr %q", r.stderr)
		}
		f.wantLink("/run/current-system", one)
	}
	f.switchTo(two, "boot", 0)
	t.Setenv("NIXOS_NO_CHECK", "1")
	f.switchTo(two, "test", 0)
	f.wantLink("/run/current-system", two)
}

// The first form of the file, a list, inhibits nothing any more.
func TestSwitchInhibitorsList(t *testing.T) {
	f := newFixture(t)
	f.switchTo(f.toplevel("a", systemSpec{inhibitors: "/nix/store/a\n/nix/store/b\n"}), "test", 0)
	f.switchTo(f.toplevel("bb", systemSpec{inhibitors: `{"x":"y"}`}), "test", 0)
}

// A template's instance runs from the template and its own drop-in.
func TestSwitchInstances(t *testing.T) {
	f := newFixture(t)
	spec := func(environment string) systemSpec {
		return systemSpec{
			units: map[string]string{"t@.service": daemonUnit, "t@one.service.d/a.conf": "[Service]\nEnvironment=" + environment + "\n"},
			etc:   map[string]specFile{"systemd/system/multi-user.target.wants/t@one.service": link("../t@.service")},
		}
	}
	f.switchTo(f.toplevel("a", spec("A=1")), "test", 0)
	f.wantState("t@one.service", stateActive)
	if r := f.systemctl("start", "t@two"); r.code != 0 {
		t.Fatal(r.stderr)
	}
	before := f.state("t@two.service").PID
	r := f.switchTo(f.toplevel("bb", spec("A=2")), "test", 0)
	wantLines(t, r.stderr, "stopping the following units: t@one.service", "starting the following units: t@one.service")
	f.wantState("t@one.service", stateActive)
	if f.state("t@two.service").PID != before {
		t.Error("an instance that did not change was restarted")
	}
}

// What was to be reloaded and lost what it requires is started.
func TestSwitchReloadStarts(t *testing.T) {
	f := newFixture(t)
	reloads := "[Unit]\nRequires=base.service\nAfter=base.service\nX-Reload-Triggers="
	f.switchTo(f.toplevel("a", systemSpec{
		units:  map[string]string{"base.service": daemonUnit, "up.service": reloads + "1\n" + daemonUnit, "on.service": "[Unit]\nX-Reload-Triggers=1\n" + daemonUnit},
		wanted: []string{"base.service", "on.service"},
	}), "test", 0)
	if r := f.systemctl("start", "up"); r.code != 0 {
		t.Fatal(r.stderr)
	}
	r := f.switchTo(f.toplevel("bb", systemSpec{
		units:  map[string]string{"base.service": daemonUnit2, "up.service": reloads + "2\n" + daemonUnit, "on.service": "[Unit]\nX-Reload-Triggers=2\n" + daemonUnit},
		wanted: []string{"base.service", "on.service"},
	}), "test", 0)
	wantLines(t, r.stderr, "stopping the following units: base.service", "reloading the following units: on.service",
		"starting the following units: base.service, up.service")
	f.wantState("up.service", stateActive)
}

// The mounts of fstab are told of; they have no state here.
func TestSwitchMounts(t *testing.T) {
	f := newFixture(t)
	fstab := func(text string) systemSpec { return systemSpec{etc: map[string]specFile{"fstab": {Text: &text}}} }
	f.switchTo(f.toplevel("a", fstab("/dev/a / ext4 rw\n/dev/b /home ext4\n/dev/c /srv ext4\n/dev/s none swap\n")), "test", 0)
	r := f.switchTo(f.toplevel("bb", fstab("/dev/a / ext4 ro\n/dev/b2 /home ext4\n")), "test", 0)
	want := "stopping swap device: /dev/s\nstopping the following units: srv.mount\nactivating the configuration...\n" +
		"reloading the following units: -.mount\nrestarting the following units: home.mount\n"
	if r.stderr != want {
		t.Errorf("got:\n%s\nwant:\n%s", r.stderr, want)
	}
}
