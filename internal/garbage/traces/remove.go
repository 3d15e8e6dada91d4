package traces

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
)

// Remove takes nqd off a machine that is back on what ran before. It may be called again after it was cut off anywhere.
func (t *Traces) Remove(ctx context.Context) error {
	if t.Purge && within(resolved(t.Workspace), resolved(t.Home)) {
		return fmt.Errorf("%s: the home is in it: it is not removed", t.Workspace)
	}
	unlock, err := t.History.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	steps := []func(context.Context) error{t.profileBack, t.forgetRefs, t.removeHistory, t.removeState, t.removeOfMachine}
	if t.Purge {
		steps = append(steps, t.purge)
	}
	for _, step := range append(steps, t.removeEmpty) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

const profiles = "/nix/var/nix/profiles"

// profileBack makes the system profile and the boot menu what they were: the generation of then is the current one, and
// those of nqd are gone. Generations of others stay, and so does a profile that somebody else set.
func (t *Traces) profileBack(ctx context.Context) error {
	all, err := t.History.All()
	if err != nil || len(all) == 0 {
		return err
	}
	if switched, err := t.switched(all); err != nil || switched {
		return errors.Join(err, errSwitched)
	}
	current, err := t.Guard.Profile.Current()
	if err != nil {
		return err
	}
	var old machine.Generation
	for _, one := range slices.Backward(all) {
		if one.Header.Before.System == current.System {
			old = one.Header.Before
		}
	}
	generations, err := t.generations()
	if err != nil {
		return err
	}
	if old.Number > 0 && old.Number != current.Number && generations[old.Number] == current.System {
		if err := t.Guard.Profile.Switch(ctx, old.Number); err != nil {
			return err
		}
		current.Number = old.Number
	}
	made := t.made(all)
	changed := false
	for number, system := range generations {
		again := system == current.System && number > current.Number && old.Number == current.Number
		if number == current.Number || !slices.Contains(made, system) && !again {
			continue
		}
		changed = true
		if err := t.Guard.Profile.Delete(ctx, number); err != nil {
			return err
		}
	}
	if !changed && !t.deployedAny() {
		return nil
	}
	return t.Guard.WriteMenu(ctx, current.System)
}

// errSwitched is a machine whose system is still one of nqd's.
var errSwitched = errors.New("the machine still runs or boots a system that nqd deployed")

func (t *Traces) deployedAny() bool {
	_, err := t.History.ReturnToFirst()
	return err == nil
}

// generations are the systems of the system profile by number.
func (t *Traces) generations() (map[int]machine.StorePath, error) {
	entries, err := os.ReadDir(t.Machine.Path(profiles))
	if err != nil {
		return nil, err
	}
	found := make(map[int]machine.StorePath)
	for _, entry := range entries {
		number, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(entry.Name(), "system-"), "-link"))
		if err != nil || entry.Name() != fmt.Sprintf("system-%d-link", number) {
			continue
		}
		if found[number], err = t.Machine.ReadLink(path.Join(profiles, entry.Name())); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (t *Traces) forgetRefs(ctx context.Context) error {
	names, err := t.Git.Refs(ctx, refs)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := t.Git.Forget(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// removeHistory removes all records at once: of half of them another run would read something else.
func (t *Traces) removeHistory(context.Context) error {
	there, err := exists(t.History.Dir)
	if err != nil || !there {
		return err
	}
	gone, err := os.MkdirTemp(t.State, "removed-")
	if err != nil {
		return err
	}
	return os.Rename(t.History.Dir, filepath.Join(gone, "deployments"))
}

// removeState removes nqd's own directories, but for the backups.
func (t *Traces) removeState(context.Context) error {
	for _, place := range t.places() {
		if place.users || !within(t.State, place.path) && place.path != t.Cache {
			continue
		}
		if err := os.RemoveAll(place.path); err != nil {
			return err
		}
	}
	return nil
}

// The folders of nqd's on the machine that are the root user's.
const (
	runtime = "/run/nqd"
	library = "/var/lib/nqd"
)

func (t *Traces) removeOfMachine(ctx context.Context) error {
	if err := t.Guard.EndTrying(ctx); err != nil {
		return err
	}
	return t.unlessFull(t.Machine.RemoveDir(ctx, runtime))
}

// unlessFull passes on why a folder could not be removed, but that something is in it.
func (t *Traces) unlessFull(err error) error {
	if err == nil || errors.Is(err, fs.ErrExist) || strings.Contains(err.Error(), "not empty") {
		return nil
	}
	return err
}

// purge removes what is the user's.
func (t *Traces) purge(ctx context.Context) error {
	err := errors.Join(os.RemoveAll(filepath.Join(t.State, backups)), t.purgeWorkspace(ctx))
	if err != nil {
		return err
	}
	if there, err := exists(t.Machine.Path(library)); err != nil || !there {
		return err
	}
	if err := t.Machine.RemoveTree(ctx, snapshot.Root); err != nil {
		return err
	}
	return t.unlessFull(t.Machine.RemoveDir(ctx, library))
}

// purgeWorkspace removes the workspace; of a link to one only the link. The folder that tells that it is one goes last:
// cut off before, another run finishes it.
func (t *Traces) purgeWorkspace(ctx context.Context) error {
	if is, err := t.isWorkspace(); err != nil || !is {
		return err
	}
	if info, err := os.Lstat(t.Workspace); err != nil || !info.IsDir() {
		return errors.Join(err, os.Remove(t.Workspace))
	}
	entries, err := os.ReadDir(t.Workspace)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == hosts {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := os.RemoveAll(filepath.Join(t.Workspace, entry.Name())); err != nil {
			return err
		}
	}
	return os.RemoveAll(t.Workspace)
}

// removeEmpty removes the folders above, up to the home, that have nothing in them any more. Who needs one makes it.
func (t *Traces) removeEmpty(context.Context) error {
	for _, dir := range []string{t.State, t.Cache, t.Workspace} {
		for ; dir != t.Home && within(t.Home, dir); dir = filepath.Dir(dir) {
			if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				break // something is in it
			}
		}
	}
	return nil
}
