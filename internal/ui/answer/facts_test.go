package answer

import (
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func TestFacts(t *testing.T) {
	t.Parallel()
	rows := []event.Fact{
		{Name: "name", Value: "orion"},
		{Name: "processor", Value: "family 25, model 33, x86-64-v3"},
		{Name: "file system /home/ada/projects", Value: "btrfs\x1b[2J, subvolume /@projects, 999 GB"},
	}
	changed := []event.FactChange{{Name: "memory", Before: "15900 MiB", After: "31900 MiB"}, {Name: "disk sdb", After: "4000 GB"}, {Name: "battery", Before: "yes"}}
	for name, c := range map[string]struct {
		facts event.Facts
		width int
		want  string
	}{
		"without a workspace": {event.Facts{Rows: rows}, 0, `name       orion
processor  family 25, model 33, x86-64-v3
file system /home/ada/projects  btrfs [2J, subvolume /@projects, 999 GB
`},
		"nothing changed": {event.Facts{Rows: rows[:1], File: "/w/facts.json", Deployment: 3}, 0, `name  orion

Nothing changed since deployment 3.
`},
		"changed": {event.Facts{Rows: rows[:1], File: "/w/facts.json", Deployment: 3, Changes: changed}, 0, `name  orion

Changed since deployment 3:
  memory: 15900 MiB -> 31900 MiB
  disk sdb: none -> 4000 GB
  battery: yes -> none
nqd facts --refresh writes it into /w/facts.json.
`},
		"written": {event.Facts{Rows: rows[:1], File: "/w/facts.json", Changes: changed[:1], Refreshed: true}, 0, `name  orion

Changed since it was written down:
  memory: 15900 MiB -> 31900 MiB
Wrote /w/facts.json; nqd plan shows what that means.
`},
		"written where none was": {event.Facts{Rows: rows[:1], File: "/w/facts.json", Refreshed: true}, 0, `name  orion

Wrote /w/facts.json; nqd plan shows what that means.
`},
	} {
		var out strings.Builder
		Facts(&out, c.facts, c.width)
		if out.String() != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, out.String(), c.want)
		}
	}
	var out strings.Builder
	Facts(&out, event.Facts{Rows: rows, File: "/home/ada/.config/nixos/hosts/orion/facts.json", Changes: changed}, 40)
	for line := range strings.Lines(out.String()) {
		if len(strings.TrimRight(line, "\n")) > 40 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("too wide: %q", line)
		}
	}
}
