package wizard

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/muesli/cancelreader"

	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard/control"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// huh has an accessible mode of its own. It is not used, as it goes on with defaults when the input has ended, knows no way
// back and no context, and numbers lists of any length.

// mostNumbered is how many choices are listed with numbers; of more a part of the name is asked.
const mostNumbered = 15

// dialogue asks by lines: no colour, no cursor movement, nothing drawn twice.
type dialogue struct {
	*answers
	out   io.Writer
	width int
	lines <-chan reading
	ctx   context.Context
}

// reading is one line of the input, or why there is none.
type reading struct {
	text string
	err  error
}

// errBack is a person who wants the question before.
var errBack = errors.New("back")

func byLines(ctx context.Context, known *answers, on Terminal) error {
	input, err := cancelreader.NewReader(on.In)
	if err != nil { // a plain file, which never lets one wait
		input, err = cancelreader.NewReader(struct{ io.Reader }{on.In})
	}
	if err != nil {
		return fmt.Errorf("reading the input: %w", err)
	}
	// Cancelled, the reader takes nothing more of the terminal, which belongs to the shell again.
	ctx, cancel := context.WithCancelCause(ctx)
	lines, read := make(chan reading), make(chan struct{})
	go func() {
		defer close(read)
		readLines(ctx, input, lines)
	}()
	defer func() {
		cancel(nil)
		if input.Cancel() {
			<-read
		}
		_ = input.Close()
	}()
	d := &dialogue{answers: known, out: on.Out, lines: lines, ctx: ctx}
	if on.Columns != nil {
		d.width = on.Columns()
	}
	return d.ask()
}

