package facts

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// Personal are the facts that are in no file: whose machine it is and how it is set up, and what changes all the time.
func (f Facts) Personal() []Row {
	rows := []Row{
		{"name", f.HostName},
		{"user", f.User},
		{"release", f.Release},
		{"time zone", f.Timezone},
		{"language", f.Locale},
	}
	for _, name := range slices.Sorted(maps.Keys(f.Locales)) {
		rows = append(rows, Row{name, f.Locales[name]})
	}
	keyboard := []string{f.XkbLayout, f.XkbVariant, f.XkbOptions}
	rows = append(rows,
		Row{"console keyboard", f.Keymap},
		Row{"keyboard", strings.Join(slices.DeleteFunc(keyboard, func(part string) bool { return part == "" }), ", ")})
	for _, one := range f.FileSystems {
		if one.Free > 0 {
			rows = append(rows, Row{"free on " + one.Mount, fmt.Sprintf("%d GB", one.Free/gigabyte)})
		}
	}
	return shown(rows)
}

// shown are the rows that say something, fit for a terminal: names of file systems may be anything.
func shown(rows []Row) []Row {
	for i, row := range rows {
		rows[i] = Row{oneLine(row.Name), oneLine(row.Value)}
	}
	return slices.DeleteFunc(rows, func(row Row) bool { return row.Value == "" })
}

func oneLine(text string) string { return strings.Join(strings.Fields(printable.Text(text)), " ") }
