package wiring

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

// CheckRisks refuses a name that no risk has: whoever mistypes one must not believe to have accepted it.
func (a *App) CheckRisks() error {
	known := risk.Known()
	for _, name := range a.Global.Risks {
		if !slices.Contains(known, risk.Risk(name)) {
			return &exit.UsageError{Cause: exit.WithHint(
				fmt.Errorf("--accept-risk=%s: there is no such risk", name), "risks are "+strings.Join(RiskNames(known), ", "))}
		}
	}
	return nil
}

// Accepts reports whether the user accepted a risk.
func (a *App) Accepts(one risk.Risk) bool { return slices.Contains(a.Global.Risks, string(one)) }

// RiskNames are risks as the command line has them.
func RiskNames(risks []risk.Risk) (names []string) {
	for _, one := range risks {
		names = append(names, string(one))
	}
	return names
}
