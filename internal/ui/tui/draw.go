package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// canvas is where and how the live part is drawn.
type canvas struct {
	width, height int
	signs         signs
}

// signs are the characters that not every terminal has.
type signs struct{ done, full, empty, dot, more string }

// What a terminal of UTF-8 shows, and what any does.
func unicodeSigns() signs { return signs{"✓", "█", "░", " · ", "…"} }
func asciiSigns() signs   { return signs{"ok", "#", "-", ", ", "..."} }

const (
	narrow     = 72 // columns; below it there is no room for all stations, or for columns of activities
	mostRows   = 16 // of all
	leastAbove = 5  // rows that are left to what was said before
	barWidth   = 10
)

// rows is how many the live part takes at most.
func (c canvas) rows() int { return max(1, min(mostRows, c.height-leastAbove)) }

// The colours are those of the terminal's own palette. Whatever they say is in words too.
func present(s string) string {
	return lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan).Render(s)
}
func good(s string) string { return lipgloss.NewStyle().Foreground(lipgloss.Green).Render(s) }
func alarm(s string) string {
	return lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Yellow).Render(s)
}
func dim(s string) string { return lipgloss.NewStyle().Faint(true).Render(s) }

// draw is the live part at this time: no line is wider than the canvas, and there are fewer lines than it is high.
func (p *picture) draw(c canvas, now time.Time) string {
	lines := append([]string{p.heading(c), p.clock(c, now)}, p.sums(c)...)
	if c.width < narrow {
		lines[0] = p.heading(c) + c.signs.dot + lines[1]
		lines = slices.Delete(lines, 1, 2)
	}
	if most := c.rows(); len(lines) < most {
		lines = append(lines, p.rows(c, now, most-len(lines))...)
	} else {
		lines = lines[:most]
	}
	for i, line := range lines {
		// The last column is left alone: terminals differ in where the cursor is after it.
		lines[i] = ansi.Truncate(line, max(1, c.width-1), c.signs.more)
	}
	return strings.Join(lines, "\n")
}

// heading is all stations, or on a narrow terminal the present one and its place. Where all do not fit, those that were
// done first are left out: what comes is the news.
func (p *picture) heading(c canvas) string {
	if c.width < narrow {
		place := slices.Index(p.stations, p.present) + 1
		return present(string(p.present)) + fmt.Sprintf(", %d of %d", place, len(p.stations))
	}
	var words []string
	for _, s := range p.stations {
		switch {
		case p.done[s]:
			words = append(words, string(s)+" "+good(c.signs.done))
		case s == p.present:
			words = append(words, present("["+string(s)+"]"))
		default:
			words = append(words, dim(string(s)))
		}
	}
	left := 0
	for left < len(words)-1 && p.done[p.stations[left]] && ansi.StringWidth(joined(c, words[left:], left)) >= c.width {
		left++
	}
	return joined(c, words[left:], left)
}

// joined is the heading of these stations, behind so many that are left out.
func joined(c canvas, stations []string, left int) string {
	heading := strings.Join(stations, "  ")
	if left > 0 {
		heading = c.signs.more + "  " + heading
	}
	return heading
}

// clock says how long the present station takes, and all of it.
func (p *picture) clock(c canvas, now time.Time) string {
	here, all := span(now.Sub(p.entered)), span(now.Sub(p.began))
	if c.width < narrow {
		return here
	}
	text := doing(p.present) + " for " + here
	if here != all {
		text += c.signs.dot + all + " in all"
	}
	return text
}

func doing(s event.Station) string {
	switch s {
	case event.Read:
		return "reading"
	case event.Write:
		return "writing"
	case event.Evaluate:
		return "evaluating"
	case event.Build:
		return "building"
	case event.Show:
		return "comparing"
	case event.Check:
		return "checking"
	case event.Late:
		return "starting downloads"
	case event.Snapshot:
		return "keeping data"
	case event.Home:
		return "making room in homes"
	case event.Workspace:
		return "going back in the workspace"
	}
	return string(s)
}

