// Package wizard asks a person: a few questions, then one page with all that was found, for correction. It knows forms and
// terminals, and nothing of what the answers are for.
package wizard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Form is what is asked.
type Form struct {
	Title string
	// Found are sentences that are shown first: what the machine is, and what is decided for it.
	Found []string
	// Questions are asked one after the other, with a default each that Enter takes.
	Questions []Field
	// Settings were detected. They are shown on one page, together with the questions, from where each can be corrected.
	Settings []Field
	// Confirm is the last question, such as "Write this workspace?"; empty for none.
	Confirm string
}

// Field is one thing that is asked or can be corrected.
type Field struct {
	Key   string // by which the answer is found
	Title string
	Help  string
	// Value is the default: what was detected. From says where that is from, in a few words; empty for nowhere.
	Value, From string
	// Choices are all that is allowed, where that is so. Yes and no is a choice of "yes" and "no".
	Choices []Choice
	// Check says what is wrong with a value; nil takes all.
	Check func(string) error
}

// Choice is one of several values.
type Choice struct{ Value, Title string }

// Terminal is where it is asked.
type Terminal struct {
	In  io.Reader
	Out io.Writer
	// Environ are the variables that say what the terminal can: TERM, NO_COLOR, ACCESSIBLE, COLUMNS.
	Environ []string
	// Columns is its width; 0 where that is not known.
	Columns func() int
}

var (
	// ErrDeclined is a person who said no at the end.
	ErrDeclined = errors.New("not confirmed")
	// ErrEnded is Ctrl-D, or an input that ended before all was answered. It is an ErrDeclined: nobody confirmed.
	ErrEnded = fmt.Errorf("the input ended before all was answered: %w", ErrDeclined)
)

// Ask asks and returns the answers by key, those that were taken as they were too. Where ctx ends the error is its cause;
// after Ctrl-C or Esc it is context.Canceled, after a no at the end ErrDeclined, after Ctrl-D or the end of the input
// ErrEnded.
//
// On a terminal that can do it the questions take the whole screen, which is as it was before when Ask returns. They are
// asked by plain lines where ACCESSIBLE is set (for screen readers), where TERM is dumb or empty, and where In or Out is
// no terminal.
func Ask(ctx context.Context, form Form, on Terminal) (map[string]string, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	known := newAnswers(form)
	in, inIs := on.In.(*os.File)
	out, outIs := on.Out.(*os.File)
	var err error
	if inIs && outIs && on.can() && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) {
		err = onScreen(ctx, known, on.Environ, in, out)
	} else {
		err = byLines(ctx, known, on)
	}
	if err != nil {
		return nil, err
	}
	return known.values, nil
}

// can says whether the terminal may be drawn on.
func (t Terminal) can() bool {
	name := variable(t.Environ, "TERM")
	return variable(t.Environ, "ACCESSIBLE") == "" && name != "" && name != "dumb"
}

// variable is what an environment says; of several the last, as programs have it.
func variable(environ []string, name string) (value string) {
	for _, entry := range environ {
		if found, is := strings.CutPrefix(entry, name+"="); is {
			value = found
		}
	}
	return value
}
