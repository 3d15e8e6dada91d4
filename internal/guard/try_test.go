package guard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func units(names ...string) string {
	var parts []string
	for _, name := range names {
		parts = append(parts, `{"unit":"`+name+`","load":"loaded","active":"failed","sub":"failed","description":"x"}`)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// said is what the program of these tests says when it is run with test.
const said = "\n  | on stdout: test\n  | on stderr: test"

// The verdict on each exit code of switch-to-configuration (design-review 5).
func TestVerdict(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code          int
		before, after []string // failed units
		want          string   // of the error; empty passes
		is            error
		untouched     bool
		warned        []string
	}{
		"0":             {code: 0},
		"0, one failed": {code: 0, after: []string{"ollama.service"}}, // not asked: nothing failed, says 0
		"1":             {code: 1, want: "switching to new (test): " + string(newSystem) + "/bin/switch-to-configuration: exit code 1" + said},
		"2":             {code: 2, want: "switching to new (test): " + string(newSystem) + "/bin/switch-to-configuration: exit code 2" + said},
		"3":             {code: 3, want: "switching to new (test): " + string(newSystem) + "/bin/switch-to-configuration: exit code 3" + said},
		"4, ours": {code: 4, after: []string{"nginx.service", "ollama.service", "postgresql.service"},
			want: "starting ollama.service, postgresql.service: failed on the new system" + said, warned: []string{"nginx.service"}},
		"4, foreign":          {code: 4, after: []string{"nginx.service"}, warned: []string{"nginx.service"}},
		"4, failed before":    {code: 4, before: []string{"ollama.service", "nginx.service"}, after: []string{"ollama.service", "nginx.service"}},
		"4, one more of ours": {code: 4, before: []string{"ollama.service"}, after: []string{"ollama.service", "postgresql.service"}, want: "starting postgresql.service: failed on the new system" + said},
		"4, none":             {code: 4},
		"5":                   {code: 5, want: "switching to new (test): " + string(newSystem) + "/bin/switch-to-configuration: exit code 5" + said},
		"killed":              {code: -1, want: "switching to new (test): " + string(newSystem) + "/bin/switch-to-configuration: exit code -1" + said},
		"11":                  {code: 11, want: "another switch-to-configuration is running: nothing was changed", is: ErrNothingDone, untouched: true},
		"100":                 {code: 100, want: "the new system needs a reboot: its init cannot take over from the one that runs: nothing was changed", is: ErrRebootNeeded, untouched: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			b.write(t, "/exit/test", fmt.Sprint(c.code))
			b.write(t, "/failed", units(c.before...))
			b.write(t, "/failed-after", units(c.after...))
			if c.untouched {
				b.write(t, "/idle/test", "")
			}
			try := &Try{Guard: b.Guard, Old: oldSystem, New: newSystem, Units: []string{"ollama.service", "postgresql.service"}}
			got := ""
			err := try.Do(t.Context())
			if err != nil {
				got = err.Error()
			}
			if got != c.want || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.untouched != errors.Is(err, ErrNothingDone) {
				t.Errorf("%v: whether nothing was done is wrong", err)
			}
			calls := []string{listUnits, "new test"}
			if c.code == 4 {
				calls = append(calls, listUnits)
			}
			b.wantCalls(t, calls...)
			var warned []string
			for _, e := range b.events {
				if note, is := e.(event.Note); is && note.Warning {
					unit, _, _ := strings.Cut(note.Text, " failed; it belongs to no enabled feature")
					warned = append(warned, unit)
					if note.Hint != "journalctl -u "+unit {
						t.Errorf("hint %q", note.Hint)
					}
				}
			}
			if !slices.Equal(warned, c.warned) {
				t.Errorf("warned of %q, want %q", warned, c.warned)
			}

			// What downloads waits for as long as this is there (nixlib/features/base).
			b.wantThere(t, "/run/nqd/trying", true)
			b.wantThere(t, "/tried", !c.untouched)

			b.write(t, "/exit/test", "0")
			if err := try.Undo(t.Context()); err != nil {
				t.Errorf("undoing: %v", err)
			}
			b.wantThere(t, "/run/nqd/trying", false)
			b.wantRuns(t, oldSystem)
			if c.untouched {
				b.wantCalls(t)
			} else {
				b.wantCalls(t, "old test")
			}
		})
	}
}

func TestUnitsFailedIsAnError(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write(t, "/exit/test", "4")
	b.write(t, "/failed-after", units("b.service", "a.service"))
	err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem, Units: []string{"a.service", "b.service"}}).Do(t.Context())
	var failed *UnitsFailed
	if !errors.As(err, &failed) || !slices.Equal(failed.Units, []string{"b.service", "a.service"}) {
		t.Errorf("got %v", err)
	}
}