// sums says what is done and under way. What is expected grows and falls (NixOS/nix#13935), so there is no percentage.
func (p *picture) sums(c canvas) []string {
	var parts []string
	if builds := p.totals.Builds; builds.Done+builds.Running+builds.Failed > 0 {
		text := fmt.Sprintf("built %d", builds.Done)
		if builds.Running > 0 && builds.Done == 0 {
			text = fmt.Sprintf("building %d", builds.Running)
		} else if builds.Running > 0 {
			text += fmt.Sprintf(", building %d", builds.Running)
		}
		if builds.Failed > 0 {
			text += ", " + alarm(fmt.Sprintf("%d failed", builds.Failed))
		}
		parts = append(parts, text)
	}
	if fetches := p.totals.Fetches; fetches.Done+fetches.Running+fetches.Expected > 0 {
		text := fmt.Sprintf("fetched %d", fetches.Done)
		if fetches.Expected > fetches.Done {
			text += fmt.Sprintf(" of %d known", fetches.Expected)
			if c.width >= narrow {
				text += " so far"
			}
		}
		parts = append(parts, text+", "+words.Size(p.totals.Bytes.Done))
	}
	if len(parts) == 0 || c.width < narrow {
		return parts
	}
	return []string{strings.Join(parts, c.signs.dot)}
}

// row is one activity in words.
type row struct {
	verb, name string
	detail     string // what is known beside the name
	brief      string // the same where there is one line of a narrow terminal for all; empty for detail
	columns    bool   // detail has columns, so the name may not push them aside
	below      string // what its builder wrote last, for a line of its own where there is room
	stalled    bool
}

// rows are the activities in at most room lines. Where there are more, builds may still say their last line: that is
// what tells that they go on.
func (p *picture) rows(c canvas, now time.Time, room int) (lines []string) {
	rows := p.sorted(c, now)
	names := 0
	for _, r := range rows {
		names = max(names, ansi.StringWidth(r.name))
	}
	// The rest of the line is for verb, amount, bar and rate.
	names = min(names, max(12, c.width-60))
	spare := max(room-len(rows), min(2, room/4))
	for i, r := range rows {
		block := r.lines(c, names, spare)
		last := i == len(rows)-1
		if left := room - len(lines); left < len(block) || (left == len(block) && !last) {
			return append(lines, fmt.Sprintf("  and %d more", len(rows)-i))
		}
		lines = append(lines, block...)
		spare -= len(block) - 1
	}
	return lines
}

// lines is the row as one line and, of what is left, as many as there are to spare. Names have a column of their own
// where there is room for columns.
func (r row) lines(c canvas, names, spare int) []string {
	head, rest, indent := "  "+strings.TrimLeft(r.mark()+" "+r.name, " "), []string{r.detail, r.below}, "    "
	if c.width >= narrow && r.verb != "" {
		name := r.name
		if r.columns {
			name = ansi.Truncate(r.name, names, c.signs.more)
		}
		head = "  " + r.mark() + strings.Repeat(" ", max(0, 8-len(r.verb))) + "  " + name + strings.Repeat(" ", max(0, names-ansi.StringWidth(name)))
		indent = "            "
	}
	if detail := r.detail; c.width >= narrow || spare == 0 {
		if c.width < narrow && r.brief != "" {
			detail = r.brief
		}
		if room := c.width - 3 - ansi.StringWidth(detail); c.width < narrow && room > 2*len("  fetching ") {
			head = ansi.Truncate(head, room, c.signs.more)
		}
		head, rest = strings.TrimRight(head+"  "+detail, " "), rest[1:]
	}
	lines := []string{head}
	for _, text := range rest {
		if text != "" && len(lines) <= spare {
			lines = append(lines, indent+text)
		}
	}
	return lines
}

func (r row) mark() string {
	if r.stalled {
		return alarm(r.verb)
	}
	return r.verb
}

