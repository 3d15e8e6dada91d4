package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine/journal"
)

// Result is how a deployment ended.
type Result string

// The results of a deployment.
const (
	Committed   Result = "committed"   // it is the boot default
	Reverted    Result = "reverted"    // the machine is back on what ran before
	Refused     Result = "refused"     // nothing was changed
	Broken      Result = "broken"      // it could not be taken back
	Interrupted Result = "interrupted" // it left no result: killed, or still running
	Unreadable  Result = "unreadable"  // its record is damaged, or of a newer nqd
)

// Deployment is one recorded run.
type Deployment struct {
	ID      int
	Header  json.RawMessage // what Begin was given
	Actions []Planned       // what it was to do, in order; nil for a record of format 1
	Result  Result
	Problem string // why it was not committed
	Started time.Time
	Ended   time.Time // zero while it is interrupted
	// Closed says that the run itself said how it ended, and nothing was recorded after that. A
	// deployment that was killed right after its last action is committed and not closed.
	Closed bool
	Steps  []Step
}

// Planned is an action as the journal has it.
type Planned struct {
	Kind string          `json:"kind"`
	Data json.RawMessage `json:"data"`
}

// Step is one record of the run: an action and how far it came.
type Step struct {
	Time time.Time
	// Number is the action's place in the plan, from 1, in format 1 its place among those that
	// were begun; 0 for the record of the deployment itself.
	Number int
	Action string
	State  string
}

// deployment is the action that stands for the run as a whole.
const deployment = "deployment"

// Began reports whether an action of the kind was begun.
func (d Deployment) Began(kind string) bool {
	for _, step := range d.Steps {
		if step.Action == kind {
			return true
		}
	}
	return false
}

// State is how far the action at the place step of the plan, from 1, came last: "started",
// "done", "failed", "undoing" or "undone"; empty where it was not begun.
func (d Deployment) State(step int) string {
	state := ""
	for _, one := range d.Steps {
		if one.Number == step && step > 0 {
			state = one.State
		}
	}
	return state
}

// TakingBack reports whether undoing was begun.
func (d Deployment) TakingBack() bool {
	for _, step := range d.Steps {
		if step.State == string(journal.Undoing) {
			return true
		}
	}
	return false
}

// Unfinished reports whether the run can go on: it neither became the boot default, nor was it
// taken back, nor refused.
func (d Deployment) Unfinished() bool { return d.Result == Interrupted || d.Result == Broken }

type outcome struct {
	Result  Result `json:"result"`
	Problem string `json:"problem,omitempty"`
}

// plan is the data of the first record since format 2.
type plan struct {
	Header  json.RawMessage `json:"header"`
	Actions []Planned       `json:"actions"`
}

// fold reads a journal from its first record to its last.
func fold(id int, records []journal.Record) (Deployment, error) {
	d := Deployment{ID: id, Header: records[0].Data, Started: records[0].Time, Result: Interrupted}
	if records[0].Version > 1 {
		var p plan
		if err := json.Unmarshal(records[0].Data, &p); err != nil {
			return Deployment{}, fmt.Errorf("deployment %d: reading its plan: %w", id, err)
		}
		d.Header, d.Actions = p.Header, p.Actions
	}
	for _, record := range records {
		d.Steps = append(d.Steps, d.step(record))
		ends := record.Action == deployment && record.State != journal.Started
		committed := record.Action != deployment && record.State == journal.Done && record.Data != nil
		if d.Closed {
			// Somebody went on with a run that had ended.
			d.Result, d.Problem, d.Ended, d.Closed = Interrupted, "", time.Time{}, false
		}
		if !ends && !committed {
			continue
		}
		var end outcome
		if err := json.Unmarshal(record.Data, &end); err != nil {
			return Deployment{}, fmt.Errorf("deployment %d: reading how it ended: %w", id, err)
		}
		d.Result, d.Problem, d.Ended, d.Closed = end.Result, end.Problem, record.Time, ends
	}
	return d, nil
}

// step reads one record. Format 1 had each kind of action once and did not count them.
func (d Deployment) step(record journal.Record) Step {
	step := Step{Time: record.Time, Number: record.Step, Action: record.Action, State: string(record.State)}
	if step.Number > 0 || record.Action == deployment {
		return step
	}
	for _, earlier := range d.Steps {
		if earlier.Action == step.Action {
			step.Number = earlier.Number
			return step
		}
		step.Number = max(step.Number, earlier.Number)
	}
	step.Number++
	return step
}
