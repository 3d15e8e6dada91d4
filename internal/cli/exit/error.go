package exit

import "errors"

// UsageError is a command line that cannot be understood.
type UsageError struct{ Cause error }

func (e *UsageError) Error() string { return e.Cause.Error() }
func (e *UsageError) Unwrap() error { return e.Cause }

// Hint is that of the cause, or else where to read about the usage.
func (e *UsageError) Hint() string {
	var hinted interface{ Hint() string }
	if errors.As(e.Cause, &hinted) {
		return hinted.Hint()
	}
	return "nqd --help"
}

// ErrStopped is Ctrl-C while a form is filled in: the terminal makes no signal of it then.
var ErrStopped = WithHint(errors.New("interrupted"), "nothing was written")

// WithHint adds to err what to do about it.
func WithHint(err error, hint string) error { return hintedError{err, hint} }

type hintedError struct {
	error
	hint string
}

func (e hintedError) Hint() string  { return e.hint }
func (e hintedError) Unwrap() error { return e.error }
