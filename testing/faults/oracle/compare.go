package oracle

import (
	"fmt"
	"slices"
)

// Difference tells what of GOT is not as in WANT, one line for each name, sorted. Timeless says which entries may
// have another time.
func Difference(want, got Tree, timeless func(name string, want Entry) bool) []string {
	var lines []string
	for name, w := range want {
		g, there := got[name]
		switch {
		case !there:
			lines = append(lines, name+": is missing, was "+w.describe())
		default:
			if timeless(name, w) {
				g.Time = w.Time
			}
			if g != w {
				lines = append(lines, fmt.Sprintf("%s: %s", name, changed(w, g)))
			}
		}
	}
	for name, g := range got {
		if _, known := want[name]; !known {
			lines = append(lines, name+": should not be there: "+g.describe())
		}
	}
	slices.Sort(lines)
	return lines
}

func (e Entry) describe() string {
	if e.Kind == "link" {
		return "a link to " + e.Target
	}
	return fmt.Sprintf("a %s, %04o %s, %d bytes", e.Kind, e.Mode, e.Owner, e.Size)
}

// changed names what differs between two entries.
func changed(want, got Entry) string {
	text := ""
	for _, part := range []struct {
		name      string
		want, got any
	}{
		{"kind", want.Kind, got.Kind},
		{"mode", fmt.Sprintf("%04o", want.Mode), fmt.Sprintf("%04o", got.Mode)},
		{"owner", want.Owner, got.Owner},
		{"target", want.Target, got.Target},
		{"size", want.Size, got.Size},
		{"content", want.Sum, got.Sum},
		{"extended attributes", want.Xattrs, got.Xattrs},
		{"time", want.Time, got.Time},
	} {
		if part.want != part.got {
			text += fmt.Sprintf("%s is %v, was %v; ", part.name, part.got, part.want)
		}
	}
	return text[:len(text)-2]
}
