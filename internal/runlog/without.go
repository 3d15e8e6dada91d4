package runlog

import (
	"bytes"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
)

// lines takes the whole lines out of what nix said.
func (l *Log) lines() error {
	if l.Secrets == nil {
		l.Secrets = &redact.Redactor{}
	}
	var trouble error
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole && len(l.rest) <= longestRest {
			return trouble
		}
		if text, shown := l.Secrets.Line(&l.said, string(line)); shown {
			if err := l.add("nix", map[string]string{"line": text}, false); err != nil {
				trouble = err
			}
		}
		l.rest = append(l.rest[:0], rest...)
	}
}

// Without is a sink that hands on to sink events without secrets, in whatever text of them those are. A private key may
// go over several lines of one program, or of one builder.
func Without(secrets *redact.Redactor, sink event.Sink) event.Sink {
	w := &without{secrets: secrets, streams: map[any]*redact.Stream{}}
	return func(e event.Event) {
		if e, shown := w.take(e); shown {
			sink(e)
		}
	}
}

type without struct {
	secrets *redact.Redactor
	lock    sync.Mutex
	streams map[any]*redact.Stream // by program, or by activity
}

func (w *without) take(e event.Event) (event.Event, bool) {
	switch e := e.(type) {
	case event.ActivityProgress, event.Totals:
		return e, true // has no text, and there are many
	case event.Output:
		line, shown := w.line(e.Program, e.Line)
		e.Line = line
		return e, shown
	case event.ActivityLine:
		line, shown := w.line(e.ID, e.Line)
		e.Line = line
		return e, shown
	case event.Program:
		w.end(e.Name)
	case event.ActivityDone:
		w.end(e.ID)
	}
	return w.secrets.Any(e).(event.Event), true
}

func (w *without) line(of any, line string) (string, bool) {
	w.lock.Lock()
	defer w.lock.Unlock()
	stream := w.streams[of]
	if stream == nil {
		stream = &redact.Stream{}
		w.streams[of] = stream
	}
	return w.secrets.Line(stream, line)
}

func (w *without) end(of any) {
	w.lock.Lock()
	defer w.lock.Unlock()
	delete(w.streams, of)
}
