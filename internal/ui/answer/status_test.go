package answer

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// On any terminal a line is wider only where it is one word, and both ways out are said.
func TestStatusKeepsTheWidth(t *testing.T) {
	t.Parallel()
	status := event.Status{Running: newSystem, Profile: oldSystem, BootDefault: oldSystem, Workspace: "/home/ada/.config/nixos", Unfinished: &event.Underway{
		Deployment: event.Deployment{ID: 13, Kind: "apply", Host: "orion", Result: "interrupted", Started: time.Unix(0, 0)},
		Resumable:  true,
		Steps: []event.PlannedStep{
			{Action: "home.clear", Does: "move /home/ada/.zshrc into backup 3", State: "done"},
			{Action: "try", Does: "run nixos-system-orion-26.05, without booting it", State: "started"}, {Action: "check", Does: "ask 2 checks"},
		},
	}}
	for width := 20; width <= 130; width++ {
		var text strings.Builder
		Status(&text, status, width)
		for line := range strings.Lines(text.String()) {
			if line = strings.TrimSuffix(line, "\n"); ansi.StringWidth(line) > width && len(strings.Fields(line)) > 1 {
				t.Errorf("width %d: %q", width, line)
			}
		}
		said := strings.Join(strings.Fields(text.String()), " ")
		if !strings.Contains(said, "nqd resume goes on, nqd abort takes it back") || !strings.Contains(said, "cut off in try: ") {
			t.Errorf("width %d: %s", width, &text)
		}
	}
}
