// Package tui renders events on a terminal: what is done stays as lines, what is under way moves below them.
package tui

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/plain"
)

// Options are what a View has to know.
type Options struct {
	// Out is the terminal: progress, warnings and failures are lines there, and the live part is below them.
	Out *os.File
	// Answers gets answers, such as a plan, as they are in plain text; it may be the same terminal.
	Answers io.Writer
	// Verbose shows what other programs write, too.
	Verbose bool
	// Width is how many columns a stream has now, 0 for one that is no terminal; see plain.Options.
	Width func(io.Writer) int
	// Stations are those that the command goes through, in order; empty for those of a deployment.
	Stations []event.Station
	// Environ says what the terminal can show: TERM, LANG, NO_COLOR and their like, as os.Environ has them.
	Environ []string
}

// These are for eyes: changes come at most ten times a second, clocks go on four times a second, and what is done
// within the first moment needs no live part at all.
const (
	framesPerSecond = 10
	beat            = time.Second / 4
	moment          = 300 * time.Millisecond
)

// View shows events on a terminal. It reads no input, so that Ctrl-C stays a signal and a password prompt gets what is
// typed.
type View struct {
	options Options
	lines   event.Sink // writes lines: answers to answerWriter, all else to lineWriter
	soon    func(time.Duration, func()) (stop func() bool)
	now     func() time.Time
	wrote   func([]byte) // is told what the live part wrote

	// order is held while an event is taken, and while the live part comes or goes.
	order  sync.Mutex
	shown  *live
	coming func() bool // stops the timer after which the live part comes
	paused bool
	closed bool

	// mutex guards what the live part is drawn from. It is never held while something is written.
	mutex   sync.Mutex
	picture picture
	canvas  canvas
	pending bytes.Buffer // lines that are not on the terminal yet
}

// New returns a View that shows nothing yet. The live part comes with the first station that lasts.
func New(options Options) *View {
	if len(options.Stations) == 0 {
		options.Stations = []event.Station{
			event.Read, event.Write, event.Evaluate, event.Build, event.Show, event.Try, event.Check, event.Commit, event.Late,
		}
	}
	v := &View{
		options: options, now: time.Now, wrote: func([]byte) {},
		soon:    func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop },
		picture: newPicture(options.Stations),
		canvas:  canvas{width: 80, height: 24, signs: signsOf(options.Environ)},
	}
	answers, lines := answerWriter{v}, lineWriter{v}
	v.lines = plain.New(answers, lines, plain.Options{Verbose: options.Verbose, Width: func(w io.Writer) int {
		switch {
		case options.Width == nil:
			return 0
		case w == answers:
			return options.Width(options.Answers)
		}
		return max(0, options.Width(options.Out)-1) // see harmless
	}})
	return v
}

// signsOf trusts the environment as other programs do, apart from the console of Linux, whose font has few signs.
func signsOf(environ []string) signs {
	get := func(name string) string {
		for _, entry := range environ {
			if value, found := strings.CutPrefix(entry, name+"="); found && value != "" {
				return value
			}
		}
		return ""
	}
	locale := strings.ToLower(get("LC_ALL"))
	for _, name := range []string{"LC_CTYPE", "LANG"} {
		if locale == "" {
			locale = strings.ToLower(get(name))
		}
	}
	if get("TERM") != "linux" && (strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")) {
		return unicodeSigns()
	}
	return asciiSigns()
}

// Sink shows an event. It is an event.Sink.
func (v *View) Sink(e event.Event) {
	v.order.Lock()
	defer v.order.Unlock()
	v.mutex.Lock()
	v.picture.apply(e, v.now())
	live := v.picture.live()
	v.mutex.Unlock()
	if !live {
		v.hide()
	}
	// What goes on is in the live part, wherever it may be seen.
	gone := v.shown != nil && v.shown.gone()
	if _, beats := e.(event.Heartbeat); !beats || !live || v.paused || v.closed || gone {
		v.lines(e)
	}
	if v.shown == nil || gone {
		v.flush()
	}
	v.arm()
}

// Pause takes the live part off the screen until Resume: before a question, or a program that uses the terminal itself.
func (v *View) Pause() {
	v.order.Lock()
	defer v.order.Unlock()
	v.paused = true
	v.hide()
}

// Resume ends a Pause.
func (v *View) Resume() {
	v.order.Lock()
	defer v.order.Unlock()
	v.paused = false
	v.arm()
}

// Close takes the live part off the screen for good. Events that come later are lines.
func (v *View) Close() {
	v.order.Lock()
	defer v.order.Unlock()
	v.closed = true
	v.hide()
}

// wanted says whether there should be a live part now. Its caller holds order.
func (v *View) wanted() bool {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return v.picture.live() && v.picture.working && !v.paused && !v.closed
}

// arm lets the live part come in a moment. Its caller holds order.
func (v *View) arm() {
	if v.shown != nil || v.coming != nil || !v.wanted() {
		return
	}
	v.coming = v.soon(moment, func() {
		v.order.Lock()
		defer v.order.Unlock()
		v.coming = nil
		if v.shown == nil && v.wanted() {
			v.shown = v.show()
		}
	})
}

// hide takes the live part off the screen and waits until it is gone. Its caller holds order.
func (v *View) hide() {
	if v.coming != nil {
		v.coming()
		v.coming = nil
	}
	if v.shown != nil {
		v.shown.end()
		v.shown = nil
	}
	v.flush()
}

// flush writes lines where no live part is in the way. Its caller holds order.
func (v *View) flush() {
	if lines := v.take(); len(lines) > 0 {
		// A terminal that went away is no reason to stop a deployment half-way.
		_, _ = v.options.Out.Write(lines)
	}
}

// take is the lines that are not on the terminal yet.
func (v *View) take() []byte {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	lines := bytes.Clone(v.pending.Bytes())
	v.pending.Reset()
	return lines
}

// lineWriter keeps lines until the live part makes room.
type lineWriter struct{ *View }

func (w lineWriter) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.pending.Write(p)
}

// answerWriter writes answers where they belong, with nothing of the live part on the screen.
type answerWriter struct{ *View }

func (w answerWriter) Write(p []byte) (int, error) {
	w.hide() // the caller, Sink, holds order
	return w.options.Answers.Write(p)
}

// frame is the live part now, and its size.
func (v *View) frame() string {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return v.picture.draw(v.canvas, v.now())
}

// harmless makes lines such that the live part stays below them: no control characters, none that takes more than these
// rows of a terminal, and none that ends in the last column, after which terminals and bubbletea differ in where the
// cursor is.
func harmless(lines []string, width, rows int) (clear []string) {
	for _, line := range lines {
		line = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, strings.ReplaceAll(ansi.Strip(line), "\t", "    "))
		for _, line := range strings.Split(ansi.Hardwrap(line, rows*width-1, true), "\n") {
			if columns := ansi.StringWidth(line); columns > 0 && columns%width == 0 {
				line += " "
			}
			clear = append(clear, line)
		}
	}
	return clear
}
