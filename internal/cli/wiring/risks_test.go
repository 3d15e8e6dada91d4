package wiring

import (
	"errors"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

func TestCheckRisks(t *testing.T) {
	t.Parallel()
	for _, known := range append([]string{""}, RiskNames(risk.Known())...) {
		a := &App{}
		if known != "" {
			a.Global.Risks = []string{known}
		}
		if err := a.CheckRisks(); err != nil || a.Accepts(risk.Risk(known)) != (known != "") {
			t.Errorf("%q: %v, accepted %t", known, err, a.Accepts(risk.Risk(known)))
		}
	}
	a := &App{Global: Options{Risks: []string{string(risk.Overwrite), "everything"}}}
	err := a.CheckRisks()
	var usage *exit.UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "--accept-risk=everything") {
		t.Fatalf("got %v", err)
	}
	for _, one := range risk.Known() {
		if !strings.Contains(usage.Hint(), string(one)) {
			t.Errorf("%s is not in %q", one, usage.Hint())
		}
	}
}
