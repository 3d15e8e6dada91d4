package deploy

import (
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

// Preflight refuses a machine that cannot be deployed to, before anything is written.
func (d *Deployer) Preflight() error {
	_, err := d.Guard.Running()
	return guard.NotNixOS(err)
}

// configuration is what the installer wrote, and the user since.
const configuration = "/etc/nixos/configuration.nix"

// checkRisks refuses the first deployment of a real machine that would lose what its own
// configuration says. A sandbox has nothing to lose.
func (d *Deployer) checkRisks() error {
	if d.Machine.IsSandbox() {
		return nil
	}
	there, err := d.Machine.Exists(configuration)
	if err != nil {
		return err
	}
	recorded, err := d.History.List()
	if err != nil {
		return err
	}
	deployed := slices.ContainsFunc(recorded, func(one engine.Deployment) bool { return one.Result == engine.Committed })
	return checkReplacement(there, deployed, d.Risks)
}

// checkReplacement decides whether the first deployment may take the place of what a
// configuration made. Later ones may, also over a nixos-rebuild of the workspace. NixOS deletes accounts that are not declared any more, with
// their passwords (nixpkgs, update-users-groups.pl), and a revert does not bring those back.
func checkReplacement(configured, deployed bool, accepted []risk.Risk) error {
	if !configured || deployed || slices.Contains(accepted, risk.ReplaceConfiguration) {
		return nil
	}
	return &risk.Error{
		Risk:    risk.ReplaceConfiguration,
		Problem: configuration + " is not adopted yet: its users, network and services would not be part of the new system",
		Instead: "move what you need into hosts/<name>/local.nix first",
	}
}

// checkState refuses data that the old system could not read any more and that cannot be kept.
func (d *Deployer) checkState(moves []event.StateChange) error {
	for _, one := range moves {
		if one.Lost() && !slices.Contains(d.Risks, risk.State) {
			return &risk.Error{
				Risk:    risk.State,
				Problem: fmt.Sprintf("%s of %s: %s %s changes it, and no copy can be made (%s)", one.Path, one.Feature, one.Package, one.After, one.Without),
				Instead: "make room, or keep the version as it is",
			}
		}
	}
	return nil
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
