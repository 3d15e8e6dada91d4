package runlog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// What counts is what the program said that spoke last, in its last run.
func TestOverheard(t *testing.T) {
	t.Parallel()
	var o Overheard
	passed := 0
	sink := o.Watch(func(event.Event) { passed++ })
	say := func(program, line string) { sink(event.Output{Program: program, Line: line}) }
	want := func(text string) {
		t.Helper()
		if got := o.Text(); got != text {
			t.Errorf("heard %q, want %q", got, text)
		}
	}
	want("")
	say("nix", "one")
	say("nix", "two")
	sink(event.Program{Name: "git"})
	want("one\ntwo")
	sink(event.Program{Name: "nix"})
	want("one\ntwo")
	say("nix", "three")
	want("three")
	say("switch-to-configuration", "four")
	want("four")
	if passed != 6 {
		t.Errorf("%d events were handed on, want 6", passed)
	}
	for i := range 10 * linesKept {
		say("switch-to-configuration", fmt.Sprint(i))
	}
	if got := strings.Split(o.Text(), "\n"); len(got) != linesKept || got[len(got)-1] != fmt.Sprint(10*linesKept-1) {
		t.Errorf("%d lines, the last is %s", len(got), got[len(got)-1])
	}
	was := o.Text()
	sink(event.Program{Name: "switch-to-configuration"})
	sink(event.StationStarted{Station: event.Revert})
	say("switch-to-configuration", "activating what ran before")
	if o.Text() != was {
		t.Errorf("what was said while the system was taken back counts: %q", o.Text())
	}
}
