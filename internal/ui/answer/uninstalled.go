package answer

import (
	"io"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Uninstalled writes what nqd takes off the machine, or took off it, and what stays.
func Uninstalled(w io.Writer, u event.Uninstalled, width int) {
	if u.System == "" && len(u.Removed) == 0 {
		words.Line(w, width, "Nothing to do: nqd has nothing on this machine.")
	}
	if u.System != "" && u.Planned {
		words.Line(w, width, "back to  %s, which ran before nqd", u.System)
	}
	done := "removed"
	if u.Planned {
		done = "removes"
	}
	for _, path := range u.Removed {
		words.Line(w, width, "%s  %s", done, words.OneLine(path))
	}
	for _, path := range u.Left {
		words.Line(w, width, "stays    %s", words.OneLine(path))
	}
	if u.Planned || u.System == "" {
		return
	}
	words.Line(w, width, "nqd is off this machine, which runs and boots %s.", u.System)
}
