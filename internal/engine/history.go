package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine/journal"
)

// History is the record of all deployments of one machine, in a directory with a folder for
// each: <number>/journal and what else belongs to it.
type History struct{ Dir string }

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
	Result  Result
	Problem string // why it was not committed
	Started time.Time
	Ended   time.Time // zero while it is interrupted
	Steps   []Step
}

// Began reports whether the action was begun.
func (d Deployment) Began(action string) bool {
	return slices.ContainsFunc(d.Steps, func(s Step) bool { return s.Action == action })
}

// Step is one record of the run: an action and how far it came.
type Step struct {
	Time   time.Time
	Action string
	State  string
}

// deployment is the action that stands for the run as a whole.
const deployment = "deployment"

// Busy is another nqd that works on the same machine.
type Busy struct {
	PID string // as far as it is known
}

func (b *Busy) Error() string {
	if b.PID == "" {
		return "another nqd is working on this machine"
	}
	return "another nqd is working on this machine (process " + b.PID + ")"
}

// Hint says when it is this one's turn.
func (*Busy) Hint() string { return "wait until it is done, which nqd status says" }

// Lock lets one run at a time of this user change the machine; between users, the unit in
// which systems are switched does that. It waits for an instant only: the error is *Busy
// where another one holds it. The lock ends with the process, however that ends.
func (h History) Lock() (unlock func(), err error) {
	if err := atomicfile.MkdirAll(h.Dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(h.Dir, "lock")
	lock := flock.New(path, flock.SetPermissions(0o600))
	// Busy holds it for an instant: somebody who only asks must not stop a deployment.
	instant, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	held, err := lock.TryLockContext(instant, 10*time.Millisecond)
	if err != nil && instant.Err() == nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !held {
		pid, _ := os.ReadFile(path) // only to name it
		return nil, &Busy{PID: strings.TrimSpace(string(pid))}
	}
	// Written in place: a new file would be another lock.
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		lock.Unlock()
		return nil, err
	}
	return func() { lock.Unlock() }, nil
}

// Busy reports whether a run is under way.
func (h History) Busy() bool {
	path := filepath.Join(h.Dir, "lock")
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock := flock.New(path)
	held, err := lock.TryRLock()
	lock.Unlock()
	return err == nil && !held
}

// Run is a deployment that is being recorded.
type Run struct {
	ID      int
	Dir     string
	journal *journal.Journal
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

// Begin records that the deployment starts. Header is kept as it is and returned by List.
func (r *Run) Begin(header any) error {
	j, err := journal.Create(filepath.Join(r.Dir, "journal"))
	if err != nil {
		return err
	}
	r.journal = j
	return j.Append(deployment, journal.Started, header)
}

// End records how the deployment ended and closes its journal.
func (r *Run) End(result Result, cause error) error {
	state := journal.Done
	outcome := outcome{Result: result}
	if cause != nil {
		state, outcome.Problem = journal.Failed, cause.Error()
	}
	return errors.Join(r.journal.Append(deployment, state, outcome), r.journal.Close())
}

type outcome struct {
	Result  Result `json:"result"`
	Problem string `json:"problem,omitempty"`
}

// List returns the recorded deployments, oldest first. A folder without a first record never
// began and is left out; one that cannot be read is listed as such, without a header.
func (h History) List() ([]Deployment, error) {
	ids, err := h.ids()
	if err != nil {
		return nil, err
	}
	var all []Deployment
	for _, id := range ids {
		d, err := h.Get(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			d = Deployment{ID: id, Result: Unreadable, Problem: err.Error()}
		}
		all = append(all, d)
	}
	return all, nil
}

// Get reads one deployment; errors.Is(err, fs.ErrNotExist) holds where there is none.
func (h History) Get(id int) (Deployment, error) {
	path := filepath.Join(h.Dir, strconv.Itoa(id), "journal")
	records, err := journal.Read(path)
	if err != nil {
		return Deployment{}, err
	}
	if len(records) == 0 {
		return Deployment{}, fmt.Errorf("deployment %d: %w", id, fs.ErrNotExist)
	}
	return fold(id, records)
}

// fold reads a journal from its first record to its last.
func fold(id int, records []journal.Record) (Deployment, error) {
	d := Deployment{ID: id, Header: records[0].Data, Started: records[0].Time, Result: Interrupted}
	for _, record := range records {
		d.Steps = append(d.Steps, Step{Time: record.Time, Action: record.Action, State: string(record.State)})
		ends := record.Action == deployment && record.State != journal.Started
		committed := record.Action != deployment && record.State == journal.Done && record.Data != nil
		if !ends && !committed {
			continue
		}
		var end outcome
		if err := json.Unmarshal(record.Data, &end); err != nil {
			return Deployment{}, fmt.Errorf("deployment %d: reading how it ended: %w", id, err)
		}
		d.Result, d.Problem, d.Ended = end.Result, end.Problem, record.Time
	}
	return d, nil
}

// ids lists the numbers of the folders in the history, in order.
func (h History) ids() ([]int, error) {
	entries, err := os.ReadDir(h.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, entry := range entries {
		if id, err := strconv.Atoi(entry.Name()); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
