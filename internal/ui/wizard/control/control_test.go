package control_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard/control"
)

// Every row of a long list can be reached from every other, and the chosen one is seen.
func TestLongList(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 130 {
		names = append(names, fmt.Sprintf("row %d.", i))
	}
	l := control.NewList(func(int) []string { return names }, 70)
	l.Searched(names)
	at := func(want int) {
		t.Helper()
		shown := strings.Join(l.Draw(40, 10), "\n")
		if got, is := l.Row(); !is || got != want || !strings.Contains(shown, names[want]) {
			t.Fatalf("at %d, want %d:\n%s", got, want, shown)
		}
	}
	press := func(code rune, times int) {
		for range times {
			l.Press(tea.KeyPressMsg{Code: code})
		}
	}
	at(70)
	press(tea.KeyDown, 59)
	at(129)
	press(tea.KeyHome, 1)
	at(0)
	press(tea.KeyEnd, 1)
	at(129)
	press(tea.KeyUp, 129)
	at(0)
}

func TestMatching(t *testing.T) {
	t.Parallel()
	titles := []string{"Antarctica/Vostok", "Asia/Tokyo", "Tokelau", "Europe/Rome"}
	if got := control.Matching(titles, "tok"); !slices.Equal(got, []int{2, 1, 0}) {
		t.Errorf("got %v", got)
	}
}
