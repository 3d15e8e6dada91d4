package begin

import (
	"github.com/masterofnull/nixos-quick-deploy/internal/adopt"
	"github.com/masterofnull/nixos-quick-deploy/internal/adopt/trial"
	"github.com/masterofnull/nixos-quick-deploy/internal/setup"
)

// trial evaluates what would be taken over with the nixpkgs of the workspace to be; nil where there is no nix to do it.
func (b *beginning) trial(proposal setup.Proposal) adopt.Evaluate {
	d, err := b.app.Deployer()
	if err != nil {
		return nil // nqd plan says so, and does it then
	}
	return trial.New(d.Nix, b.inputs(proposal.Value("host.release")).Nixpkgs, proposal.Value("host.system"))
}
