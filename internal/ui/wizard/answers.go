package wizard

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// answers are what is known so far: the value of each field by key.
type answers struct {
	form   Form
	fields []Field // the questions, then the settings
	values map[string]string
}

func newAnswers(form Form) *answers {
	a := &answers{form: form, fields: slices.Concat(form.Questions, form.Settings), values: map[string]string{}}
	for _, f := range a.fields {
		a.values[f.Key] = f.Value
	}
	return a
}

// problem says what is wrong with a value of a field.
func (a *answers) problem(f Field, value string) error {
	if len(f.Choices) > 0 && f.choice(value) < 0 {
		return errors.New(quoted(value) + " is none of the choices")
	}
	if f.Check == nil {
		return nil
	}
	return f.Check(value)
}

// faulty is the first field whose value is wrong, and what is wrong with it; -1 where all are right.
func (a *answers) faulty() (int, error) {
	for i, f := range a.fields {
		if err := a.problem(f, a.values[f.Key]); err != nil {
			return i, err
		}
	}
	return -1, nil
}

// shown is the value of a field as a person reads it.
func (a *answers) shown(f Field) string {
	value := a.values[f.Key]
	if i := f.choice(value); i >= 0 {
		return f.titleOf(i)
	}
	if value == "" {
		return "(none)"
	}
	return harmless(value)
}

// from says in a few words where the value of a field is from.
func (a *answers) from(f Field) string {
	if a.values[f.Key] != f.Value {
		return yours
	}
	return harmless(f.From)
}

// yours is what a person gave.
const yours = "yours"

// name is the title before a colon.
func (f Field) name() string { return strings.TrimRight(harmless(f.Title), "?:") }

// choice is the place of a value among the choices, or -1.
func (f Field) choice(value string) int {
	return slices.IndexFunc(f.Choices, func(c Choice) bool { return c.Value == value })
}

// titleOf is what a choice is called; one without a title by its value.
func (f Field) titleOf(i int) string {
	if title := harmless(f.Choices[i].Title); title != "" {
		return title
	}
	return harmless(f.Choices[i].Value)
}

// titles are what all choices are called.
func (f Field) titles() []string {
	titles := make([]string, len(f.Choices))
	for i := range titles {
		titles[i] = f.titleOf(i)
	}
	return titles
}

// harmless is a text as one line that can neither move the cursor nor turn what stands beside it around: a value may be
// from a file that anybody wrote.
func harmless(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, printable.Text(text))
	return strings.Join(strings.Fields(text), " ")
}

func quoted(value string) string { return "“" + harmless(value) + "”" }
