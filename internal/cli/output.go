package cli

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
)

// answers is the standard output. It keeps why something could not be written there, and goes on: a deployment does not
// stop half-way because nobody can read of it. Somebody who stopped reading has enough.
type answers struct {
	io.Writer

	lock sync.Mutex
	err  error
}

// Write implements io.Writer.
func (a *answers) Write(p []byte) (int, error) {
	n, err := a.Writer.Write(p)
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		a.lock.Lock()
		defer a.lock.Unlock()
		if a.err == nil {
			a.err = fmt.Errorf("writing to the standard output: %w", err)
		}
	}
	return n, err
}

// problem is why the answer of a command is not whole, or nil.
func (a *answers) problem() error {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.err
}
