// Package activation says what a switch from the running system to a new one would do: which units it stops, starts,
// restarts and reloads, and what waits for a reboot.
//
// The rules are those of switch-to-configuration-ng (nixpkgs, pkgs/by-name/sw/switch-to-configuration-ng/src/src/main.rs,
// "main.rs" below), which nobody runs for it: a plan is made before there is a new system. What the rules leave out is
// left out here too: the units of users' own managers, containers of systemd-nspawn, and what systemd itself adds to a
// job, such as stopping what requires a unit that is stopped. So is what is known only while a switch goes on: units that
// the activation asks to restart or reload, and those that sysinit-reactivation.target restarts.
package activation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Changes is what a switch does to units. Each list is sorted.
type Changes struct {
	// Stop are units that are gone.
	Stop []string
	// Start are changed units, stopped before the new system is activated and started after it.
	Start []string
	// OnDemand are changed services, stopped as those in Start, which only their socket starts again.
	OnDemand []string
	// Restart are changed units that are restarted after the new system was activated.
	Restart []string
	// Reload are units that take the change while they run.
	Reload []string
	// Skip are changed units that ask to be left alone (restartIfChanged = false and the like): the change takes effect
	// when they are started the next time.
	Skip []string
	// New are units that run for the first time because a unit that is started, or an active target, wants them. Those
	// that the old system wants as well and that do not run, as a oneshot that is done, are started too but not listed.
	New []string
	// Swaps are devices that are no longer swapped to.
	Swaps []string
	// Unknown are active units of which it is not known whether they change, as their file comes from a package that the
	// new system may have in another version.
	Unknown []string
}

// Event tells the changes as a plan does.
func (c Changes) Event() event.Units {
	stop := slices.Clone(c.Stop)
	for _, device := range c.Swaps {
		stop = append(stop, unitOfPath(device, ".swap"))
	}
	return event.Units{
		Start:   sorted(c.New),
		Stop:    sorted(stop),
		Restart: sorted(c.Start, c.OnDemand, c.Restart),
		Reload:  sorted(c.Reload),
		Later:   sorted(c.Skip),
	}
}

// sorted joins lists, never null in JSON.
func sorted(lists ...[]string) []string {
	all := append([]string{}, slices.Concat(lists...)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// systemctl is the machine's own; it answers for a sandbox as for a real machine.
const systemctl = "/run/current-system/sw/bin/systemctl"

// Active lists the units that a switch looks at: those that are active or activating (main.rs, do_system_switch). That
// changes nothing.
func Active(ctx context.Context, m *machine.Machine) ([]string, error) {
	out, err := m.Output(ctx, machine.Cmd{
		Doing:  "listing active units",
		Path:   systemctl,
		Args:   []string{"list-units", "--state=active,activating", "--output=json", "--no-pager"},
		Env:    []string{"LC_ALL=C.UTF-8"},
		Inside: true,
	})
	if err != nil {
		return nil, err
	}
	return parseUnits(out)
}

// parseUnits reads `systemctl list-units --output=json` (systemd 246 and newer).
func parseUnits(data []byte) ([]string, error) {
	var listed []struct {
		Unit string `json:"unit"`
	}
	if err := json.Unmarshal(data, &listed); err != nil {
		return nil, fmt.Errorf("systemctl list-units: unknown answer: %w", err)
	}
	var names []string
	for _, unit := range listed {
		names = append(names, unit.Unit)
	}
	return names, nil
}
