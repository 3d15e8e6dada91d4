package answer

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// widestName is how far values are moved to the right; a longer name has its value behind it.
const widestName = 22

// Facts writes what the machine is, a line for each fact, and what is not as it was.
func Facts(w io.Writer, f event.Facts, width int) {
	widest, limit := 0, widestName
	if width > 0 {
		limit = min(limit, width/3) // a narrow terminal has the room for values
	}
	for _, row := range f.Rows {
		if n := utf8.RuneCountInString(row.Name); n <= limit {
			widest = max(widest, n)
		}
	}
	for _, row := range f.Rows {
		name := words.OneLine(row.Name)
		words.Line(w, width, "%s%s  %s", name, strings.Repeat(" ", max(0, widest-utf8.RuneCountInString(name))), words.OneLine(row.Value))
	}
	if f.File == "" {
		return
	}
	fmt.Fprintln(w)
	since := "it was written down"
	if f.Deployment > 0 {
		since = fmt.Sprintf("deployment %d", f.Deployment)
	}
	switch {
	case len(f.Changes) > 0:
		words.Line(w, width, "Changed since %s:", since)
	case !f.Refreshed: // else there was no file, or one that says the same in another way
		words.Line(w, width, "Nothing changed since %s.", since)
	}
	for _, change := range f.Changes {
		words.Line(w, width, "  %s: %s -> %s", change.Name, cmp.Or(words.OneLine(change.Before), "none"), cmp.Or(words.OneLine(change.After), "none"))
	}
	switch {
	case f.Refreshed:
		words.Line(w, width, "Wrote %s; nqd plan shows what that means.", f.File)
	case len(f.Changes) > 0:
		words.Line(w, width, "nqd facts --refresh writes it into %s.", f.File)
	}
}
