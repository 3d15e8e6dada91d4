package deploy

import (
	"maps"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// tookBefore is how long the newest committed deployment of a host took that had to build or fetch something; there may
// be none.
func (d *Deployer) tookBefore(host string) []event.Effort {
	all, err := d.History.List()
	if err != nil {
		return nil // the plan is poorer by a guess
	}
	for i := len(all) - 1; i >= 0; i-- {
		header, err := headerOf(all[i])
		if err != nil || header.Host != host || all[i].Result != engine.Committed || header.Took.Fetched+header.Took.Built == 0 {
			continue
		}
		seconds := stepSeconds(all[i].Steps)
		maps.Copy(seconds, header.Took.Seconds)
		return []event.Effort{{Deployment: all[i].ID, Fetched: header.Took.Fetched, Built: header.Took.Built, Seconds: seconds}}
	}
	return nil
}

// stepSeconds is how long each action took, by the times of its records.
func stepSeconds(steps []engine.Step) map[event.Station]float64 {
	seconds, began := map[event.Station]float64{}, map[string]engine.Step{}
	for _, step := range steps {
		start, known := began[step.Action]
		switch {
		case !known:
			began[step.Action] = step
		case step.Action != "deployment": // a clock may have jumped
			seconds[event.Station(step.Action)] = max(0, step.Time.Sub(start.Time).Seconds())
		}
	}
	return seconds
}
