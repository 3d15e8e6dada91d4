package deploy

import (
	"cmp"
	"context"
	"path/filepath"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/preflight"
)

// Preflight refuses a machine that cannot be deployed to, before anything is written.
func (d *Deployer) Preflight() error {
	_, err := d.Guard.Running()
	return guard.NotNixOS(err)
}

// looking begins to look at the machine when it is called first, and returns what it finds each time.
func (d *Deployer) looking(ctx context.Context, h *host.Host) func() *preflight.Answers {
	return sync.OnceValue(func() *preflight.Answers {
		return preflight.Look{
			Machine: d.Machine, Deployed: d.History.Host, OwnLock: filepath.Join(d.History.Dir, "lock"),
			Offline: d.Nix.Offline, Caches: d.Nix.Caches, Version: d.Version, Risks: d.Risks,
		}.For(h, d.Workspace).Begin(ctx)
	})
}

// checkRisks refuses the first deployment of a real machine that would lose what its own
// configuration says. A sandbox has nothing to lose.
func (d *Deployer) checkRisks(name string) error {
	if d.Machine.IsSandbox() {
		return nil
	}
	there, err := d.Machine.Exists(preflight.Configuration)
	deployed, unread := d.History.HasCommitted()
	if err := cmp.Or(err, unread); err != nil {
		return err
	}
	return preflight.Replacement(there, deployed || d.Workspace.HasAdopted(name), d.Risks)
}

// announceRoot says that what follows acts as root, before the password is asked for.
func (d *Deployer) announceRoot() {
	if d.Machine.IsSandbox() || d.announced {
		return
	}
	d.announced = true
	d.Sink(event.Note{
		Text: "activating the system, setting its profile and installing the boot loader are done as root",
		Hint: "sudo, doas or run0 may ask for your password now",
	})
}
