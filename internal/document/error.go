package document

import (
	"fmt"
	"strings"
)

// Error is one thing that is wrong with a file. Line and Column (in bytes) count from 1; a Line of 0
// is for what is wrong with the file itself.
type Error struct {
	File    string
	Line    int
	Column  int
	Key     string // dotted, as "user.git_email"; may be empty
	Problem string
	Cure    string // what to do, may be empty; apart from the message, see Hint
}

// Error is "file:line:column: key: problem", without the parts that there are not.
func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.File, e.Problem)
	case e.Key == "":
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", e.File, e.Line, e.Column, e.Key, e.Problem)
}

// Hint is what to do about it, or "".
func (e *Error) Hint() string { return e.Cure }

// Errors is everything that is wrong with a file, in the order of its lines.
type Errors []*Error

// Error is all messages, one a line, each with its own hint below it.
func (e Errors) Error() string {
	var lines []string
	for _, one := range e {
		lines = append(lines, one.Error())
		if one.Cure != "" {
			lines = append(lines, "  hint: "+one.Cure)
		}
	}
	return strings.Join(lines, "\n")
}

// Hint is what to do about all of them.
func (e Errors) Hint() string { return "correct the file; nothing was changed" }

// Unwrap lets errors.As find each *Error.
func (e Errors) Unwrap() []error {
	list := make([]error, len(e))
	for i, one := range e {
		list[i] = one
	}
	return list
}
