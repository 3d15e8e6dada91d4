package runlog

import (
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// linesKept is how much is kept of what a program said; why it failed stands near the end.
const linesKept = 300

// Overheard keeps what each program said when it ran last, out of the events that pass it: an error has a sentence of
// that, and what it comes from may stand beside it. What is said while a system is taken back is not why it was.
type Overheard struct {
	lock  sync.Mutex
	last  string // the program that spoke last
	said  []string
	ended bool
	done  bool // what is said now does not count
}

// Watch is a sink that hands on to sink.
func (o *Overheard) Watch(sink event.Sink) event.Sink {
	return func(e event.Event) {
		o.note(e)
		sink(e)
	}
}

func (o *Overheard) note(e event.Event) {
	o.lock.Lock()
	defer o.lock.Unlock()
	switch e := e.(type) {
	case event.StationStarted:
		o.done = e.Station == event.Revert
	case event.Output:
		if o.done {
			return
		}
		if o.ended || e.Program != o.last {
			o.last, o.said, o.ended = e.Program, nil, false
		}
		o.said = append(o.said, e.Line)
		if len(o.said) > 2*linesKept {
			o.said = append(o.said[:0], o.said[len(o.said)-linesKept:]...)
		}
	case event.Program:
		o.ended = o.ended || e.Name == o.last
	}
}

// Text is what was said, as far as it is kept.
func (o *Overheard) Text() string {
	o.lock.Lock()
	defer o.lock.Unlock()
	return strings.Join(o.said[max(0, len(o.said)-linesKept):], "\n")
}
