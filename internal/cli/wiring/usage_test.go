package wiring

import (
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	check := Usage(cobra.NoArgs)
	if err := check(&cobra.Command{}, nil); err != nil {
		t.Errorf("no arguments: %v", err)
	}
	err := check(&cobra.Command{Use: "nqd"}, []string{"x"})
	var wrong *exit.UsageError
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "x") {
		t.Errorf("an argument: %v", err)
	}
}