// sorted are the activities as rows: what is stalled first, then builds, then what else has a size, then the rest; of a
// kind what began first. Questions to one cache, of which there are dozens, are one row.
func (p *picture) sorted(c canvas, now time.Time) []row {
	var kinds [4][]row
	asked := make(map[string]int)
	for _, a := range p.activities {
		switch {
		case a.stalled:
			kinds[0] = append(kinds[0], a.stall(now))
		case a.Activity == event.Building:
			kinds[1] = append(kinds[1], a.build(now))
		case a.Activity == event.Download, a.Activity == event.Copy:
			kinds[2] = append(kinds[2], a.transfer(c, now))
		case a.Activity == event.Query:
			whom := short(a.From)
			if asked[whom]++; asked[whom] == 1 {
				kinds[3] = append(kinds[3], row{verb: "asking", name: whom, detail: "about a path"})
			}
		case a.Activity == event.Fetch:
			kinds[3] = append(kinds[3], row{verb: "fetching", name: clean(a.Subject), detail: span(now.Sub(a.began))})
		default:
			kinds[3] = append(kinds[3], row{name: clean(a.Subject), detail: span(now.Sub(a.began))})
		}
	}
	for i, r := range kinds[3] {
		if n := asked[r.name]; r.verb == "asking" && n > 1 {
			kinds[3][i].detail = fmt.Sprintf("about %d paths", n)
		}
	}
	return slices.Concat(kinds[:]...)
}

func (a *activity) stall(now time.Time) row {
	whom := "its builder"
	if a.Activity != event.Building {
		whom = "it"
	}
	if a.From != "" {
		whom = short(a.From)
	}
	silent := "for " + span(now.Sub(a.heard))
	return row{verb: "stalled", name: name(a), detail: silent + ": nothing from " + whom, brief: silent, stalled: true}
}

func (a *activity) build(now time.Time) row {
	r := row{verb: "building", name: name(a), detail: span(now.Sub(a.began)), brief: span(now.Sub(a.began))}
	if a.phase != "" {
		r.detail = clean(a.phase) + ", " + r.detail
	}
	if a.From != "" {
		r.detail += ", on " + short(a.From)
	}
	if line := clean(a.line); line != "" {
		r.below = dim(line)
	}
	return r
}

// transfer has a bar only where the size is known, and is not less than what came already.
func (a *activity) transfer(c canvas, now time.Time) row {
	r := row{verb: "fetching", name: name(a), detail: words.Moved(a.done, a.expected), columns: true}
	if a.Activity == event.Copy {
		r.verb = "copying"
	}
	if r.detail == "" {
		r.detail = span(now.Sub(a.began))
	}
	rate := ""
	if speed := a.rate(now); speed > 0 {
		rate = words.Size(int64(speed)) + "/s"
	}
	if c.width < narrow {
		if a.expected > 0 && a.done <= a.expected {
			r.brief = fmt.Sprintf("%d %%", 100*a.done/a.expected)
		} else {
			r.brief = r.detail
		}
		r.detail = strings.Trim(r.detail+", "+rate, ", ")
		return r
	}
	bar := strings.Repeat(" ", barWidth)
	if a.expected > 0 && a.done <= a.expected {
		full := int(barWidth * a.done / a.expected)
		bar = strings.Repeat(c.signs.full, full) + strings.Repeat(c.signs.empty, barWidth-full)
	}
	r.detail = strings.TrimRight(fmt.Sprintf("%-20s  %s  %s", r.detail, bar, rate), " ")
	return r
}

// name is what an activity is about: a file of a web site is known by its own name.
func name(a *activity) string {
	site := short(a.Subject)
	if file := site[strings.LastIndexByte(site, '/')+1:]; site != a.Subject && file != "" {
		return clean(file)
	}
	return clean(words.Name(a.Subject))
}

// short is an address without its scheme: what matters is who it is.
func short(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	return strings.TrimRight(rest, "/")
}

// span is a time in whole seconds: tenths that run are a flicker.
func span(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
	}
	return words.Span(d.Seconds())
}

// clean is what another program wrote as one line that cannot move the cursor.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, ansi.Strip(text))
	return strings.Join(strings.Fields(text), " ")
}
