package words

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Wrap breaks text at its spaces into lines of at most width columns of a terminal; 0 is no limit. Lines of text stay
// lines, and all but the first begin with indent; what is left of one of them goes on below its own beginning, behind
// the bar where it is quoted ("| "). A word that is longer than a line is not cut, as one can copy a store
// path or an address only in one piece: it gets a line of its own.
func Wrap(text string, width int, indent string) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		below := indent
		if len(lines) > 0 {
			line = indent + line
			below = margin(line, width, indent)
		}
		lines = append(lines, wrapLine(line, width, below)...)
	}
	return lines
}

// Line writes one line of text, broken at words to fit width columns; 0 is no limit. What goes on stands two columns
// further in than the line itself.
func Line(w io.Writer, width int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))] + "  "
	for _, line := range Wrap(text, width, indent) {
		fmt.Fprintln(w, line)
	}
}

// margin is what the rest of line begins with: indent, where line's own leaves less than half of the width.
func margin(line string, width int, indent string) string {
	own := line[:len(line)-len(strings.TrimLeft(line, " "))]
	if strings.HasPrefix(line[len(own):], "| ") {
		own += "|   "
	}
	if len(own) > width/2 {
		return indent
	}
	return own
}

func wrapLine(line string, width int, indent string) (lines []string) {
	if width <= 0 || ansi.StringWidth(line) <= width {
		return []string{line}
	}
	var current strings.Builder
	words, columns := 0, 0
	for line != "" {
		word := strings.TrimLeft(line, " ")
		gap := line[:len(line)-len(word)]
		word, _, _ = strings.Cut(word, " ")
		line = line[len(gap)+len(word):]
		if words > 0 && columns+ansi.StringWidth(gap+word) > width {
			lines = append(lines, current.String())
			current.Reset()
			gap, words, columns = indent, 0, 0
		}
		current.WriteString(gap + word)
		words, columns = words+1, columns+ansi.StringWidth(gap+word)
	}
	return append(lines, current.String())
}
