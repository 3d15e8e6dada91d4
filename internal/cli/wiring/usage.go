package wiring

import (
	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
)

// Usage makes what check says about the arguments a usage error.
func Usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &exit.UsageError{Cause: err}
		}
		return nil
	}
}
