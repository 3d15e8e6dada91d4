package answer

import (
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Of several versions those that change are what a line is about.
func TestVersions(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]event.PackageChange{
		"":                            {},
		" 1":                          {Before: []string{"1"}, After: []string{"1"}},
		" 1, 2":                       {After: []string{"1", "2"}},
		" 3":                          {Before: []string{"3"}},
		" 1 -> 2":                     {Before: []string{"1"}, After: []string{"2"}},
		" 1, 3 -> 2 (beside 4)":       {Before: []string{"1", "3", "4"}, After: []string{"2", "4"}},
		" and 3.13 (beside 3.9, 3.1)": {Before: []string{"3.9", "3.1"}, After: []string{"3.9", "3.1", "3.13"}},
		" no more 1 (beside 2)":       {Before: []string{"1", "2"}, After: []string{"2"}},
	} {
		if got := versions(c); got != want {
			t.Errorf("%v: got %q, want %q", c, got, want)
		}
	}
}

// Two systems may differ in nothing that has a name.
func TestSame(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	Difference(&text, event.Difference{SizeBefore: 1024, SizeAfter: 1024})
	if want := "  packages  the same\n  closure   1.0 KiB, was 1.0 KiB (0 B)\n"; text.String() != want {
		t.Errorf("got\n%swant\n%s", text.String(), want)
	}
}

func TestWhy(t *testing.T) {
	t.Parallel()
	const hash = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-"
	var text strings.Builder
	Why(&text, event.Why{Name: "ollama", Chains: [][]string{
		{hash + "nixos-system-orion-26.05", hash + "etc", hash + "unit-ollama.service", hash + "ollama-0.9.1"}, {"odd"},
	}})
	Why(&text, event.Why{Name: "olama"})
	want := `  why       nixos-system-orion-26.05 -> etc -> unit-ollama.service -> ollama-0.9.1
  why       odd
  why       nothing of that system is named olama
`
	if text.String() != want {
		t.Errorf("got\n%swant\n%s", text.String(), want)
	}
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]string{0: "0 B", 1: "+1 B", -1: "-1 B", 2048: "+2.0 KiB"} {
		if got := growth(bytes); got != want {
			t.Errorf("growth %d: got %s, want %s", bytes, got, want)
		}
	}
}
