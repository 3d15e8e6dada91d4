package deployment

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
)

// What is older than a committed deployment, or than a record that cannot be read and may be
// of one, says nothing of the machine.
func TestUnfinished(t *testing.T) {
	t.Parallel()
	for results, want := range map[string]string{
		"committed interrupted":                   "1",
		"interrupted committed":                   "",
		"interrupted unreadable":                  "",
		"interrupted unreadable broken":           "2",
		"interrupted refused reverted":            "0",
		"broken reverted interrupted":             "2 0",
		"committed broken refused":                "1",
		"interrupted committed reverted reverted": "",
	} {
		var recorded []Recorded
		for id, result := range strings.Fields(results) {
			recorded = append(recorded, Recorded{Deployment: engine.Deployment{ID: id, Result: engine.Result(result)}})
		}
		var got []string
		for _, one := range Unfinished(recorded) {
			got = append(got, fmt.Sprint(one.ID))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", results, got, want)
		}
	}
}

// A machine is what it was last committed as; one that went back to what ran before nqd is nobody's.
func TestHost(t *testing.T) {
	t.Parallel()
	h := History{engine.History{Dir: t.TempDir()}}
	wants := func(host string, committed bool) {
		t.Helper()
		got, err := h.HasCommitted()
		if h.Host() != host || got != committed || err != nil {
			t.Errorf("got %q, %t, %v; want %q, %t", h.Host(), got, err, host, committed)
		}
	}
	wants("", false)
	h.write(t, between("orion", "installed", "a"), engine.Reverted)
	wants("", false)
	h.write(t, between("orion", "installed", "a"), engine.Committed)
	wants("orion", true)
	h.write(t, between("vega", "a", "b"), engine.Reverted)
	wants("orion", true)
	h.write(t, between("vega", "a", "b"), engine.Committed)
	wants("vega", true)
	back, err := h.Return(0)
	if err != nil {
		t.Fatal(err)
	}
	h.write(t, back, engine.Committed)
	wants("orion", true)
	first, err := h.ReturnToFirst()
	if err != nil {
		t.Fatal(err)
	}
	h.write(t, first, engine.Committed)
	wants("", true)
}
