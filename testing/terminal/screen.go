package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// screen is what a terminal shows, by ECMA-48 and the private sequences of xterm (its ctlseqs), as far as our programs use
// them. What it does not know it notes, so that a test fails instead of looking at a wrong picture.
type screen struct {
	width, height int
	cells         [][]string // a wide letter is a cell and an empty one
	x, y          int
	top, bottom   int      // the rows that scroll, the second not included
	main          *picture // while the second screen is shown
	hidden        bool     // the cursor
	modes         map[int]bool
	last          string // the last letter, for REP
	rest          []byte // the beginning of a sequence
	unknown       []string
}

// picture is the first screen while the second one is shown.
type picture struct {
	cells [][]string
	x, y  int
}

func newScreen(width, height int) *screen {
	s := &screen{modes: map[int]bool{}}
	s.resize(width, height)
	return s
}

// resize keeps what stands in the upper left corner. A real terminal may break the lines of its first screen anew.
func (s *screen) resize(width, height int) {
	cells := blank(width, height)
	for y := range min(height, len(s.cells)) {
		copy(cells[y], s.cells[y])
	}
	s.cells, s.width, s.height, s.top, s.bottom = cells, width, height, 0, height
	s.x, s.y = min(s.x, width-1), min(s.y, height-1)
}

func blank(width, height int) [][]string {
	cells := make([][]string, height)
	for y := range cells {
		cells[y] = blankRow(width)
	}
	return cells
}

func blankRow(width int) []string {
	row := make([]string, width)
	for x := range row {
		row[x] = " "
	}
	return row
}

