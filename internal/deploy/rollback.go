package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
)

// NoDeploymentError is a rollback, or a question, about a deployment that there is not.
type NoDeploymentError struct {
	ID      int
	Problem string
}

func (e *NoDeploymentError) Error() string {
	if e.ID == 0 {
		return e.Problem
	}
	return fmt.Sprintf("deployment %d: %s", e.ID, e.Problem)
}

// Hint says where to look.
func (e *NoDeploymentError) Hint() string { return "nqd history lists what there is" }

// recorded is a deployment by its number.
func (d *Deployer) recorded(id int) (engine.Deployment, error) {
	one, err := d.History.Get(id)
	if errors.Is(err, fs.ErrNotExist) {
		return engine.Deployment{}, &NoDeploymentError{ID: id, Problem: "no such deployment"}
	}
	return one, err
}

// rollbackTo is the header of a deployment that returns to the system of deployment id; for
// 0 to the one before the newest that was committed.
func (d *Deployer) rollbackTo(id int) (Header, error) {
	if id == 0 {
		return d.rollbackLast()
	}
	target, err := d.recorded(id)
	if err != nil {
		return Header{}, err
	}
	if target.Result != engine.Committed {
		return Header{}, &NoDeploymentError{ID: id, Problem: "was never committed (" + string(target.Result) + ")"}
	}
	header, err := headerOf(target)
	if err != nil {
		return Header{}, err
	}
	return Header{Kind: Rollback, Host: header.Host, Of: id, New: header.New, Manifest: header.Manifest}, nil
}

func (d *Deployer) rollbackLast() (Header, error) {
	all, err := d.History.List()
	if err != nil {
		return Header{}, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Result != engine.Committed {
			continue
		}
		header, err := headerOf(all[i])
		if err != nil {
			return Header{}, err
		}
		return Header{
			Kind: Rollback, Host: header.Host, Of: deploymentOf(all[:i], header),
			New: header.Old, Manifest: d.manifestOf(header.Old),
		}, nil
	}
	return Header{}, &NoDeploymentError{Problem: "nothing was deployed yet"}
}

// deploymentOf is the number of the newest committed deployment that made the system from
// which header started, or 0.
func deploymentOf(earlier []engine.Deployment, header Header) int {
	for i := len(earlier) - 1; i >= 0; i-- {
		if h, err := headerOf(earlier[i]); err == nil && earlier[i].Result == engine.Committed && h.New == header.Old {
			return earlier[i].ID
		}
	}
	return 0
}

func headerOf(d engine.Deployment) (Header, error) {
	var header Header
	if err := json.Unmarshal(d.Header, &header); err != nil {
		return Header{}, fmt.Errorf("deployment %d: %w", d.ID, err)
	}
	return header, nil
}
