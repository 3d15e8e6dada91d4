package preflight

import (
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

// Configuration is what the installer wrote, and the user since.
const Configuration = "/etc/nixos/configuration.nix"

// Replacement decides whether the first deployment may take the place of what a configuration made. Later ones may, also
// over a nixos-rebuild of the workspace. NixOS deletes accounts that are not declared any more, with their passwords
// (nixpkgs, update-users-groups.pl), and a revert does not bring those back. The error is a *risk.Error.
func Replacement(configured, deployed bool, accepted []risk.Risk) error {
	if !configured || deployed || slices.Contains(accepted, risk.ReplaceConfiguration) {
		return nil
	}
	return &risk.Error{
		Risk:    risk.ReplaceConfiguration,
		Problem: Configuration + " is not adopted yet: its users, network and services would not be part of the new system",
		Instead: "move what you need into hosts/<name>/local.nix first",
	}
}

// State refuses data that the old system could not read any more and that cannot be kept. The error is a *risk.Error.
func State(moves []event.StateChange, accepted []risk.Risk) error {
	for _, one := range moves {
		if one.Lost() && !slices.Contains(accepted, risk.State) {
			return &risk.Error{
				Risk:    risk.State,
				Problem: fmt.Sprintf("%s of %s: %s %s changes it, and no copy can be made (%s)", one.Path, one.Feature, one.Package, one.After, one.Without),
				Instead: "make room, or keep the version as it is",
			}
		}
	}
	return nil
}
