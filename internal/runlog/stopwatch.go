package runlog

import (
	"maps"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Stopwatch keeps how long the stations of a run take, out of the events that pass it.
type Stopwatch struct {
	lock sync.Mutex
	took Effort
}

// Effort is how long the stations of a run took, in seconds, and what they were busy with.
type Effort struct {
	Seconds map[event.Station]float64 `json:"seconds"`
	Fetched int                       `json:"fetched"` // store paths
	Built   int                       `json:"built"`   // derivations
}

// Watch is a sink that hands on to sink.
func (s *Stopwatch) Watch(sink event.Sink) event.Sink {
	return func(e event.Event) {
		s.note(e)
		sink(e)
	}
}

func (s *Stopwatch) note(e event.Event) {
	s.lock.Lock()
	defer s.lock.Unlock()
	switch e := e.(type) {
	case event.StationDone:
		if s.took.Seconds == nil {
			s.took.Seconds = map[event.Station]float64{}
		}
		s.took.Seconds[e.Station] += e.Seconds
	case event.ActivityDone:
		moved := e.Activity == event.Download || e.Activity == event.Copy
		switch _, notPath := machine.ParseStorePath(e.Subject); {
		case e.Activity == event.Building:
			s.took.Built++
		case moved && notPath == nil: // a source is a URL
			s.took.Fetched++
		}
	}
}

// Read is what was noted so far.
func (s *Stopwatch) Read() Effort {
	s.lock.Lock()
	defer s.lock.Unlock()
	took := s.took
	took.Seconds = maps.Clone(took.Seconds)
	return took
}
