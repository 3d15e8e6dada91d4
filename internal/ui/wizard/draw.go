package wizard

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard/control"
)

const (
	wide      = 72 // columns; below it there is no room to say where a setting is from
	fewestFor = 3  // rows that a control needs at least; help and empty lines make room for them
)

// View implements tea.Model. The screen is a second one, so that a terminal that is made narrower has nothing to break.
func (m *model) View() tea.View {
	view := tea.NewView("")
	view.AltScreen = true
	if !m.over {
		view.SetContent(m.draw())
	}
	return view
}

// draw is the whole screen: what is asked above, the keys in the last line.
func (m *model) draw() string {
	var lines []string
	if m.place == introduction {
		found := m.found()
		lines = []string{m.heading(), ""}[:max(1, m.height-1-m.roomForIntroduction())]
		lines = append(lines, found[min(m.scroll, len(found)):min(len(found), m.scroll+m.roomForIntroduction())]...)
	} else {
		lines = m.asked()
	}
	for len(lines) < m.height-1 {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, m.height-1)], m.keys())
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, m.width, m.signs.more)
	}
	return strings.Join(lines, "\n")
}

// asked is what is asked, with all around it that there is room for.
func (m *model) asked() []string {
	below := m.detail()
	if m.problem != "" {
		below = append([]string{""}, m.wrap(m.problem, control.Alarm)...)
	}
	title, help := m.title()
	above := []string{m.heading(), ""}
	if m.place == question && m.field == 0 && m.roomForFound() {
		above = append(append(above, m.found()...), "")
	}
	above = append(append(above, m.wrap(title, control.Bold)...), m.wrap(help, control.Dim)...)
	above = append(above, "")
	if m.height-1-len(above)-len(below) < fewestFor {
		above = append([]string{m.heading()}, m.wrap(title, control.Bold)...)
	}
	room := m.height - 1 - len(above) - len(below)
	if room < 1 { // what is chosen from comes first
		room = max(1, m.height-2)
		above = above[:min(len(above), max(0, m.height-1-room))]
	}
	return append(append(above, m.control.Draw(m.width, room)...), below...)
}

// heading says what asks, and how far one is.
func (m *model) heading() string {
	steps, step := len(m.form.Questions), m.field+1
	if len(m.fields) > 0 {
		steps++
	}
	switch m.place {
	case introduction:
		return control.Present(harmless(m.form.Title))
	case page, correction:
		step = len(m.form.Questions) + 1
	case confirmation:
		step = steps + 1
	}
	if m.form.Confirm != "" {
		steps++
	}
	return control.Present(harmless(m.form.Title)) + fmt.Sprintf(", %d of %d", step, steps)
}

func (m *model) title() (title, help string) {
	switch m.place {
	case page:
		return "Settings", "Go on, or choose one to correct it."
	case confirmation:
		return harmless(m.form.Confirm), ""
	}
	f := m.fields[m.field]
	return harmless(f.Title), harmless(f.Help)
}

// detail is all that is known of the setting that is chosen on the page, as its row may be cut.
func (m *model) detail() []string {
	if m.place != page {
		return nil
	}
	row := m.row()
	if row == 0 {
		return nil
	}
	f := m.fields[row-1]
	text := f.name() + ": " + m.shown(f)
	if from := m.from(f); from != "" {
		text += " (" + from + ")"
	}
	lines := append([]string{""}, m.wrap(text, nil)...)
	if len(lines) > m.height/3 { // a value of any length must not push the list away
		lines = lines[:max(1, m.height/3)]
		lines[len(lines)-1] = ansi.Truncate(lines[len(lines)-1], m.width-1, "") + m.signs.more
	}
	return lines
}

// rows are those of the page, at most so many columns wide with the sign before them.
func (m *model) rows(width int) []string {
	width = max(1, width-len("> "))
	rows := []string{"Go on"}
	titles, origins := 0, 0
	for _, f := range m.fields {
		titles, origins = max(titles, ansi.StringWidth(harmless(f.Title))), max(origins, ansi.StringWidth(m.from(f)))
	}
	titles, origins = min(titles, width*2/5), min(origins, width/3)
	for _, f := range m.fields {
		value, from := m.shown(f), m.from(f)
		room := width - titles - 2
		if width >= wide {
			room -= origins + 2
			value = m.column(value, room) + "  " + m.column(from, origins)
		} else if from == yours {
			mark := " (" + yours + ")"
			value = ansi.Truncate(value, max(0, room-len(mark)), m.signs.more) + mark
		}
		row := m.column(harmless(f.Title), titles) + "  " + value
		rows = append(rows, strings.TrimRight(ansi.Truncate(row, width, m.signs.more), " "))
	}
	return rows
}

// column is a text of exactly so many columns.
func (m *model) column(text string, width int) string {
	text = ansi.Truncate(text, max(0, width), m.signs.more)
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}

// wrap breaks a text into lines of the screen; one word that is longer is broken too.
func (m *model) wrap(text string, style func(string) string) (lines []string) {
	if text == "" {
		return nil
	}
	for _, line := range strings.Split(ansi.Wrap(text, m.width, ""), "\n") {
		if style != nil {
			line = style(line)
		}
		lines = append(lines, line)
	}
	return lines
}

// found is what was found, in lines.
func (m *model) found() (lines []string) {
	for _, sentence := range m.form.Found {
		lines = append(lines, m.wrap(harmless(sentence), nil)...)
	}
	return lines
}

// roomForIntroduction is what the heading and the keys leave, and an empty line where there is much.
func (m *model) roomForIntroduction() int {
	if m.height < 8 {
		return max(1, m.height-2)
	}
	return m.height - 3
}

// unread is how many lines of the introduction are below the screen.
func (m *model) unread() int { return max(0, len(m.found())-m.scroll-m.roomForIntroduction()) }

// roomForFound says whether what was found fits above the first question.
func (m *model) roomForFound() bool {
	if len(m.form.Found) == 0 {
		return false
	}
	f := m.fields[0]
	need := len(m.found()) + len(m.wrap(harmless(f.Title), nil)) + len(m.wrap(harmless(f.Help), nil)) + 1
	if len(f.Choices) > 0 {
		need += min(len(f.Choices), 6)
	}
	return need+5 <= m.height // the heading, two empty lines, an error and the keys
}

// keys are what one can press, as many as there is room for: the first to go are those that everybody tries anyway.
func (m *model) keys() string {
	_, choosing := m.control.(*control.List)
	enter, back, esc := "enter next", "", "esc quit"
	switch {
	case m.place == introduction && m.unread() > 0:
		enter, choosing = "enter more", false
	case m.place == introduction:
		choosing = false
	case m.place == correction:
		esc = "esc back"
	case m.place == page:
		if m.row() > 0 {
			enter = "enter edit"
		} else {
			enter = "enter go on"
		}
	case m.place == confirmation:
		enter = "enter choose"
	}
	if m.place > correction || m.place == question && m.field > 0 {
		back = "shift+tab back"
	}
	for _, shown := range [][]string{{enter, "up/down choose", back, esc}, {enter, back, esc}, {enter, esc}, {enter}} {
		if !choosing && len(shown) == 4 {
			continue
		}
		line := strings.Join(withoutEmpty(shown), m.signs.dot)
		if ansi.StringWidth(line) <= m.width {
			return control.Dim(line)
		}
	}
	return control.Dim(enter)
}

func withoutEmpty(texts []string) (full []string) {
	for _, text := range texts {
		if text != "" {
			full = append(full, text)
		}
	}
	return full
}
