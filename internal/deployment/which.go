package deployment

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Unfinished are the deployments, newest first, that were neither committed nor taken back
// since the last one that was. A record that cannot be read may be of a committed one, so
// what is older is not looked at.
func Unfinished(all []Recorded) []Recorded {
	var found []Recorded
	for _, one := range slices.Backward(all) {
		switch one.Result {
		case engine.Committed, engine.Unreadable:
			return found
		case engine.Interrupted, engine.Broken:
			found = append(found, one)
		}
	}
	return found
}

// Host is the host that this machine was last deployed as; empty where nqd did not, or where it went back to a system that
// nqd did not deploy.
func (h History) Host() string {
	all, err := h.All()
	if err != nil {
		return "" // whoever works with the history complains
	}
	i := lastCommitted(all)
	if i < 0 || all[i].Header.Kind == Rollback && all[i].Header.Of == 0 {
		return ""
	}
	return all[i].Header.Host
}

// ManifestOf is the manifest of a system that nqd deployed, or nil.
func (h History) ManifestOf(system machine.StorePath) *evaluation.Manifest {
	all, err := h.All()
	if err != nil {
		return nil // only the plan's "before" side is poorer
	}
	for _, one := range slices.Backward(all) {
		if one.Header.New == system {
			return one.Header.Manifest
		}
	}
	return nil
}

// Return is the header of a deployment that returns to the system of deployment id; for
// 0 to the one before the newest that was committed.
func (h History) Return(id int) (Header, error) {
	if id == 0 {
		return h.returnBefore(lastCommitted, func(all []Recorded, i int) []Recorded { return all[i:] })
	}
	target, err := h.One(id)
	if err != nil {
		return Header{}, err
	}
	if target.Result != engine.Committed {
		return Header{}, &NoneError{ID: id, Problem: "was never committed (" + string(target.Result) + ")"}
	}
	to := target.Header
	return Header{Kind: Rollback, Host: to.Host, Of: id, New: to.New, Manifest: to.Manifest, Commit: to.Commit}, nil
}

// ReturnToFirst is the header of a deployment that returns to what ran before the first committed one.
func (h History) ReturnToFirst() (Header, error) {
	return h.returnBefore(firstCommitted, func(all []Recorded, i int) []Recorded { return all[:i] })
}

// returnBefore is the header of a deployment that returns to what ran before the one that which picks, and none is -1.
// Those that beside names may have been the one, were they readable.
func (h History) returnBefore(which func([]Recorded) int, beside func([]Recorded, int) []Recorded) (Header, error) {
	all, err := h.All()
	if err != nil {
		return Header{}, err
	}
	i := which(all)
	if i < 0 {
		return Header{}, &NoneError{Problem: "nothing was deployed yet"}
	}
	for _, one := range beside(all, i) {
		if one.Result == engine.Unreadable {
			return Header{}, &NoneError{ID: one.ID, Problem: "cannot be read and may be the one to go back from: name the deployment to return to"}
		}
	}
	from := all[i].Header
	back := Header{Kind: Rollback, Host: from.Host, New: from.Old, Manifest: h.ManifestOf(from.Old)}
	if of := made(all[:i], from.Old); of != nil {
		back.Of, back.Commit, back.Host = of.ID, of.Header.Commit, of.Header.Host
	}
	return back, nil
}

func committed(one Recorded) bool { return one.Result == engine.Committed }

func firstCommitted(all []Recorded) int { return slices.IndexFunc(all, committed) }

func lastCommitted(all []Recorded) int {
	for i, one := range slices.Backward(all) {
		if committed(one) {
			return i
		}
	}
	return -1
}

// made is the newest committed deployment that made the system, or nil.
func made(all []Recorded, system machine.StorePath) *Recorded {
	for i, one := range slices.Backward(all) {
		if committed(one) && one.Header.New == system {
			return &all[i]
		}
	}
	return nil
}

// Displaced are the files that committed deployments cleared out of homes and that no later one returned, with the
// backup that has each.
func (h History) Displaced() ([]home.Displaced, error) {
	all, err := h.All()
	if err != nil {
		return nil, err
	}
	var displaced []home.Displaced
	for _, one := range all {
		if !committed(one) {
			continue
		}
		for _, action := range one.Actions {
			if action.Kind != home.KindClear && action.Kind != home.KindReturn {
				continue
			}
			var file home.Displaced
			if err := json.Unmarshal(action.Data, &file); err != nil {
				return nil, fmt.Errorf("deployment %d: %s: %w", one.ID, action.Kind, err)
			}
			displaced = slices.DeleteFunc(displaced, func(d home.Displaced) bool { return d.Path == file.Path })
			if action.Kind == home.KindClear {
				displaced = append(displaced, file)
			}
		}
	}
	return displaced, nil
}

// HasCommitted reports whether any deployment of this machine was committed.
func (h History) HasCommitted() (bool, error) {
	recorded, err := h.List()
	return slices.ContainsFunc(recorded, func(one engine.Deployment) bool { return one.Result == engine.Committed }), err
}
