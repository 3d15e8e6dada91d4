// Package deployment is what the history tells of deployments: what each was, which of them neither became the boot
// default nor was taken back, and what a rollback can return to.
package deployment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/masterofnull/nixos-quick-deploy/internal/doctor"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/runlog"
)

// Header is what the journal keeps of a deployment from its first record on: all that is
// needed to say what it was and to go back.
type Header struct {
	Kind Kind   `json:"kind"`
	Host string `json:"host"`
	// Of is the deployment that a rollback returns to; 0 for what ran before the first.
	Of  int               `json:"of,omitempty"`
	Old machine.StorePath `json:"old"`
	New machine.StorePath `json:"new"`
	// Before is the generation of the system profile when the deployment began.
	Before     machine.Generation   `json:"before"`
	Commit     string               `json:"commit,omitempty"`
	Manifest   *evaluation.Manifest `json:"manifest,omitempty"`
	Difference event.Difference     `json:"difference"`
	Nqd        string               `json:"nqd"`
	// Reboot is what takes effect only after a reboot.
	Reboot []event.Reboot `json:"reboot,omitempty"`
	// Took is what passed before the system was tried; the journal has the times of the rest.
	Took runlog.Effort `json:"took"`
	// Boot tells one start of the machine from the next (boot_id in proc(5)); empty where it is not known.
	Boot string `json:"boot,omitempty"`
	// Log is the file that has all that was said in the run; it may be gone.
	Log string `json:"log,omitempty"`
}

// Kind is what a deployment was started as.
type Kind string

// The kinds of deployments.
const (
	Apply    Kind = "apply"
	Rollback Kind = "rollback"
)

// Checks are those of the manifest; none for a system that nqd did not deploy.
func (h Header) Checks() ([]doctor.Check, error) {
	if h.Manifest == nil {
		return nil, nil
	}
	return doctor.Parse(h.Manifest.Checks)
}

// Recorded is one deployment of the history. The header of one that cannot be read is empty.
type Recorded struct {
	engine.Deployment
	Header Header
}

// History is the history with what its headers say.
type History struct{ engine.History }

// All are the recorded deployments, oldest first.
func (h History) All() ([]Recorded, error) {
	listed, err := h.List()
	if err != nil {
		return nil, err
	}
	all := make([]Recorded, len(listed))
	for i, one := range listed {
		if all[i], err = read(one); err != nil { // of a newer nqd
			one.Result, one.Problem = engine.Unreadable, err.Error()
			all[i] = Recorded{Deployment: one}
		}
	}
	return all, nil
}

// One is a deployment by its number; the error is *NoneError where there is no such one.
func (h History) One(id int) (Recorded, error) {
	one, err := h.Get(id)
	if errors.Is(err, fs.ErrNotExist) {
		return Recorded{}, &NoneError{ID: id, Problem: "no such deployment"}
	}
	if err != nil {
		return Recorded{}, err
	}
	return read(one)
}

func read(d engine.Deployment) (Recorded, error) {
	one := Recorded{Deployment: d}
	if d.Result == engine.Unreadable {
		return one, nil
	}
	if err := json.Unmarshal(d.Header, &one.Header); err != nil {
		return Recorded{}, fmt.Errorf("deployment %d: %w", d.ID, err)
	}
	return one, nil
}

// NoneError is a question about a deployment that there is not, or that cannot be returned to.
type NoneError struct {
	ID      int // 0 where none was named
	Problem string
}

func (e *NoneError) Error() string {
	if e.ID == 0 {
		return e.Problem
	}
	return fmt.Sprintf("deployment %d: %s", e.ID, e.Problem)
}

// Hint says where to look.
func (e *NoneError) Hint() string { return "nqd history lists what there is" }
