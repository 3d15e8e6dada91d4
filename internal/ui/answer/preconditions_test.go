package answer

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// preconditions are of every verdict; two have one name, and one has what others wrote.
var preconditions = []event.Precondition{
	{Name: "release", Verdict: event.OK, Found: "NixOS 26.05 runs"},
	{Name: "busy", Verdict: event.Fail, Found: "another switch-to-configuration is running (process 77, nixos-rebuild\n  ok switch, since 12:03)", Cure: "wait until it is done"},
	{Name: "caches", Verdict: event.Warn, Found: "https://cache.example: no answer within 4s", Cure: "look at the network, or give --offline to go on with what is there"},
	{Name: "room", Verdict: event.OK, Found: "/ needs 1.0 KiB and has 2.0 GiB free"},
	{Name: "room", Verdict: event.OK, Found: "/boot needs 1.0 KiB and has 2.0 GiB free"},
}

func TestPreconditions(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 40, 80} {
		var b bytes.Buffer
		Preconditions(&b, event.Preconditions{Rows: preconditions}, width)
		for line := range strings.Lines(b.String()) {
			if width > 0 && ansi.StringWidth(strings.TrimSuffix(line, "\n")) > width {
				t.Errorf("width %d: %q", width, line)
			}
		}
		file := fmt.Sprintf("testdata/preconditions-%d.txt", width)
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || b.String() != string(want) {
			t.Errorf("%s (%v): got\n%s", file, err, b.String())
		}
	}
}
