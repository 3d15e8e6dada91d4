package answer

import (
	"io"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// GPU writes the graphics cards, what is decided for them, and whether they work.
func GPU(w io.Writer, g event.GPU, width int) {
	if len(g.Cards) == 0 {
		words.Line(w, width, "There is no graphics card.")
	}
	for _, card := range g.Cards {
		writeCard(w, card, width)
	}
	words.Line(w, width, "Local models compute with: %s", words.OneLine(g.Compute))
	if len(g.Features) > 0 {
		words.Line(w, width, "Features for the cards: %s", strings.Join(g.Features, ", "))
	}
	for _, warning := range g.Warnings {
		words.Line(w, width, "warning: %s", words.OneLine(warning))
	}
	for i, check := range g.Checks {
		if i == 0 {
			words.Line(w, width, "Questions:")
		}
		Checked(w, check, width)
	}
}

func writeCard(w io.Writer, card event.GPUCard, width int) {
	name := words.OneLine(card.Name)
	if name == "" {
		name = "unknown card"
	}
	if card.Generation != "" {
		name += " (" + words.OneLine(card.Generation) + ")"
	}
	words.Line(w, width, "%s  %s", words.OneLine(card.Slot), name)
	about := words.OneLine(card.Vendor + " " + card.ID)
	if card.Boot {
		about += ", has the screen of the firmware"
	}
	words.Line(w, width, "  %s", about)
	driver := words.OneLine(card.Driver)
	if driver == "" {
		driver = "none"
	}
	words.Line(w, width, "  driver now: %s", driver)
	words.Line(w, width, "  decision: %s", words.OneLine(card.Decision))
	if card.Source != "" {
		words.Line(w, width, "  source: %s", words.OneLine(card.Source))
	}
}

// Checked writes the result of one question about graphics cards, and what is known of a problem.
func Checked(w io.Writer, c event.Checked, width int) {
	verdict := "ok"
	switch {
	case !c.OK:
		verdict = "FAILED: " + words.OneLine(c.Problem)
	case c.Remark != "":
		verdict = words.OneLine(c.Remark)
	}
	words.Line(w, width, "  %s: %s", words.OneLine(c.Target), verdict)
	for _, line := range Known(c) {
		words.Line(w, width, "    %s", line)
	}
}

// Known are the lines that stand below a check that failed: what the problem comes from and what to do, where that is
// known.
func Known(c event.Checked) []string {
	var lines []string
	if !c.OK && c.Cause != "" {
		lines = append(lines, "cause: "+words.OneLine(c.Cause))
	}
	if !c.OK && c.Cure != "" {
		lines = append(lines, "cure: "+words.OneLine(c.Cure))
	}
	return lines
}