// A system that is being tried already stays marked when another try is refused.
func TestTryRefusedLeavesTheMark(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{true, false} {
		b := newBox(t)
		if there {
			b.mkdir(t, "/run/nqd/trying")
		}
		b.write(t, "/exit/test", "11")
		b.write(t, "/idle/test", "")
		try := &Try{Guard: b.Guard, Old: oldSystem, New: newSystem}
		if err := try.Do(t.Context()); !errors.Is(err, ErrSwitching) {
			t.Errorf("got %v", err)
		}
		if err := try.Undo(t.Context()); err != nil {
			t.Errorf("undoing nothing: %v", err)
		}
		b.wantThere(t, "/run/nqd/trying", there)
		b.wantRuns(t, oldSystem)
	}
}

// A try that was cut off may have changed the machine, whatever this one was refused for.
func TestTryRefusedAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"11", "100"} {
		b := newBox(t)
		b.link(t, "/run/current-system", string(newSystem))
		b.mkdir(t, tryingDir)
		b.write(t, "/exit/test", code)
		b.write(t, "/idle/test", "")
		try := &Try{Guard: b.Guard, Old: oldSystem, New: newSystem, Again: true}
		if err := try.Do(t.Context()); !errors.Is(err, ErrNothingDone) {
			t.Errorf("%s: got %v", code, err)
		}
		if err := try.Undo(t.Context()); err == nil {
			t.Errorf("%s: undone, while the machine runs the new system", code)
		}
		b.remove(t, "/exit/test")
		b.remove(t, "/idle/test")
		if err := try.Undo(t.Context()); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		b.wantRuns(t, oldSystem)
		b.wantThere(t, tryingDir, false)
	}
}

// Somebody who switched between the reading of the old system and its end keeps what they have.
func TestTryLeavesAThirdSystem(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.link(t, "/run/current-system", string(thirdSystem))
	try := &Try{Guard: b.Guard, Old: oldSystem, New: newSystem}
	if err := try.Do(t.Context()); !errors.Is(err, ErrNothingDone) || !strings.Contains(err.Error(), string(thirdSystem)+", which somebody else activated") {
		t.Errorf("got %v", err)
	}
	if err := try.Undo(t.Context()); err != nil {
		t.Errorf("undoing nothing: %v", err)
	}
	b.wantCalls(t)
	b.wantRuns(t, thirdSystem)
}

// What cannot be asked before is not tried: later nobody could tell what newly failed.
func TestTryWantsToKnowWhatFailedBefore(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write(t, "/exit/list-units", "1")
	if err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem}).Do(t.Context()); err == nil || !errors.Is(err, ErrNothingDone) || !strings.Contains(err.Error(), ": listing failed units: ") {
		t.Errorf("got %v", err)
	}
	b.wantCalls(t, listUnits)
	b.wantRuns(t, oldSystem)

	b = newBox(t)
	b.write(t, "/run/nqd", "in the way")
	try := &Try{Guard: b.Guard, Old: oldSystem, New: newSystem}
	if err := try.Do(t.Context()); err == nil {
		t.Error("tried without a mark of it")
	}
	b.wantCalls(t, listUnits)
	b.remove(t, "/run/nqd")
	if err := try.Undo(t.Context()); err != nil {
		t.Errorf("undoing: %v", err)
	}
	b.wantCalls(t) // nothing was changed, so OLD is not activated again

	b = newBox(t)
	b.write(t, "/exit/test", "4")
	b.write(t, "/failed-after", "no JSON")
	if err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem}).Do(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "systemctl list-units: ") {
		t.Errorf("got %v", err)
	}
}

// Undo runs the recorded system's own program and believes /run/current-system only.
func TestTryUndo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		exit string
		idle bool
		runs machine.StorePath // before Undo
		want string
	}{
		"from new":               {exit: "0", runs: newSystem},
		"units failed":           {exit: "4", runs: newSystem},
		"half-way":               {exit: "0", runs: oldSystem},
		"half-way, again":        {exit: "2", runs: oldSystem, want: "switching to old (test): " + string(oldSystem) + "/bin/switch-to-configuration: exit code 2" + said},
		"activation failed":      {exit: "2", runs: newSystem, want: "switching to old (test): " + string(oldSystem) + "/bin/switch-to-configuration: exit code 2" + said},
		"says 0 and did nothing": {exit: "0", idle: true, runs: newSystem, want: "the machine still runs new, not old"},
		"says 4 and did nothing": {exit: "4", idle: true, runs: newSystem,
			want: "switching to old (test): " + string(oldSystem) + "/bin/switch-to-configuration: exit code 4" + said + "\nthe machine still runs new, not old"},
		"lock held": {exit: "11", idle: true, runs: newSystem,
			want: "switching to old (test): " + string(oldSystem) + "/bin/switch-to-configuration: exit code 11" + said + "\nthe machine still runs new, not old"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBox(t)
			b.link(t, "/run/current-system", string(c.runs))
			b.mkdir(t, tryingDir)
			b.write(t, "/exit/test", c.exit)
			if c.idle {
				b.write(t, "/idle/test", "")
			}
			got := ""
			if err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem}).Undo(t.Context()); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			b.wantCalls(t, "old test")
			if want := (event.StationStarted{Station: event.Revert, Subject: string(oldSystem)}); b.events[0] != event.Event(want) {
				t.Errorf("told %v first, want %v", b.events[0], want)
			}
		})
	}
	// The machine was started again, or nothing was ever begun: the old system runs already.
	b := newBox(t)
	if err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem}).Undo(t.Context()); err != nil {
		t.Error(err)
	}
	b.wantCalls(t)

	b = newBox(t)
	b.write(t, "/idle/test", "")
	os.Remove(b.path("/run/current-system"))
	if err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem}).Undo(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a running system: %v", err)
	}
}

