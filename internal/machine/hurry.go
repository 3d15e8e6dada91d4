package machine

import (
	"cmp"
	"context"
	"os/exec"
	"time"
)

// insistence is the time between two SIGINT. Nix 2.34 was seen to go on for ever after one that
// came in the moment in which it wrote a line.
const insistence = 5 * time.Second

// hurried asks a started program again and again to end once ctx is cancelled, and kills its group
// when m.Hurry is closed as well. What it returns is to be called when the program has ended. The
// context alone decides whether a program may be stopped at all: one that runs with
// context.WithoutCancel, as what changes the machine does, is never looked at.
func (m *Machine) hurried(ctx context.Context, cmd *exec.Cmd) (ended func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	over, left := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		select {
		case <-ctx.Done(): // os/exec asks first
		case <-over:
			return
		}
		again := time.NewTicker(cmp.Or(m.insistence, insistence))
		defer again.Stop()
		for {
			select {
			case <-again.C:
				_ = cmd.Cancel() // one that just ended is what is wanted
			case <-m.Hurry:
				killGroup(cmd)
				return
			case <-over:
				return
			}
		}
	}()
	return func() {
		close(over)
		<-left
	}
}
