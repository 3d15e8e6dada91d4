// Package traces knows everything that nqd puts on a machine beside systems, and takes it off again.
package traces

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// Traces are those of nqd on one machine.
type Traces struct {
	Machine *machine.Machine
	Guard   *guard.Guard
	Git     *git.Repository
	History deployment.History
	// State and Cache are nqd's own directories, Home is that of the user, Workspace the user's flake.
	State, Cache, Home, Workspace string
	// Purge removes what is the user's too: the workspace and the backups.
	Purge bool
}

// Before is what ran before the first deployment.
type Before struct {
	machine.Generation
	// Switched is whether nqd is what has to bring it back: it deployed what the machine runs or boots.
	Switched bool
}

// refs are the references of deployments in the workspace's repository.
const refs = "refs/nqd"

// Look tells what would be removed and what stays. It changes nothing. The error is *LostError where what ran before
// has to come back and cannot.
func (t *Traces) Look(ctx context.Context) (event.Uninstalled, Before, error) {
	told := event.Uninstalled{Planned: true, Removed: []string{}, Left: []string{}}
	before, err := t.Before(ctx)
	if err != nil {
		return told, before, err
	}
	if before.Switched {
		told.System = string(before.System)
	}
	names, err := t.Git.Refs(ctx, refs)
	if err != nil {
		return told, before, err
	}
	if len(names) > 0 && !t.Purge {
		told.Removed = append(told.Removed, fmt.Sprintf("%s/* of %s", refs, t.Workspace))
	}
	workspace, err := t.isWorkspace()
	if err != nil {
		return told, before, err
	}
	for _, place := range t.places() {
		there, err := exists(place.path)
		if err != nil {
			return told, before, err
		}
		switch {
		case !there:
		case place.users && (!t.Purge || place.path == t.Workspace && !workspace):
			told.Left = append(told.Left, place.path)
		default:
			told.Removed = append(told.Removed, place.path)
		}
	}
	return told, before, nil
}

// place is something of nqd's on the machine.
type place struct {
	path  string
	users bool // it is the user's, and stays unless it is purged
}

// places are all there can be. The history is removed first and at once: without a part of it, another would say
// something else of what ran before.
func (t *Traces) places() []place {
	places := []place{{t.History.Dir, false}}
	entries, _ := os.ReadDir(t.State) // what is not there has no places
	for _, entry := range entries {
		if path := filepath.Join(t.State, entry.Name()); path != t.History.Dir {
			places = append(places, place{path, entry.Name() == backups})
		}
	}
	return append(places,
		place{t.Cache, false},
		place{t.Machine.Path(snapshot.Root), true},
		place{t.Workspace, true},
	)
}

// backups is their folder below State.
const backups = "backups"

// hosts is the folder that makes a directory a workspace (workspace.Workspace.Hosts).
const hosts = "hosts"

// isWorkspace reports whether there is a workspace, and not some directory of the user's that --workspace names.
func (t *Traces) isWorkspace() (bool, error) { return exists(filepath.Join(t.Workspace, hosts)) }

// exists counts what may not be looked at as there: nqd makes folders that only root may enter.
func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrPermission) {
		return true, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// LostError is a machine that cannot go back to what ran before nqd.
type LostError struct {
	System machine.StorePath // empty where it is not known
	Reason string
}

func (e *LostError) Error() string {
	if e.System == "" {
		return "what ran before nqd is not known: " + e.Reason
	}
	return string(e.System) + ", which ran before nqd, " + e.Reason
}

// Hint says what to do instead.
func (*LostError) Hint() string {
	return "nothing was changed; switch to a system of your own, such as by `sudo nixos-rebuild switch`, and try again: nqd uninstall leaves alone what nqd did not deploy"
}

// Before finds what ran before the first deployment that was committed; it is empty where there is none.
func (t *Traces) Before(ctx context.Context) (Before, error) {
	all, err := t.History.All()
	if err != nil {
		return Before{}, err
	}
	first := slices.IndexFunc(all, func(one deployment.Recorded) bool { return one.Result == engine.Committed })
	ours, err := t.switched(all)
	if err != nil || !ours {
		return Before{}, err
	}
	for _, one := range all[:max(first, 0)] {
		if one.Result == engine.Unreadable {
			return Before{}, &LostError{Reason: one.Problem}
		}
	}
	if first < 0 {
		return Before{}, nil
	}
	header := all[first].Header
	before := Before{Generation: machine.Generation{Number: header.Before.Number, System: header.Old}, Switched: true}
	db, err := store.Open(t.Machine)
	if err != nil {
		return before, err
	}
	defer db.Close()
	has, err := db.Has(ctx, before.System)
	if err == nil && !has[before.System] {
		err = &LostError{System: before.System, Reason: "was collected"}
	}
	return before, err
}

// switched reports whether the machine runs or boots what nqd deployed.
func (t *Traces) switched(all []deployment.Recorded) (bool, error) {
	if len(all) == 0 {
		return false, nil
	}
	running, err := t.Guard.Running()
	if err != nil {
		return false, err
	}
	profile, err := t.Guard.Profile.Current()
	if err != nil {
		return false, err
	}
	made := t.made(all)
	return slices.Contains(made, running) || slices.Contains(made, profile.System), nil
}

// made are the systems that nqd deployed, but for the one that ran before the first of them.
func (t *Traces) made(all []deployment.Recorded) (made []machine.StorePath) {
	var before machine.StorePath
	for _, one := range slices.Backward(all) {
		if one.Result == engine.Committed {
			before = one.Header.Old
		}
		made = append(made, one.Header.New)
	}
	return slices.DeleteFunc(made, func(system machine.StorePath) bool { return system == before || system == "" })
}

// resolved is a path without links, or as it is where nothing is there.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// within reports whether a path is a directory or below it.
func within(dir, path string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}
