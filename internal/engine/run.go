package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine/journal"
)

// Run is a deployment that is being recorded.
type Run struct {
	ID      int
	Dir     string
	journal *journal.Journal
	actions []Action
	// came is how far each of the actions came, by the records.
	came      []progress
	committed bool
}

// progress is what the records say of one action.
type progress struct {
	last    journal.State // of the last record; empty where there is none
	done    bool          // and nothing before it was begun again since
	undoing bool          // taking it back was begun
}

// note takes in a record about the action at index i.
func note(came []progress, i int, state journal.State) {
	came[i].last = state
	came[i].undoing = came[i].undoing || state == journal.Undoing
	came[i].done = state == journal.Done
	if state == journal.Started {
		for later := range came[i+1:] {
			came[i+1+later].done = false
		}
	}
}

// Next reserves the folder of the next deployment, where its garbage collector roots go
// before it begins.
func (h History) Next() (*Run, error) {
	ids, err := h.ids()
	if err != nil {
		return nil, err
	}
	id := 1
	if len(ids) > 0 {
		id = ids[len(ids)-1] + 1
	}
	run := &Run{ID: id, Dir: filepath.Join(h.Dir, strconv.Itoa(id))}
	return run, atomicfile.MkdirAll(run.Dir, 0o700)
}

// Abandon removes the folder of a run that never began.
func (r *Run) Abandon() error {
	if r.journal != nil {
		return nil
	}
	return os.RemoveAll(r.Dir)
}

// Begin records that the deployment starts and what it is going to do. Header is kept as it is
// and returned by List; of each action its kind and its exported fields as JSON. Where that
// cannot be recorded, nothing can be done.
func (r *Run) Begin(header any, actions []Action) error {
	p := plan{Actions: []Planned{}}
	var err error
	if p.Header, err = json.Marshal(header); err != nil {
		return err
	}
	for _, action := range actions {
		data, err := json.Marshal(action)
		if err != nil {
			return fmt.Errorf("%s: %w", action.Kind(), err)
		}
		p.Actions = append(p.Actions, Planned{Kind: action.Kind(), Data: data})
	}
	j, err := journal.Create(filepath.Join(r.Dir, "journal"))
	if err != nil {
		return err
	}
	if err := j.Append(0, deployment, journal.Started, p); err != nil {
		return err
	}
	r.journal, r.actions, r.came = j, actions, make([]progress, len(actions))
	return nil
}

// Reopen goes on with a recorded run that was interrupted or is broken. Open makes its actions
// again, out of Deployment.Actions; those of a record of format 1, which has none, are found
// by their kind. A run that ended otherwise is an *EndedError, but for one that was committed
// and then killed: Resume does nothing more of that, and its End can be added.
// errors.Is(err, fs.ErrNotExist) holds where there is none. It may be called under the lock
// alone.
func (h History) Reopen(id int, open func(Deployment) ([]Action, error)) (*Run, error) {
	run := &Run{ID: id, Dir: filepath.Join(h.Dir, strconv.Itoa(id))}
	j, records, err := journal.Open(filepath.Join(run.Dir, "journal"))
	if err != nil {
		return nil, err
	}
	if err := run.reopen(records, open); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	run.journal = j
	return run, nil
}

func (r *Run) reopen(records []journal.Record, open func(Deployment) ([]Action, error)) error {
	if len(records) == 0 {
		return fmt.Errorf("deployment %d: %w", r.ID, fs.ErrNotExist)
	}
	d, err := fold(r.ID, records)
	if err != nil {
		return err
	}
	if d.Closed && d.Result != Broken {
		return &EndedError{ID: d.ID, Result: d.Result}
	}
	if r.actions, err = open(d); err != nil {
		return err
	}
	r.committed = d.Result == Committed
	r.came, err = d.progress(r.actions)
	return err
}

// progress is how far each of the actions came. They have to be those of the plan.
func (d Deployment) progress(actions []Action) ([]progress, error) {
	if d.Actions != nil && len(actions) != len(d.Actions) {
		return nil, fmt.Errorf("deployment %d: %d actions where its record has %d", d.ID, len(actions), len(d.Actions))
	}
	came := make([]progress, len(actions))
	for i, action := range actions {
		if d.Actions != nil && action.Kind() != d.Actions[i].Kind {
			return nil, fmt.Errorf("deployment %d: action %d is %s where its record has %s",
				d.ID, i+1, action.Kind(), d.Actions[i].Kind)
		}
	}
	for _, step := range d.Steps {
		if step.Action == deployment {
			continue
		}
		i := d.place(step, actions)
		if i < 0 || i >= len(came) {
			return nil, fmt.Errorf("deployment %d: its record has step %d (%s), its plan has not", d.ID, step.Number, step.Action)
		}
		note(came, i, journal.State(step.State))
	}
	return came, nil
}

// place is the index of the step's action, or -1.
func (d Deployment) place(step Step, actions []Action) int {
	if d.Actions != nil {
		return step.Number - 1
	}
	for i, action := range actions {
		if action.Kind() == step.Action {
			return i
		}
	}
	return -1
}

// EndedError is a run that was to go on and has ended.
type EndedError struct {
	ID     int
	Result Result
}

func (e *EndedError) Error() string {
	return fmt.Sprintf("deployment %d has ended: %s", e.ID, e.Result)
}

// Hint says what can be done instead.
func (e *EndedError) Hint() string {
	if e.Result == Committed {
		return "to return to what ran before it: nqd rollback"
	}
	return "the machine is as it was before it"
}

// End records how the deployment ended and closes its journal.
func (r *Run) End(result Result, cause error) error {
	if r.journal == nil {
		return errNotBegun
	}
	state := journal.Done
	outcome := outcome{Result: result}
	if cause != nil {
		state, outcome.Problem = journal.Failed, cause.Error()
	}
	return errors.Join(r.journal.Append(0, deployment, state, outcome), r.journal.Close())
}

// errNotBegun is a run of which nothing is recorded, so that nothing may be done.
var errNotBegun = errors.New("the deployment was not begun")
