// Package systemd stops and starts units of a machine, with what is stopped together with them.
package systemd

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// unitShape is what systemd.unit(5) allows, without what could be taken for an option.
var unitShape = regexp.MustCompile(`^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]*\.(service|socket|target|timer|path|mount)$`)

// IsUnit reports whether text is the name of a unit, and no option of a program.
func IsUnit(text string) bool { return unitShape.MatchString(text) }

// systemctl is the machine's own; it answers for a sandbox as for a real machine.
const systemctl = "/run/current-system/sw/bin/systemctl"

// Units are units of systemd on a machine, by name.
type Units struct {
	Names   []string
	Machine *machine.Machine
}

// unitState is what systemd says of a unit.
type unitState struct {
	name           string
	loaded, active bool
	with           []string // those that are stopped together with it
}

// The properties of units that are stopped together with the one that has them (systemd.unit(5), "Mapping of unit
// properties to their inverses").
var followers = []string{"RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf"}

func showCommand(names []string) machine.Cmd {
	properties := "--property=Id,LoadState,ActiveState," + strings.Join(followers, ",")
	return machine.Cmd{
		Doing: "asking for " + strings.Join(names, ", "), Path: systemctl,
		Args: append([]string{"show", properties}, names...), Env: []string{"LC_ALL=C.UTF-8"}, Inside: true,
	}
}

func controlCommand(doing, verb string, names []string) machine.Cmd {
	return machine.Cmd{
		Doing: doing + " " + strings.Join(names, ", "), Path: systemctl,
		Args: append([]string{verb}, names...), Env: []string{"LC_ALL=C.UTF-8"}, Inside: true, Root: true,
	}
}

// show asks for the states of units.
func (u Units) show(ctx context.Context, names []string) ([]unitState, error) {
	if len(names) == 0 {
		return nil, nil
	}
	out, err := u.Machine.Output(ctx, showCommand(names))
	if err != nil {
		return nil, err
	}
	return parseStates(string(out)), nil
}

// parseStates reads blocks of KEY=VALUE, one for each unit.
func parseStates(text string) (states []unitState) {
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var state unitState
		for line := range strings.Lines(block) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			switch {
			case key == "Id":
				state.name = value
			case key == "LoadState":
				state.loaded = value == "loaded"
			case key == "ActiveState":
				state.active = value == "active" || value == "activating" || value == "reloading" || value == "deactivating"
			case slices.Contains(followers, key):
				state.with = append(state.with, strings.Fields(value)...)
			}
		}
		states = append(states, state)
	}
	return states
}

// Active are those of the units that run, and whatever runs and is stopped together with them.
func (u Units) Active(ctx context.Context) ([]string, error) {
	seen := map[string]bool{}
	var running []string
	for todo := u.Names; len(todo) > 0; {
		for _, name := range todo {
			seen[name] = true
		}
		states, err := u.show(ctx, todo)
		if err != nil {
			return nil, err
		}
		todo = nil
		for _, state := range states {
			if state.active && state.loaded && !slices.Contains(running, state.name) {
				running = append(running, state.name)
			}
			for _, name := range state.with {
				if !seen[name] && !slices.Contains(todo, name) {
					todo = append(todo, name)
				}
			}
		}
	}
	slices.Sort(running)
	return running, nil
}

// Stop stops those that run. They are told first, to be written down.
func (u Units) Stop(ctx context.Context, tell func(running []string) error) error {
	running, err := u.Active(ctx)
	if err != nil || len(running) == 0 {
		return err
	}
	if err := tell(running); err != nil {
		return err
	}
	if err := u.Machine.Run(ctx, controlCommand("stopping", "stop", running)); err != nil {
		return err
	}
	left, err := u.Active(ctx)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("stopping %s: still running", strings.Join(left, ", "))
	}
	return err
}

// Start starts those of the units that the system has and that do not run.
func (u Units) Start(ctx context.Context) error {
	states, err := u.show(ctx, u.Names)
	if err != nil {
		return err
	}
	var down []string
	for _, state := range states {
		if state.loaded && !state.active {
			down = append(down, state.name)
		}
	}
	if len(down) == 0 {
		return nil
	}
	// One that failed too often is not started otherwise (systemd.unit(5), StartLimitIntervalSec=).
	if err := u.Machine.Run(ctx, controlCommand("resetting", "reset-failed", down)); err != nil {
		return err
	}
	return u.Machine.Run(ctx, controlCommand("starting", "start", down))
}