// Going back is told once, but anew for each system that is tried: what a run before this one left may have been taken
// back to the same system already.
func TestRevertIsTold(t *testing.T) {
	t.Parallel()
	b, _, commit := trying(t)
	b.bootDefault(t, newSystem)
	b.write(t, "/exit/test", "2")
	try := &Try{Guard: b.Guard, Old: oldSystem, New: newSystem}
	want := event.StationStarted{Station: event.Revert, Subject: string(oldSystem)}
	wantTold := func(what string, times int) {
		t.Helper()
		told := 0
		for _, e := range b.events {
			if e == event.Event(want) {
				told++
			}
		}
		if told != times {
			t.Errorf("%s: told %d times, want %d", what, told, times)
		}
	}
	if err := commit.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTold("what was left is taken back", 1)
	if err := try.Do(t.Context()); err == nil {
		t.Fatal("passed")
	}
	b.bootDefault(t, newSystem)
	if err := commit.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTold("the new one is taken back", 2)
	b.write(t, "/exit/test", "0")
	if err := try.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantTold("its try too", 2)
}

// Who activated a third system meanwhile keeps it.
func TestTryUndoLeavesAThirdSystem(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.link(t, "/run/current-system", string(thirdSystem))
	err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem}).Undo(t.Context())
	if err == nil || !strings.Contains(err.Error(), string(thirdSystem)+", which somebody else activated") {
		t.Errorf("got %v", err)
	}
	b.wantCalls(t)
	b.wantRuns(t, thirdSystem)
}

// Old's own pre-switch check must not keep the machine from going back to it.
func TestTryUndoLeavesOutPreSwitchChecks(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.link(t, "/run/current-system", string(newSystem))
	if err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem}).Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantEnvironment(t, append(slices.Clone(environment), "NIXOS_NO_CHECK=1"))
	b.mkdir(t, "/run/systemd/system")
	args := b.switchCommand(oldSystem, "test", "NIXOS_NO_CHECK=1").Args
	if want := []string{"-E", "LOCALE_ARCHIVE", "-E", "NIXOS_INSTALL_BOOTLOADER=0", "-E", "NIXOS_NO_CHECK=1"}; !slices.Equal(args[:6], want) {
		t.Errorf("got %q, want %q", args[:6], want)
	}
}

// A nixos-rebuild has the unit: nothing is begun, so nothing is taken back.
func TestTryBesideAnotherSwitch(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.mkdir(t, "/run/systemd/system")
	b.write(t, "/exit/is-active", "0")
	try := &Try{Guard: b.Guard, Old: oldSystem, New: newSystem}
	if err := try.Do(t.Context()); !errors.Is(err, ErrNothingDone) {
		t.Errorf("got %v", err)
	}
	if err := try.Undo(t.Context()); err != nil {
		t.Errorf("undoing nothing: %v", err)
	}
	b.wantCalls(t, "systemctl is-active --quiet nixos-rebuild-switch-to-configuration.service")
	b.wantRuns(t, oldSystem)
}

func TestEndTrying(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.mkdir(t, "/run/nqd/trying")
	for range 2 { // also where it ended already
		if err := b.EndTrying(t.Context()); err != nil {
			t.Error(err)
		}
		b.wantThere(t, "/run/nqd/trying", false)
	}
	b.wantCalls(t)
}

func (b *box) wantThere(t *testing.T, abs string, want bool) {
	t.Helper()
	if _, err := os.Lstat(b.path(abs)); (err == nil) != want {
		t.Errorf("%s is there: %t, want %t", abs, err == nil, want)
	}
}

func TestTryCancelled(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&Try{Guard: b.Guard, Old: oldSystem, New: newSystem}).Do(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	b.wantRuns(t, oldSystem)
}

func FuzzParseUnits(f *testing.F) {
	for _, text := range []string{"[]", units("a.service", "b@c\\x2d.mount"), "null", `[{"unit":1}]`, "", "0 loaded units listed."} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		names, err := parseUnits(data)
		if err != nil && names != nil {
			t.Errorf("%q beside %v", names, err)
		}
	})
}

func TestParseUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"[]":                                   nil,
		units("a.service"):                     {"a.service"},
		units("z.mount", "a@b.service") + "\n": {"z.mount", "a@b.service"},
	} {
		if got, err := parseUnits([]byte(text)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "{}", "UNIT LOAD ACTIVE SUB", `["a.service"]`, "[] []"} {
		if got, err := parseUnits([]byte(text)); err == nil {
			t.Errorf("%s: taken for %q", text, got)
		}
	}
}
