package answer

import (
	"fmt"
	"io"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Outcome writes how a deployment ended that ended as it should.
func Outcome(w io.Writer, o event.Outcome, width int) {
	switch {
	case o.Deployment == 0:
		words.Line(w, width, "Nothing to do: the machine already runs %s.", o.System)
		return
	case o.Result == "reverted":
		words.Line(w, width, "Deployment %d is taken back: the machine runs %s.", o.Deployment, o.System)
		return
	}
	words.Line(w, width, "Deployment %d is committed: the machine runs and boots %s.", o.Deployment, o.System)
	for _, reason := range o.Reboot {
		words.Line(w, width, "Reboot for: %s.", rebootFor(reason))
	}
}

// Explanations writes a list of known failures, or one whole where one was asked for.
func Explanations(w io.Writer, e event.Explanations, width int) {
	if len(e.Known) == 1 {
		one := e.Known[0]
		words.Line(w, width, "%s: %s", one.ID, one.Title)
		words.Line(w, width, "  cause: %s", one.Cause)
		words.Line(w, width, "  cure: %s", one.Cure)
		return
	}
	longest := 0
	for _, one := range e.Known {
		longest = max(longest, len(one.ID))
	}
	for _, one := range e.Known {
		text := fmt.Sprintf("%-*s  %s", longest, one.ID, one.Title)
		for _, line := range words.Wrap(text, width, strings.Repeat(" ", longest+2)) {
			fmt.Fprintln(w, line)
		}
	}
}
