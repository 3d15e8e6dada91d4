package tui

import (
	"slices"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// picture is what the live part knows. It is made of events and of the times at which they came, and of nothing else.
type picture struct {
	stations   []event.Station
	done       map[event.Station]bool
	present    event.Station        // empty before the first one
	working    bool                 // the present station is not done yet
	ended      bool                 // a failure or an outcome was told
	began      time.Time            // of the first station
	entered    time.Time            // of the present one
	activities []*activity          // in the order in which they began
	byID       map[uint64]*activity // the same: nix may do thousands of things at once
	totals     event.Totals
}

// activity is one thing that nix does now.
type activity struct {
	event.ActivityStarted
	began          time.Time
	heard          time.Time // when there was word of it last
	stalled        bool
	phase, line    string
	done, expected int64
	samples        []sample // of done, the oldest first
}

type sample struct {
	at   time.Time
	done int64
}

// rateOver is how far back the rate of a download looks.
const rateOver = 5 * time.Second

func newPicture(stations []event.Station) picture {
	p := picture{stations: stations, done: make(map[event.Station]bool)}
	p.forget()
	return p
}

// apply takes an event that came at this time.
func (p *picture) apply(e event.Event, now time.Time) {
	switch e := e.(type) {
	case event.StationStarted:
		p.enter(e.Station, now)
	case event.StationDone:
		p.done[e.Station] = true
		if e.Station == p.present {
			p.working = false
			p.forget()
		}
	case event.ActivityStarted:
		p.add(&activity{ActivityStarted: e, began: now, heard: now})
	case event.ActivityProgress:
		if a := p.hear(e.ID, now); a != nil {
			a.progress(e.Done, e.Expected, now)
		}
	case event.ActivityPhase:
		if a := p.hear(e.ID, now); a != nil {
			a.phase = e.Phase
		}
	case event.ActivityLine:
		if a := p.hear(e.ID, now); a != nil {
			a.line = e.Line
		}
	case event.ActivityDone:
		if a := p.byID[e.ID]; a != nil {
			delete(p.byID, e.ID)
			p.activities = slices.DeleteFunc(p.activities, func(other *activity) bool { return other == a })
		}
	case event.Totals:
		p.totals = e
	case event.Heartbeat:
		p.heartbeat(e, now)
	case event.Failure, event.Outcome:
		p.ended = true
	}
}

// enter begins a station. One that is not among those of a deployment, such as revert, comes after the present one.
func (p *picture) enter(s event.Station, now time.Time) {
	if p.present == "" {
		p.began = now
	}
	if !slices.Contains(p.stations, s) {
		p.stations = slices.Insert(slices.Clone(p.stations), slices.Index(p.stations, p.present)+1, s)
	}
	delete(p.done, s) // some are entered twice
	p.present, p.entered, p.working = s, now, true
	p.forget()
}

// forget ends what nix did: a station does not go on with another one's work.
func (p *picture) forget() {
	p.activities, p.byID, p.totals = nil, make(map[uint64]*activity), event.Totals{}
}

func (p *picture) add(a *activity) {
	p.activities = append(p.activities, a)
	p.byID[a.ID] = a
}

// hear finds an activity of which there is word: it is not stalled. Nil for one that is over, or never began.
func (p *picture) hear(id uint64, now time.Time) *activity {
	a := p.byID[id]
	if a != nil {
		a.heard, a.stalled = now, false
	}
	return a
}

func (a *activity) progress(done, expected int64, now time.Time) {
	a.done, a.expected = done, expected
	a.samples = append(a.samples, sample{now, done})
	a.samples = a.samples[a.before(now):]
}

// before is the index of the sample that says how much was there when the time began that the rate looks at.
func (a *activity) before(now time.Time) (index int) {
	for i, s := range a.samples {
		if now.Sub(s.at) >= rateOver {
			index = i
		}
	}
	return index
}

// rate is how many bytes a second came lately; 0 where none did, or where it is too early to say.
func (a *activity) rate(now time.Time) float64 {
	if len(a.samples) == 0 {
		return 0
	}
	first, last := a.samples[a.before(now)], a.samples[len(a.samples)-1]
	if over := min(now.Sub(first.at), rateOver).Seconds(); over >= 1 {
		return float64(last.done-first.done) / over
	}
	return 0
}

// heartbeat says what is stalled; nix's own reader judges that, and nothing here.
func (p *picture) heartbeat(h event.Heartbeat, now time.Time) {
	p.totals = h.Totals
	for _, u := range h.Active {
		a := p.byID[u.ID]
		if a == nil {
			a = &activity{
				ActivityStarted: event.ActivityStarted{ID: u.ID, Activity: u.Activity, Subject: u.Subject, From: u.From},
				began:           now.Add(-seconds(u.Seconds)), phase: u.Phase, line: u.Line, done: u.Done, expected: u.Expected,
			}
			p.add(a)
		}
		a.heard, a.stalled = now.Add(-seconds(u.Silent)), u.Stalled
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// live says whether the present station is one with a live part. The others, such as try, commit and revert, may ask for
// a password on the same terminal, and what they do is told in lines.
func (p *picture) live() bool {
	switch p.present {
	case event.Read, event.Write, event.Evaluate, event.Build, event.Show, event.Check, event.Late:
		return !p.ended
	}
	return false
}
