package tui

import (
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// live is the live part while it is on the screen: one run of bubbletea, which has no state of its own.
type live struct {
	view    *View
	program *tea.Program
	leaving atomic.Bool   // draws nothing any more
	drawn   chan struct{} // closed when the first frame is on the screen
	stop    chan struct{} // ends feed
	fed     chan struct{} // closed when feed ended
	over    chan struct{} // closed when bubbletea ended
}

// show puts the live part on the screen. Its caller holds order.
func (v *View) show() *live {
	if width, height, err := term.GetSize(int(v.options.Out.Fd())); err == nil && width > 0 && height > 0 {
		v.mutex.Lock()
		v.canvas.width, v.canvas.height = width, height
		v.mutex.Unlock()
	}
	l := &live{view: v, drawn: make(chan struct{}), stop: make(chan struct{}), fed: make(chan struct{}), over: make(chan struct{})}
	l.program = tea.NewProgram(shell{l},
		tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond),
		tea.WithOutput(&terminal{v.options.Out, sync.OnceFunc(func() { close(l.drawn) }), v.wrote}),
		tea.WithEnvironment(v.options.Environ))
	go func() {
		defer close(l.over)
		// Without a live part the lines are still there; see gone.
		_, _ = l.program.Run()
	}()
	go l.feed()
	return l
}

// end takes the live part off the screen and waits for it.
func (l *live) end() {
	close(l.stop)
	<-l.fed
	l.leaving.Store(true)
	l.program.Quit()
	<-l.over
}

// gone says that bubbletea ended by itself: the terminal went away, or a panic.
func (l *live) gone() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// feed writes lines above the live part and lets its clocks go on. Before the first frame bubbletea does not know where
// it is on the screen, so lines wait for that.
func (l *live) feed() {
	defer close(l.fed)
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	select {
	case <-l.drawn:
	case <-l.stop:
		return
	case <-l.over:
		return
	}
	for {
		l.print(string(l.view.take()))
		l.program.Send(beatMsg{})
		select {
		case <-ticker.C:
		case <-l.stop:
			return
		case <-l.over:
			return
		}
	}
}

// print puts lines above the live part, as many at once as there is room for: bubbletea would push its own frame into
// what was said before.
func (l *live) print(text string) {
	if text == "" {
		return
	}
	l.view.mutex.Lock()
	c := l.view.canvas
	l.view.mutex.Unlock()
	room := max(1, c.height-c.rows())
	var part []string
	rows := 0
	for _, line := range harmless(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), c.width, room) {
		need := 1 + ansi.StringWidth(line)/max(1, c.width)
		if rows+need > room {
			l.program.Send(tea.Println(strings.Join(part, "\n"))())
			part, rows = nil, 0
		}
		part, rows = append(part, line), rows+need
	}
	l.program.Send(tea.Println(strings.Join(part, "\n"))())
}

// terminal tells when it is written to first, and what is written. It has the methods by which bubbletea knows a
// terminal and no others, so that nothing is written past Write.
type terminal struct {
	file  *os.File
	first func()
	wrote func([]byte)
}

func (t *terminal) Write(p []byte) (int, error) {
	n, err := t.file.Write(p)
	t.wrote(p)
	t.first()
	return n, err
}

func (t *terminal) Read(p []byte) (int, error) { return t.file.Read(p) }
func (t *terminal) Close() error               { return t.file.Close() }
func (t *terminal) Fd() uintptr                { return t.file.Fd() }

// shell is what bubbletea knows of the live part: its size, and when to draw.
type shell struct{ *live }

type beatMsg struct{}

// Init implements tea.Model.
func (s shell) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (s shell) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	if size, is := message.(tea.WindowSizeMsg); is && size.Width > 0 && size.Height > 0 {
		s.view.mutex.Lock()
		s.view.canvas.width, s.view.canvas.height = size.Width, size.Height
		s.view.mutex.Unlock()
	}
	return s, nil
}

// View implements tea.Model.
func (s shell) View() tea.View {
	if s.leaving.Load() {
		return tea.View{DisableBracketedPasteMode: true}
	}
	return tea.View{Content: s.view.frame(), DisableBracketedPasteMode: true}
}
