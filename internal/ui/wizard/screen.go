package wizard

import (
	"context"
	"fmt"
	"os"
	"sync"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"
)

// onScreen asks on the whole screen.
func onScreen(ctx context.Context, known *answers, environ []string, in, out *os.File) error {
	// bubbletea puts the terminal back as well; this is for when it cannot.
	before, err := term.GetState(int(in.Fd()))
	if err != nil {
		return fmt.Errorf("reading the modes of the terminal: %w", err)
	}
	defer func() { _ = term.Restore(int(in.Fd()), before) }()
	width, height, err := term.GetSize(int(out.Fd()))
	if err != nil {
		return fmt.Errorf("reading the size of the terminal: %w", err)
	}
	if width <= 0 || height <= 0 { // as bubbletea has it
		width, height = 80, 24
	}
	m := newModel(known, signsOf(environ), width, height)
	input := &watched{File: in}
	program := tea.NewProgram(m, tea.WithInput(input), tea.WithOutput(out), tea.WithEnvironment(environ), tea.WithoutSignalHandler())
	input.end = sync.OnceFunc(func() { go program.Send(endMsg{ErrEnded}) })
	// Not tea.WithContext: a program that is killed leaves its screen behind.
	defer context.AfterFunc(ctx, func() { program.Send(endMsg{context.Cause(ctx)}) })()
	if _, err := program.Run(); err != nil && m.outcome == nil {
		return fmt.Errorf("asking on the terminal: %w", err)
	}
	return m.outcome
}

// endMsg ends it from outside.
type endMsg struct{ why error }

// watched is an input that tells its end, at which bubbletea would wait for ever.
type watched struct {
	*os.File
	end func()
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.File.Read(p)
	if err != nil {
		w.end()
	}
	return n, err
}
