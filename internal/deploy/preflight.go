package deploy

import (
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Preflight refuses a machine that cannot be deployed to, before anything is written.
func (d *Deployer) Preflight() error {
	_, err := d.Guard.Running()
	return notNixOS(err)
}

// Risk is the name of something that a deployment would do and that cannot be undone. The
// user accepts one by its name, never all.
type Risk string

// ReplaceConfiguration is the first deployment of a machine whose /etc/nixos was not adopted:
// what stands there besides the hardware is not part of the new system.
const ReplaceConfiguration Risk = "replace-configuration"

// RiskError is a risk that was not accepted.
type RiskError struct {
	Risk    Risk
	Problem string
}

func (e *RiskError) Error() string { return e.Problem }

// Hint says how the risk is accepted.
func (e *RiskError) Hint() string {
	return fmt.Sprintf("move what you need into hosts/<name>/local.nix, then give --accept-risk=%s", e.Risk)
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
func checkReplacement(configured, deployed bool, accepted []Risk) error {
	if !configured || deployed || slices.Contains(accepted, ReplaceConfiguration) {
		return nil
	}
	return &RiskError{
		Risk:    ReplaceConfiguration,
		Problem: configuration + " is not adopted yet: its users, network and services would not be part of the new system",
	}
}

// announceRoot says that what follows acts as root, before the password is asked for.
func (d *Deployer) announceRoot() {
	if d.Machine.IsSandbox() {
		return
	}
	d.Sink(event.Note{
		Text: "activating the system, setting its profile and installing the boot loader are done as root",
		Hint: "sudo, doas or run0 may ask for your password now",
	})
}
