package deployment

import (
	"maps"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Took is how long the newest committed deployment of a host took that had to build or fetch something; there may
// be none.
func (h History) Took(host string) []event.Effort {
	all, err := h.All()
	if err != nil {
		return nil // the plan is poorer by a guess
	}
	for i := len(all) - 1; i >= 0; i-- {
		header := all[i].Header
		if header.Host != host || all[i].Result != engine.Committed || header.Took.Fetched+header.Took.Built == 0 {
			continue
		}
		seconds := stepSeconds(all[i].Steps)
		maps.Copy(seconds, header.Took.Seconds)
		return []event.Effort{{Deployment: all[i].ID, Fetched: header.Took.Fetched, Built: header.Took.Built, Seconds: seconds}}
	}
	return nil
}

// stepSeconds is how long the actions of each station took, by the times of their records. Taking back does not count.
func stepSeconds(steps []engine.Step) map[event.Station]float64 {
	type action struct {
		number int
		kind   string
	}
	seconds, began := map[event.Station]float64{}, map[action]engine.Step{}
	for _, step := range steps {
		one := action{step.Number, step.Action}
		start, known := began[one]
		switch {
		case step.Action == "deployment":
		case step.State == "started":
			began[one] = step
		case known: // a clock may have jumped
			delete(began, one)
			seconds[station(step.Action)] += max(0, step.Time.Sub(start.Time).Seconds())
		}
	}
	return seconds
}

// station is the one that an action of that kind belongs to: home.clear to home.
func station(kind string) event.Station {
	first, _, _ := strings.Cut(kind, ".")
	return event.Station(first)
}
