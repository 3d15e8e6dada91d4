package wizard

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard/control"
)

// place is where in the form one is.
type place int

// The places in their order; a question has its number besides.
const (
	introduction place = iota // what was found, where there is no room for it above the first question
	question
	correction // of one setting; the page comes next
	page
	confirmation
)

// box is an entry or a list.
type box interface {
	Press(tea.Msg)
	Draw(width, height int) []string
}

// model is what bubbletea knows: the form and where in it one is.
type model struct {
	*answers
	signs         signs
	width, height int

	place   place
	field   int // that is asked or corrected
	scroll  int // lines of the introduction that are above the screen
	control box
	problem string // what is wrong with the answer
	over    bool
	outcome error
}

func newModel(known *answers, signs signs, width, height int) *model {
	m := &model{answers: known, signs: signs, width: width, height: height}
	m.ask(0)
	if len(m.form.Found) > 0 && !(m.place == question && m.roomForFound()) {
		m.place = introduction
	}
	return m
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (m *model) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = message.Width, message.Height
		m.scroll = min(m.scroll, max(0, len(m.found())-m.roomForIntroduction()))
	case endMsg:
		m.end(message.why)
	case tea.KeyPressMsg:
		m.key(message)
	case tea.PasteMsg:
		if m.control != nil && m.place != introduction {
			m.problem = ""
			m.control.Press(message)
		}
	}
	if m.over {
		return m, tea.Quit
	}
	return m, nil
}

// key does what a key says.
func (m *model) key(message tea.KeyPressMsg) {
	m.problem = ""
	switch message.String() {
	case "ctrl+c":
		m.end(context.Canceled)
	case "ctrl+d":
		m.end(ErrEnded)
	case "esc":
		m.escape()
	case "shift+tab":
		m.back()
	case "enter", "tab":
		m.enter()
	default:
		m.press(message)
	}
}

func (m *model) press(message tea.KeyPressMsg) {
	switch {
	case m.place == introduction:
		m.roll(message.String())
	case m.place == confirmation && strings.EqualFold(message.Text, "y"):
		m.end(nil)
	case m.place == confirmation && strings.EqualFold(message.Text, "n"):
		m.end(ErrDeclined)
	default:
		m.control.Press(message)
	}
}

// roll moves the introduction.
func (m *model) roll(key string) {
	last := max(0, len(m.found())-m.roomForIntroduction())
	switch key {
	case "up":
		m.scroll--
	case "down":
		m.scroll++
	case "pgup":
		m.scroll -= m.roomForIntroduction()
	case "pgdown", "space":
		m.scroll += m.roomForIntroduction()
	}
	m.scroll = min(max(0, m.scroll), last)
}

func (m *model) end(why error) {
	if !m.over {
		m.over, m.outcome = true, why
	}
}

// escape takes back what is nearest: a search, a correction, or all.
func (m *model) escape() {
	if l, is := m.control.(*control.List); is && l.Searching() && m.place != introduction {
		l.Clear()
		return
	}
	if m.place == correction {
		m.showPage(m.field + 1)
		return
	}
	m.end(context.Canceled)
}

// ask begins a question, or what comes behind the last one.
func (m *model) ask(number int) {
	if number >= len(m.form.Questions) {
		m.showPage(0)
		return
	}
	m.place, m.field = question, number
	m.control = m.controlOf(m.fields[number])
}

// mostUnsearched is how many choices one sees at a glance; more can be searched.
const mostUnsearched = 10

func (m *model) controlOf(f Field) box {
	value := m.values[f.Key]
	if len(f.Choices) == 0 {
		return control.NewEntry(value, harmless(value))
	}
	titles := f.titles()
	l := control.NewList(func(int) []string { return titles }, f.choice(value))
	if len(titles) > mostUnsearched {
		l.Searched(titles)
	}
	return l
}

// showPage shows all settings; row 0 goes on, the others are the fields.
func (m *model) showPage(row int) {
	if len(m.fields) == 0 {
		m.confirm()
		return
	}
	m.place, m.control = page, control.NewList(m.rows, row)
}

func (m *model) confirm() {
	if m.form.Confirm == "" {
		m.end(nil)
		return
	}
	m.place, m.control = confirmation, control.NewList(func(int) []string { return []string{"Yes", "No"} }, 0)
}

// back goes to what was asked before.
func (m *model) back() {
	switch {
	case m.place == question && m.field > 0:
		m.ask(m.field - 1)
	case m.place == correction:
		m.showPage(m.field + 1)
	case m.place == page && len(m.form.Questions) > 0:
		m.ask(len(m.form.Questions) - 1)
	case m.place == confirmation && len(m.fields) > 0:
		m.showPage(0)
	}
}

// row is the chosen row of the page or the confirmation, which have lists.
func (m *model) row() int {
	row, _ := m.control.(*control.List).Row()
	return row
}

// enter takes what is there.
func (m *model) enter() {
	switch m.place {
	case introduction:
		if m.unread() > 0 {
			m.roll("pgdown")
			return
		}
		m.ask(0)
	case question, correction:
		m.take()
	case page:
		m.choose(m.row())
	case confirmation:
		if m.row() > 0 {
			m.end(ErrDeclined)
			return
		}
		m.end(nil)
	}
}

// take takes an answer where it is right, and says what is wrong where it is not.
func (m *model) take() {
	f := m.fields[m.field]
	var value string
	switch c := m.control.(type) {
	case *control.Entry:
		value = c.Value()
	case *control.List:
		row, is := c.Row()
		if !is {
			return
		}
		value = f.Choices[row].Value
	}
	if err := m.answers.problem(f, value); err != nil {
		m.problem = harmless(err.Error())
		return
	}
	m.values[f.Key] = value
	if m.place == correction {
		m.showPage(0)
		return
	}
	m.ask(m.field + 1)
}

// choose goes on from the page, or to a correction.
func (m *model) choose(row int) {
	if row > 0 {
		m.place, m.field = correction, row-1
		m.control = m.controlOf(m.fields[m.field])
		return
	}
	if at, err := m.faulty(); err != nil {
		m.showPage(at + 1)
		m.problem = m.fields[at].name() + ": " + harmless(err.Error())
		return
	}
	m.confirm()
}
