package guard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// systemctl is the machine's own; it answers for a sandbox as for a real machine.
const systemctl = "/run/current-system/sw/bin/systemctl"

// failedUnits lists the system units in state failed.
func (g *Guard) failedUnits(ctx context.Context) ([]string, error) {
	out, err := g.Machine.Output(ctx, machine.Cmd{
		Doing:  "listing failed units",
		Path:   systemctl,
		Args:   []string{"list-units", "--state=failed", "--output=json", "--no-pager"},
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

// StartLate starts what downloads, once a deployment is committed. It does not wait. Those of the
// units that still run began before the deployment, which leaves them alone (restartIfChanged):
// they begin anew.
func (g *Guard) StartLate(ctx context.Context, units []string) error {
	return errors.Join(
		g.queue(ctx, "restarting", "try-restart", units...),
		g.queue(ctx, "starting", "start", lateTarget),
	)
}

// queue hands jobs to systemd and does not wait for them.
func (g *Guard) queue(ctx context.Context, doing, verb string, units ...string) error {
	return g.Machine.Run(ctx, machine.Cmd{
		Doing:  doing + " " + strings.Join(units, ", "),
		Path:   systemctl,
		Args:   append([]string{verb, "--no-block"}, units...),
		Env:    []string{"LC_ALL=C.UTF-8"},
		Inside: true,
		Root:   true,
	})
}

// lateTarget is declared by the base feature (nixlib/features/base).
const lateTarget = "nqd-late.target"
