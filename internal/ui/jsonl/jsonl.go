// Package jsonl renders events as JSON lines: one object an event, with its kind in
// "message_type", up to the final outcome or failure.
package jsonl

import (
	"encoding/json"
	"io"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// New returns a sink that writes to w. Output of programs is left out unless verbose.
func New(w io.Writer, verbose bool) event.Sink {
	var lock sync.Mutex
	return func(e event.Event) {
		if _, chatter := e.(event.Output); chatter && !verbose {
			return
		}
		line, err := encode(e)
		if err != nil {
			line, _ = encode(event.Failure{Error: "encoding an event: " + err.Error(), ExitCode: 1})
		}
		lock.Lock()
		defer lock.Unlock()
		// A reader that went away is no reason to stop a deployment half-way.
		_, _ = w.Write(line)
	}
}

// encode puts message_type in front of the event's own members.
func encode(e event.Event) ([]byte, error) {
	members, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	kind, err := json.Marshal(e.MessageType())
	if err != nil {
		return nil, err
	}
	line := append([]byte(`{"message_type":`), kind...)
	if string(members) != "{}" {
		line = append(line, ',')
	}
	return append(append(line, members[1:]...), '\n'), nil
}