// text is what stands there, without the space at the ends.
func (s *screen) text() string {
	var lines []string
	for _, row := range s.cells {
		lines = append(lines, strings.TrimRight(strings.Join(row, ""), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// write shows bytes, of which the last may be the beginning of a sequence.
func (s *screen) write(bytes []byte) {
	s.rest = append(s.rest, bytes...)
	parser := ansi.NewParser()
	for len(s.rest) > 0 && (s.rest[0] < 0x80 || utf8.FullRune(s.rest)) {
		sequence, width, n, state := ansi.DecodeSequence(s.rest, ansi.NormalState, parser)
		if state != ansi.NormalState || n == len(s.rest) && !complete(sequence) {
			return
		}
		s.show(string(sequence), width, parser)
		s.rest = s.rest[n:]
	}
}

// complete says whether nothing can belong to it that comes later.
func complete(sequence []byte) bool {
	return sequence[0] < 0x80 && sequence[0] != 0x1b || len(sequence) > 1
}

func (s *screen) show(sequence string, width int, parser *ansi.Parser) {
	switch {
	case width > 0:
		s.letter(sequence, width)
	case strings.HasPrefix(sequence, "\x1b["):
		s.control(ansi.Cmd(parser.Command()), parser, sequence)
	case strings.HasPrefix(sequence, "\x1b]"), strings.HasPrefix(sequence, "\x1bP"):
		// titles and questions about capabilities
	default:
		s.simple(sequence)
	}
}

func (s *screen) letter(text string, width int) {
	if s.x+width > s.width {
		s.x = 0
		s.lineFeed()
	}
	s.cells[s.y][s.x] = text
	for i := 1; i < width; i++ {
		s.cells[s.y][s.x+i] = ""
	}
	s.x, s.last = s.x+width, text
}

func (s *screen) lineFeed() {
	if s.y == s.bottom-1 {
		s.scroll(s.top, s.bottom, 1)
		return
	}
	s.y = min(s.y+1, s.height-1)
}

// scroll moves the rows from top to bottom up, or down where n is negative; what leaves them is gone.
func (s *screen) scroll(top, bottom, n int) {
	rows := s.cells[top:bottom]
	fresh := blank(s.width, min(max(n, -n), len(rows)))
	if n > 0 {
		copy(rows, append(append([][]string{}, rows[len(fresh):]...), fresh...))
		return
	}
	copy(rows, append(fresh, rows[:len(rows)-len(fresh)]...))
}

func (s *screen) simple(sequence string) {
	switch sequence {
	case "\r":
		s.x = 0
	case "\n":
		s.lineFeed()
	case "\b":
		s.x = max(0, min(s.x, s.width-1)-1)
	case "\t":
		s.x = min(s.width-1, s.x/8*8+8)
	case "\x1bM":
		if s.y == s.top {
			s.scroll(s.top, s.bottom, -1)
		} else {
			s.y = max(0, s.y-1)
		}
	case "\a", "\x1b=", "\x1b>":
	default:
		s.unknown = append(s.unknown, fmt.Sprintf("%q", sequence))
	}
}

// control is a sequence of CSI.
func (s *screen) control(cmd ansi.Cmd, parser *ansi.Parser, sequence string) {
	n, _ := parser.Param(0, 1)
	n = max(1, n)
	if cmd.Prefix() != 0 || cmd.Intermediate() != 0 {
		if cmd.Prefix() == '?' && (cmd.Final() == 'h' || cmd.Final() == 'l') {
			for _, param := range parser.Params() {
				s.mode(param.Param(0), cmd.Final() == 'h')
			}
		}
		return // else questions, and how keys are told
	}
	switch cmd.Final() {
	case 'm', 'q', 'n', 'c', 't':
	case 'A', 'B', 'C', 'D', 'E', 'F', 'G', '`', 'd', 'H', 'f', 'I', 'Z':
		s.move(cmd.Final(), n, parser)
	case 'r':
		bottom, _ := parser.Param(1, s.height)
		s.x, s.y, s.top, s.bottom = 0, 0, n-1, min(bottom, s.height)
	case 'J', 'K', 'X', 'P', '@', 'L', 'M', 'S', 'T', 'b':
		s.change(cmd.Final(), n, parser)
	default:
		s.unknown = append(s.unknown, fmt.Sprintf("%q", sequence))
	}
}

func (s *screen) mode(number int, on bool) {
	s.modes[number] = on
	switch number {
	case 25:
		s.hidden = !on
	case 47, 1047, 1049:
		if on && s.main == nil {
			s.main = &picture{s.cells, s.x, s.y}
			s.cells = blank(s.width, s.height)
		} else if !on && s.main != nil {
			width, height := s.width, s.height
			s.cells, s.x, s.y, s.main = s.main.cells, s.main.x, s.main.y, nil
			s.resize(width, height)
		}
	}
}

func (s *screen) move(final byte, n int, parser *ansi.Parser) {
	s.x = min(s.x, s.width-1)
	switch final {
	case 'A':
		s.y -= n
	case 'B':
		s.y += n
	case 'C':
		s.x += n
	case 'D':
		s.x -= n
	case 'E':
		s.x, s.y = 0, s.y+n
	case 'F':
		s.x, s.y = 0, s.y-n
	case 'G', '`':
		s.x = n - 1
	case 'd':
		s.y = n - 1
	case 'H', 'f':
		column, _ := parser.Param(1, 1)
		s.x, s.y = max(1, column)-1, n-1
	case 'I':
		s.x = (s.x/8 + n) * 8
	case 'Z':
		s.x = ((s.x+7)/8 - n) * 8
	}
	s.x, s.y = max(0, min(s.x, s.width-1)), max(0, min(s.y, s.height-1))
}

func (s *screen) change(final byte, n int, parser *ansi.Parser) {
	if final == 'b' {
		for range n {
			s.letter(s.last, ansi.StringWidth(s.last))
		}
		return
	}
	s.x = min(s.x, s.width-1)
	row, part := s.cells[s.y], 0
	if final == 'J' || final == 'K' {
		part, _ = parser.Param(0, 0)
	}
	switch final {
	case 'J':
		s.eraseScreen(part)
	case 'K':
		eraseLine(row, s.x, part)
	case 'X':
		copy(row[s.x:min(s.width, s.x+n)], blankRow(s.width))
	case 'P':
		copy(row[s.x:], append(append([]string{}, row[min(s.width, s.x+n):]...), blankRow(n)...))
	case '@':
		copy(row[s.x:], append(blankRow(n), row[s.x:]...))
	case 'L':
		s.scroll(s.y, s.bottom, -n)
	case 'M':
		s.scroll(s.y, s.bottom, n)
	case 'S':
		s.scroll(s.top, s.bottom, n)
	case 'T':
		s.scroll(s.top, s.bottom, -n)
	}
}

func (s *screen) eraseScreen(part int) {
	eraseLine(s.cells[s.y], s.x, part)
	for y := range s.cells {
		if part == 2 || part == 0 && y > s.y || part == 1 && y < s.y {
			s.cells[y] = blankRow(s.width)
		}
	}
}

func eraseLine(row []string, x, part int) {
	from, to := x, len(row)
	if part > 0 {
		from = 0
	}
	if part == 1 {
		to = x + 1
	}
	copy(row[from:to], blankRow(len(row)))
}
