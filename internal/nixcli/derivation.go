package nixcli

import (
	"context"
	"fmt"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli/derivation"
)

// Derivations reads derivations, which must be in the store. The answer has each of drvs.
func (n *Nix) Derivations(ctx context.Context, drvs []machine.StorePath) (map[machine.StorePath]derivation.Derivation, error) {
	if len(drvs) == 0 {
		return map[machine.StorePath]derivation.Derivation{}, nil // without arguments nix would look for a flake here
	}
	var list strings.Builder
	for _, drv := range drvs {
		list.WriteString(string(drv) + "\n")
	}
	c := n.command(fmt.Sprintf("reading %d derivations", len(drvs)), "derivation", "show", "--stdin")
	c.Stdin = strings.NewReader(list.String()) // thousands of them are too many for an argument list
	out, err := n.output(ctx, c)
	if err != nil {
		return nil, err
	}
	found, err := derivation.Parse(out)
	if err != nil {
		return nil, err
	}
	for _, drv := range drvs {
		if _, is := found[drv]; !is {
			return nil, fmt.Errorf("nix derivation show: says nothing of %s", drv)
		}
	}
	return found, nil
}
