package step

import (
	"encoding/json"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
)

// open makes one action of what the journal has of it.
func (t Tools) open(one engine.Planned) (engine.Action, error) {
	if action, known, err := home.Open(one.Kind, one.Data, t.Homes()); known || err != nil {
		return action, err
	}
	switch one.Kind {
	case (&snapshot.Snapshot{}).Kind():
		return read(one, &snapshot.Snapshot{Machine: t.Machine, Sink: t.Sink})
	case (&snapshot.Restore{}).Kind():
		return read(one, &snapshot.Restore{Machine: t.Machine, Sink: t.Sink})
	case guard.TryKind:
		return read(one, &guard.Try{Guard: t.Guard})
	case checkKind:
		return check{}, nil // its checks come from the header
	case guard.CommitKind:
		return read(one, &guard.Commit{Guard: t.Guard})
	case WorkspaceKind:
		return t.openWorkspace(one)
	}
	return nil, &UnknownKindError{Kind: one.Kind}
}

// openWorkspace is about the workspace that the deployment was about, which may be another one than that of this run.
func (t Tools) openWorkspace(one engine.Planned) (engine.Action, error) {
	action := &Workspace{Git: t.Git, Backups: t.Backups}
	if err := json.Unmarshal(one.Data, action); err != nil {
		return nil, err
	}
	if action.Dir != "" {
		action.Git = &git.Repository{Machine: t.Machine, Dir: t.Machine.Path(action.Dir), Sink: t.Sink}
	}
	return action, nil
}

// Homes are the tools of the actions in homes.
func (t Tools) Homes() home.Tools {
	return home.Tools{Machine: t.Machine, Backups: t.Backups, Sink: t.Sink}
}

// read fills an action that has its tools.
func read(one engine.Planned, action engine.Action) (engine.Action, error) {
	return action, json.Unmarshal(one.Data, action)
}
