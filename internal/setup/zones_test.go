package setup

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard"
)

// The time zones are those that the machine tells, in either of its files; without one it is a text.
func TestZones(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"tzdata.zi": "# version 2025b\nR d 1916 o - Jun 14 23s 1 S\nZ Europe/Berlin 0:53:28 - LMT 1893 Ap\n1 c CE%sT 1945\n" +
			"Z Etc/Nowhere 0 - X\nL Europe/Berlin Europe/Oslo\n",
		"zone1970.tab": "# a comment\nDE,DK,NO,SE,SJ\t+5230+01322\tEurope/Berlin\tmost\nNO\t+5955+01045\tEurope/Oslo\nXX\t+0+0\tMars/Olympus\n",
	} {
		root := t.TempDir()
		dir := filepath.Join(root, "nix/store/x-tzdata/share/zoneinfo")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("/nix/store/x-tzdata/share/zoneinfo", filepath.Join(root, "etc/zoneinfo")); err != nil {
			t.Fatal(err)
		}
		m, err := machine.Sandbox(root)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := readZones(m), []string{"Europe/Berlin", "Europe/Oslo", "UTC"}; !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	empty, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if got := readZones(empty); got != nil {
		t.Errorf("got %q of nothing", got)
	}
}

// What is set can be chosen though the machine does not tell it.
func TestZoneThatIsSetIsAChoice(t *testing.T) {
	t.Parallel()
	for _, zones := range [][]string{nil, {"Europe/Berlin", "UTC"}} {
		p := Propose(known(t), Found{Facts: facts.Facts{Timezone: "Asia/Tokyo"}, Zones: zones})
		settings := p.Form("/w", false).Settings
		field := settings[slices.IndexFunc(settings, func(f wizard.Field) bool { return f.Key == "host.timezone" })]
		if got := len(field.Choices); got != len(zones) && got != len(zones)+1 || got > 0 &&
			!slices.Contains(field.Choices, wizard.Choice{Value: "Asia/Tokyo", Title: "Asia/Tokyo"}) {
			t.Errorf("%q: choices %v", zones, field.Choices)
		}
	}
}

// What somebody corrected is no more to be warned of.
func TestWarningEndsWithItsCause(t *testing.T) {
	t.Parallel()
	p := Propose(known(t), Found{Facts: facts.Facts{Timezone: "Mars/Olympus", Release: "25.11"}})
	if len(p.Warnings) != 2 {
		t.Fatalf("warnings %v", p.Warnings)
	}
	corrected := p.Correct(map[string]string{"host.timezone": "Asia/Tokyo", "host.release": p.Value("host.release")})
	if got := corrected.Warnings; len(got) != 1 || got[0].key != "host.release" || len(p.Warnings) != 2 {
		t.Errorf("corrected: %v; before: %v", got, p.Warnings)
	}
}
