package answer

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Preconditions writes what was found of a machine that is not deployed to.
func Preconditions(w io.Writer, p event.Preconditions, width int) {
	fmt.Fprintln(w, "Before anything is done:")
	rows{w, width}.preconditions(p.Rows)
}

// preconditions tells in full what is not as it should be, and the names of the rest.
func (r rows) preconditions(all []event.Precondition) {
	var fine []string
	for _, one := range all {
		switch {
		case one.Verdict == event.Fail:
			r.row("preflight", "FAILS: %s: %s: %s", one.Name, one.Found, one.Cure)
		case one.Verdict == event.Warn:
			r.row("preflight", "warning: %s: %s: %s", one.Name, one.Found, one.Cure)
		case !slices.Contains(fine, one.Name):
			fine = append(fine, one.Name)
		}
	}
	if len(fine) > 0 {
		r.row("preflight", "ok: %s", strings.Join(fine, ", "))
	}
}