func readLines(ctx context.Context, in io.Reader, to chan<- reading) {
	buffer := bufio.NewReader(in)
	for {
		text, err := buffer.ReadString('\n')
		if err != nil && text != "" {
			err = nil // the last line may lack its end
		}
		select {
		case to <- reading{text, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (d *dialogue) ask() error {
	d.say("%s", harmless(d.form.Title))
	for _, sentence := range d.form.Found {
		d.say("%s", harmless(sentence))
	}
	d.say("")
	d.say("Enter takes what is in [brackets], < goes back, Ctrl-C ends it.")
	for at := 0; at < len(d.form.Questions)+2; {
		switch err := d.step(at); {
		case err == nil:
			at++
		case errors.Is(err, errBack):
			at = max(0, at-1)
		default:
			return err
		}
	}
	return nil
}

// step asks a question, or shows the page behind the last one, or asks for the confirmation behind that.
func (d *dialogue) step(at int) error {
	d.say("")
	switch questions := d.form.Questions; {
	case at < len(questions):
		return d.field(questions[at], fmt.Sprintf("Question %d of %d: ", at+1, len(questions)))
	case at == len(questions):
		return d.page()
	}
	return d.confirm()
}

// say writes a line.
func (d *dialogue) say(format string, args ...any) { words.Line(d.out, d.width, format, args...) }

// prompt writes what is asked and waits for a line.
func (d *dialogue) prompt(format string, args ...any) (string, error) {
	text := words.Wrap(fmt.Sprintf(format, args...), d.width, "")
	if _, err := io.WriteString(d.out, strings.Join(text, "\n")+" "); err != nil {
		return "", fmt.Errorf("asking: %w", err)
	}
	select {
	case <-d.ctx.Done():
		return "", context.Cause(d.ctx)
	case line := <-d.lines:
		// A terminal that went away tells so by an error of its own.
		if line.err != nil {
			fmt.Fprintln(d.out)
			return "", ErrEnded
		}
		answer := harmless(line.text)
		if answer == "<" {
			return "", errBack
		}
		return answer, nil
	}
}

// field asks until the answer is right.
func (d *dialogue) field(f Field, before string) error {
	d.say("%s%s", before, harmless(f.Title))
	if f.Help != "" {
		d.say("%s", harmless(f.Help))
	}
	for {
		value, err := d.value(f)
		if err == nil {
			if problem := d.problem(f, value); problem == nil {
				d.values[f.Key] = value
				return nil
			} else {
				err = wrong{problem}
			}
		}
		var wrong wrong
		if !errors.As(err, &wrong) {
			return err
		}
		d.say("%s", harmless(wrong.Error()))
	}
}

// wrong is an answer that cannot be taken. It is asked again.
type wrong struct{ error }

func (d *dialogue) value(f Field) (string, error) {
	switch present := d.values[f.Key]; {
	case len(f.Choices) > mostNumbered:
		return d.search(f)
	case len(f.Choices) > 0:
		return d.number(f, control.Matching(f.titles(), ""))
	case present == "":
		return d.prompt("Answer:")
	case f.Check == nil || f.Check("") == nil:
		answer, err := d.prompt("Answer, - for none [%s]:", harmless(present))
		if answer == "-" {
			return "", err
		}
		return orElse(answer, present), err
	default:
		answer, err := d.prompt("Answer [%s]:", harmless(present))
		return orElse(answer, present), err
	}
}

func orElse(answer, otherwise string) string {
	if answer == "" {
		return otherwise
	}
	return answer
}

// number lets one of these choices be taken by its number, or by its name.
func (d *dialogue) number(f Field, places []int) (string, error) {
	preset := "" // the number that Enter takes
	for i, place := range places {
		d.say("%2d. %s", i+1, f.titleOf(place))
		if f.Choices[place].Value == d.values[f.Key] {
			preset = strconv.Itoa(i + 1)
		}
	}
	ask := "Number:"
	if preset != "" {
		ask = "Number [" + preset + "]:"
	}
	answer, err := d.prompt("%s", ask)
	if err != nil {
		return "", err
	}
	answer = orElse(answer, preset)
	if number, err := strconv.Atoi(answer); err == nil && number >= 1 && number <= len(places) {
		return f.Choices[places[number-1]].Value, nil
	}
	for _, place := range places {
		if answer != "" && (strings.EqualFold(answer, f.titleOf(place)) || strings.EqualFold(answer, f.Choices[place].Value)) {
			return f.Choices[place].Value, nil
		}
	}
	return "", wrong{fmt.Errorf("give a number from 1 to %d", len(places))}
}

// search lets one of many choices be found by a part of its name.
func (d *dialogue) search(f Field) (string, error) {
	ask := fmt.Sprintf("A part of the name, of %d", len(f.Choices))
	if place := f.choice(d.values[f.Key]); place >= 0 {
		ask += " [" + f.titleOf(place) + "]"
	}
	answer, err := d.prompt("%s:", ask)
	if err != nil || answer == "" {
		return d.values[f.Key], err
	}
	titles := f.titles()
	places := control.Matching(titles, answer)
	for _, place := range places {
		if strings.EqualFold(titles[place], answer) {
			return f.Choices[place].Value, nil
		}
	}
	switch {
	case len(places) == 0:
		return "", wrong{fmt.Errorf("no name has %s in it", quoted(answer))}
	case len(places) > mostNumbered:
		return "", wrong{fmt.Errorf("%d names have %s in them, such as %s: give more of it", len(places), quoted(answer), titles[places[0]])}
	}
	return d.number(f, places)
}

// page lists all settings until Enter takes them.
func (d *dialogue) page() error {
	for len(d.fields) > 0 {
		d.say("Settings")
		for i, f := range d.fields {
			text := fmt.Sprintf("%2d. %s: %s", i+1, f.name(), d.shown(f))
			if from := d.from(f); from != "" {
				text += " (" + from + ")"
			}
			d.say("%s", text)
		}
		answer, err := d.prompt("Enter to go on, or a number to correct:")
		if err != nil {
			return err
		}
		if answer == "" {
			at, problem := d.faulty()
			if problem == nil {
				return nil
			}
			d.say("%s: %s", d.fields[at].name(), harmless(problem.Error()))
			continue
		}
		number, err := strconv.Atoi(answer)
		if err != nil || number < 1 || number > len(d.fields) {
			d.say("give a number from 1 to %d, or nothing", len(d.fields))
			continue
		}
		d.say("")
		if err := d.field(d.fields[number-1], ""); err != nil && !errors.Is(err, errBack) {
			return err
		}
		d.say("")
	}
	return nil
}

func (d *dialogue) confirm() error {
	for d.form.Confirm != "" {
		answer, err := d.prompt("%s yes or no [yes]:", harmless(d.form.Confirm))
		if err != nil {
			return err
		}
		switch strings.ToLower(answer) {
		case "", "y", "yes":
			return nil
		case "n", "no":
			return ErrDeclined
		}
		d.say("answer yes or no")
	}
	return nil
}
