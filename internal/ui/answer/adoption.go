package answer

import (
	"fmt"
	"io"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Adoption writes which files of the machine's own configuration are taken over, or what stands in the way of it, each with
// its cure.
func Adoption(w io.Writer, a event.Adoption, width int) {
	switch {
	case a.From == "":
		return
	case len(a.Findings) > 0:
		words.Line(w, width, "%s is not adopted:", words.OneLine(a.From))
	case len(a.Files) == 0:
		return
	default:
		words.Line(w, width, "Adopted from %s:", words.OneLine(a.From))
	}
	r := rows{w, width}
	for _, f := range a.Findings {
		at := f.File
		if f.Line > 0 {
			at = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		r.row("found", "%s %s (%s)", at, f.Text, f.ID)
		r.row("cure", "%s", f.Cure)
	}
	if len(a.Findings) > 0 {
		return
	}
	for _, file := range a.Files {
		r.row("file", "imported/%s", file)
	}
}

// adopted tells what files that were taken over do by themselves.
func (r rows) adopted(list []event.Adopted) {
	for _, one := range list {
		r.row("adopted", "%s by itself: %s = %s%s", one.Kind, one.Option, abridged(one.Value), by(one.Files))
	}
}
