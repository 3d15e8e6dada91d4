// Package control is what a person types into or chooses from on the screen of the wizard: an entry and a list, both by huh.
package control

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// Enter, Esc and the way back are no business of a control: huh answers them by messages that come later, when the next
// key may be there already, and Enter twice would skip a question.

// Entry is one line of text.
type Entry struct {
	raw, start string
	text       string
	input      *huh.Input
}

// NewEntry has a default, as it is and as one can type it.
func NewEntry(raw, start string) *Entry {
	e := &Entry{raw: raw, start: start, text: start}
	e.input = huh.NewInput().Prompt("> ").Value(&e.text)
	e.input.WithTheme(huh.ThemeFunc(theme)).WithKeyMap(&huh.KeyMap{})
	// What huh wants to happen later is the blinking of the cursor.
	_ = e.input.Focus()
	return e
}

// Value is what was typed; what nobody changed is the default, whatever is in it.
func (e *Entry) Value() string {
	if e.text == e.start {
		return e.raw
	}
	return strings.TrimSpace(e.text)
}

// Press takes a key or pasted text.
func (e *Entry) Press(message tea.Msg) {
	if pasted, is := message.(tea.PasteMsg); is {
		message = tea.PasteMsg{Content: strings.TrimSpace(pasted.Content)} // the end of its last line is no space
	}
	_, _ = e.input.Update(message)
}

// Draw is one line of so many columns.
func (e *Entry) Draw(width, _ int) []string {
	e.input.WithWidth(width)
	_, _ = e.input.Update(nil) // scrolls to where the cursor is
	return strings.Split(e.input.View(), "\n")
}

// List is some rows of which one is chosen. One that is long can be searched by typing.
type List struct {
	rows     func(width int) []string
	names    []string // what the rows are called
	searched bool
	query    string
	empty    bool // nothing has the query in it
	at       int  // the place of the row that is chosen, among all
	first    int  // where it was at first

	picker *huh.Select[int]
	width  int   // that picker was made for
	around []int // the rows that picker has: of a long list those around the chosen one
}

// NewList has these rows, of which at is chosen.
func NewList(rows func(width int) []string, at int) *List {
	return &List{rows: rows, at: max(0, at), first: max(0, at)}
}

// Searched makes it one that can be searched by typing; names are what the rows are called.
func (l *List) Searched(names []string) { l.names, l.searched = names, true }

// Searching says whether something was typed to search for.
func (l *List) Searching() bool { return l.query != "" }

// Clear gives a search up.
func (l *List) Clear() {
	l.query, l.at = "", l.first
	l.make(l.width)
}

// Row is the place of the row that is chosen, among all; false where nothing has in it what is searched.
func (l *List) Row() (int, bool) { return l.at, !l.empty }

// make builds the picker anew: huh's own search leaves the cursor where it was, on what nobody searched for.
func (l *List) make(width int) {
	rows := l.rows(width)
	if !l.searched {
		l.names = rows
	}
	places := Matching(l.names, l.query) // all, where the query is empty
	l.around = l.near(places)
	options := make([]huh.Option[int], 0, len(l.around))
	for _, place := range l.around {
		// huh would break it too, and lose a comma where it does.
		options = append(options, huh.NewOption(ansi.Wrap(rows[place], max(1, width-len("> ")), ""), place))
	}
	l.width, l.empty = width, len(options) == 0
	l.picker = huh.NewSelect[int]().Value(&l.at).Options(options...)
	l.picker.WithTheme(huh.ThemeFunc(theme)).WithKeyMap(&huh.KeyMap{Select: listKeys()}).WithWidth(width)
	_ = l.picker.Focus()
}

// mostHeld is how many rows huh holds at once, which draws all of them at each key: with the 600 time zones that there are a
// key that is held down would go on long after it was let go.
const mostHeld = 60

// near are the rows around the chosen one, or all where they are few.
func (l *List) near(places []int) []int {
	first := max(0, slices.Index(places, l.at)-mostHeld/2)
	first = min(first, max(0, len(places)-mostHeld))
	return places[first:min(len(places), first+mostHeld)]
}

