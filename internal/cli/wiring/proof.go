package wiring

import (
	"context"
	"os"

	"github.com/masterofnull/nixos-quick-deploy/internal/doctor"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu/proof"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Asker puts questions about the graphics cards of m, which it looks at when it is asked first.
func Asker(m *machine.Machine) func() *proof.Asker {
	home, _ := homeDir() // only containers want it
	runtimeDir := os.Getenv("XDG_RUNTIME_DIR")
	if m.IsSandbox() {
		runtimeDir = "" // that of this computer
	}
	return proof.Lazy(m, home, runtimeDir)
}

// Asks are the kinds of checks that the doctor does not ask itself.
func Asks(asker func() *proof.Asker) map[doctor.Kind]doctor.Ask {
	return map[doctor.Kind]doctor.Ask{
		doctor.GPU: func(ctx context.Context, check doctor.Check) (string, error) {
			return asker().Ask(ctx, check.Target, check.Address)
		},
	}
}
