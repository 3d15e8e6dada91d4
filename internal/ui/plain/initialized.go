package plain

import (
	"fmt"
	"io"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// initialized says what became of the machine's own configuration, and what to do next.
func initialized(w io.Writer, i event.Initialized, width int) {
	line := func(format string, args ...any) { words.Line(w, width, format, args...) }
	if i.DryRun {
		io.WriteString(w, i.HostFile) // as it would stand in the file
	}
	if i.Adoption != nil {
		adoption(line, *i.Adoption)
	}
	if len(i.Unfree) > 0 {
		line("Unfree packages that are allowed: %s", strings.Join(i.Unfree, ", "))
	}
	if i.DryRun {
		line("Nothing was written: host %s would be set up in %s.", i.Host, i.Workspace)
		return
	}
	line("Host %s is set up in %s. Next: nqd plan, then nqd apply", i.Host, i.Workspace)
}

func adoption(line func(format string, args ...any), a event.Adoption) {
	if len(a.Findings) == 0 {
		line("Taken over from %s: %s", words.OneLine(a.From), words.OneLine(strings.Join(a.Files, ", ")))
		return
	}
	line("Not taken over: %s, as it is", words.OneLine(a.From))
	for _, finding := range a.Findings {
		place := finding.File
		if finding.Line > 0 {
			place = fmt.Sprintf("%s:%d", finding.File, finding.Line)
		}
		line("  %s: %s", words.OneLine(place), words.OneLine(finding.Text))
		line("    cure: %s", words.OneLine(finding.Cure))
	}
	line("Correct it and begin anew, or write what you need into local.nix.")
}