// jump goes to an end of a list of which huh holds a part, and says whether the key was one for that.
func (l *List) jump(message tea.Msg) bool {
	pressed, is := message.(tea.KeyPressMsg)
	places := Matching(l.names, l.query)
	if !is || len(places) <= mostHeld {
		return false
	}
	switch pressed.String() {
	case "home":
		l.at = places[0]
	case "end":
		l.at = places[len(places)-1]
	default:
		return false
	}
	l.make(l.width)
	return true
}

func listKeys() huh.SelectKeyMap {
	return huh.SelectKeyMap{
		Up: key.NewBinding(key.WithKeys("up", "ctrl+p")), Down: key.NewBinding(key.WithKeys("down", "ctrl+n")),
		HalfPageUp: key.NewBinding(key.WithKeys("pgup")), HalfPageDown: key.NewBinding(key.WithKeys("pgdown")),
		GotoTop: key.NewBinding(key.WithKeys("home")), GotoBottom: key.NewBinding(key.WithKeys("end")),
	}
}

// Press takes a key or pasted text.
func (l *List) Press(message tea.Msg) {
	if l.searched && l.search(message) {
		l.at = l.first
		if places := Matching(l.names, l.query); l.query != "" && len(places) > 0 {
			l.at = places[0]
		}
		l.make(l.width)
		return
	}
	if l.picker != nil && !l.empty && !l.jump(message) {
		_, _ = l.picker.Update(message)
		if at, is := l.picker.Hovered(); is {
			l.at = at // huh does not tell of a jump to the end
			if at == l.around[0] || at == l.around[len(l.around)-1] {
				l.make(l.width)
			}
		}
	}
}

// search takes what belongs to the query.
func (l *List) search(message tea.Msg) bool {
	switch message := message.(type) {
	case tea.PasteMsg:
		l.query += strings.Join(strings.Fields(printable.Text(message.Content)), " ")
	case tea.KeyPressMsg:
		switch letters := []rune(l.query); {
		case message.Text != "":
			l.query += message.Text
		case message.String() == "backspace" && len(letters) > 0:
			l.query = string(letters[:len(letters)-1])
		default:
			return false
		}
	default:
		return false
	}
	return true
}

// Draw is at most so many lines of at most so many columns, with the chosen row among them.
func (l *List) Draw(width, height int) (lines []string) {
	if l.picker == nil || l.width != width {
		l.make(width)
	}
	if l.searched && height > 1 {
		search := Dim("type to search")
		if l.query != "" {
			search = "/" + l.query
		}
		lines, height = append(lines, ansi.Truncate(search, width, "")), height-1
	}
	if l.empty {
		return append(lines, Alarm("nothing has that in it"))
	}
	l.picker.Height(0)
	_ = l.picker.View() // huh knows how high its rows are only when they were drawn
	_, _ = l.picker.Update(nil)
	if lipgloss.Height(l.picker.View()) <= height {
		return append(lines, strings.Split(l.picker.View(), "\n")...)
	}
	var more []string
	if height > 3 { // one sees that there are others
		more, height = []string{Dim(fmt.Sprintf("%d in all", len(Matching(l.names, l.query))))}, height-1
	}
	l.picker.Height(max(1, height))
	_, _ = l.picker.Update(nil)
	return append(append(lines, strings.Split(l.picker.View(), "\n")...), more...)
}

// Matching are the places of those titles that have the text in them, whatever its case: those that begin with it first, then
// those of which a word does.
func Matching(titles []string, text string) (places []int) {
	text = strings.ToLower(strings.TrimSpace(text))
	var words, within []int
	for i, title := range titles {
		switch at := strings.Index(strings.ToLower(title), text); {
		case at == 0:
			places = append(places, i)
		case at > 0 && strings.ContainsRune(" /_-", rune(strings.ToLower(title)[at-1])):
			words = append(words, i)
		case at > 0:
			within = append(within, i)
		}
	}
	return append(append(places, words...), within...)
}
