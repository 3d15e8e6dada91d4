package guard

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

var environment = []string{"LC_ALL=C.UTF-8", "NIXOS_INSTALL_BOOTLOADER=0", "PATH=/run/current-system/sw/bin"}

func TestSwitchCommand(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	program := string(newSystem) + "/bin/switch-to-configuration"
	want := machine.Cmd{
		Doing: "switching to new (test)", Path: program, Args: []string{"test"}, Env: environment, Inside: true, Root: true,
	}
	if got := b.switchCommand(newSystem, "test"); !reflect.DeepEqual(got, want) {
		t.Errorf("without systemd:\n got %+v\nwant %+v", got, want)
	}
	// With systemd as PID 1, the command line of nixos-rebuild-ng.
	b.mkdir(t, "/run/systemd/system")
	want.Path = "/run/current-system/sw/bin/systemd-run"
	want.Doing = "switching to new (boot)"
	want.Args = []string{
		"-E", "LOCALE_ARCHIVE", "-E", "NIXOS_INSTALL_BOOTLOADER=0", "--collect", "--no-ask-password", "--pipe", "--quiet",
		"--wait", "--service-type=exec", "--unit=nixos-rebuild-switch-to-configuration", program, "boot",
	}
	if got := b.switchCommand(newSystem, "boot"); !reflect.DeepEqual(got, want) {
		t.Errorf("with systemd:\n got %+v\nwant %+v", got, want)
	}
}

// Both streams of the program are told line by line, and how long it took.
func TestSwitchTells(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	if err := b.switchTo(t.Context(), newSystem, "dry-activate"); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "new dry-activate")
	var lines []string
	for _, e := range b.events {
		if out, is := e.(event.Output); is && out.Program == "switch-to-configuration" {
			lines = append(lines, out.Line)
		}
	}
	slices.Sort(lines)
	if want := []string{"on stderr: dry-activate", "on stdout: dry-activate"}; !slices.Equal(lines, want) {
		t.Errorf("told %q, want %q", lines, want)
	}
	if ended, is := b.events[len(b.events)-1].(event.Program); !is || ended.Name != "switch-to-configuration" || ended.Seconds <= 0 {
		t.Errorf("last event %v", b.events[len(b.events)-1])
	}
	b.wantEnvironment(t, environment)
}

func (b *box) wantEnvironment(t *testing.T, want []string) {
	t.Helper()
	data, err := os.ReadFile(b.path("/environment"))
	if got := strings.Split(string(data), "\n"); err != nil || !slices.Equal(got, want) {
		t.Errorf("environment %q, %v; want %q", got, err, want)
	}
}

func TestStartLate(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	units := []string{"models.service", "images.service"}
	if err := b.StartLate(t.Context(), units); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "systemctl try-restart --no-block models.service images.service", "systemctl start --no-block nqd-late.target")
	b.wantEnvironment(t, []string{"LC_ALL=C.UTF-8"})
	b.remove(t, "/run/current-system")
	// What comes second is tried all the same.
	if err := b.StartLate(t.Context(), units); err == nil || !strings.Contains(err.Error(), "\nstarting nqd-late.target: ") || !strings.HasPrefix(err.Error(), "restarting models.service, images.service: ") {
		t.Errorf("without systemctl: %v", err)
	}
}

// A running system is a store path; a path that a user can write is nobody's system.
func TestRunning(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.wantRuns(t, oldSystem)
	for _, target := range []string{"/home/ada/result", string(oldSystem) + "/sw", "/nix/store"} {
		b.link(t, "/run/current-system", target)
		if got, err := b.Running(); err == nil {
			t.Errorf("%s: taken for %s", target, got)
		}
	}
}

// An error has the last lines of the program, and none of them acts on the user's terminal.
func TestSwitchError(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.link(t, "/run/current-system", string(oldSystem))
	b.write(t, "/exit/test", "2")
	b.write(t, "/says", strings.Repeat("earlier\n", switchLines)+"\x1b[2J\x1b[31mred\x1b[0m\n")
	err := b.switchTo(t.Context(), newSystem, "test")
	var failed *SwitchError
	if !errors.As(err, &failed) || len(failed.Lines) != switchLines {
		t.Fatalf("got %v", err)
	}
	if text := err.Error(); !strings.HasSuffix(text, "\n  | earlier\n  | red\n  | on stdout: test\n  | on stderr: test") || strings.Contains(text, "\x1b") {
		t.Errorf("got %q", text)
	}
}

// Nothing of the guard reaches the computer that the tests run on.
func TestNotOnThisComputer(t *testing.T) {
	t.Parallel()
	g := &Guard{Machine: machine.Local(), Sink: func(event.Event) {}}
	if err := g.switchTo(t.Context(), newSystem, "test"); err == nil || !strings.Contains(err.Error(), "tests act on a sandbox only") {
		t.Errorf("switching: %v", err)
	}
	if err := g.StartLate(t.Context(), []string{"x.service"}); err == nil || !strings.Contains(err.Error(), "tests act on a sandbox only") {
		t.Errorf("starting: %v", err)
	}
}
