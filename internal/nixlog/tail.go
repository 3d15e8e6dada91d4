package nixlog

import (
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

const (
	// tailLines is how many lines of a builder are kept.
	tailLines = 20
	// fullTails is how many builds under way keep so many; more keep their last line only.
	fullTails = 256
	// keptTails is how many builds that ended keep theirs: nix says that one failed after it stopped.
	keptTails = 64
)

// tail are the last lines of a builder, as they stand in JSON: they are read only if somebody wants to know. The memory
// of a line is used again for a later one.
type tail struct {
	lines [][]byte
	next  int // where the next line goes
	count int
}

func (t *tail) add(raw []byte) {
	raw = raw[:min(len(raw), maxWord)]
	t.lines[t.next] = append(t.lines[t.next][:0], raw...)
	if t.next++; t.next == len(t.lines) {
		t.next = 0
	}
	t.count = min(t.count+1, len(t.lines))
}

// last is the line that was added last; empty if there was none.
func (t *tail) last() string {
	if t == nil || t.count == 0 {
		return ""
	}
	return plainLine(t.lines[(t.next+len(t.lines)-1)%len(t.lines)])
}

// all are the lines, the oldest first.
func (t *tail) all() (lines []string) {
	if t == nil {
		return nil
	}
	for i := range t.count {
		lines = append(lines, plainLine(t.lines[(t.next+len(t.lines)-t.count+i)%len(t.lines)]))
	}
	return lines
}

// plainLine is a line of a builder as it is told: it is one even if its JSON holds a line end.
func plainLine(raw []byte) string {
	return strings.ReplaceAll(printable.Text(decode(raw[:min(len(raw), maxText)])), "\n", " ")
}

// tails gives tails to builds and counts them.
type tails struct {
	given int
	ended []endedBuild // the oldest first
}

type endedBuild struct {
	derivation string
	tail       *tail // nil for a builder that wrote nothing
}

func (s *tails) take() *tail {
	if s.given >= fullTails {
		return &tail{lines: make([][]byte, 1)}
	}
	s.given++
	return &tail{lines: make([][]byte, tailLines)}
}

// end keeps the tail of a build that stopped for a while.
func (s *tails) end(a *activity) {
	if a.tail != nil && len(a.tail.lines) == tailLines {
		s.given--
	}
	if !a.isBuild() {
		return
	}
	if len(s.ended) == keptTails {
		s.ended = slices.Delete(s.ended, 0, 1)
	}
	s.ended = append(s.ended, endedBuild{a.subject, a.tail})
}
