// Package streams is what nqd writes to: a standard output that keeps what went wrong, and terminals.
package streams

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
)

// Answers is the standard output. It keeps why something could not be written there, and goes on: a deployment does not
// stop half-way because nobody can read of it. Somebody who stopped reading has enough.
type Answers struct {
	io.Writer

	lock sync.Mutex
	err  error
}

// Write implements io.Writer.
func (a *Answers) Write(p []byte) (int, error) {
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

// Problem is why the answer of a command is not whole, or nil.
func (a *Answers) Problem() error {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.err
}
