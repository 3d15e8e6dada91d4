package guard

import (
	"context"
	"errors"
	"fmt"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// WriteMenu has system, which is the boot default, write the boot menu again, so that no entry is left of generations
// that are gone. It reads the default back, where it knows the loader.
func (g *Guard) WriteMenu(ctx context.Context, system machine.StorePath) error {
	if err := g.switchTo(ctx, system, "boot", "NIXOS_NO_CHECK=1"); err != nil {
		return err
	}
	loaded, err := g.BootDefault(ctx)
	if errors.Is(err, ErrUnknownLoader) {
		return nil
	}
	if err == nil && loaded != system {
		err = fmt.Errorf("writing the boot menu: the default is %s now, not %s", loaded.Name(), system.Name())
	}
	return err
}
