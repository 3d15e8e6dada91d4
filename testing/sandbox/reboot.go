package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// unitsFailed is the exit code of switch-to-configuration where a unit fails. A machine boots all the same.
const unitsFailed = 4

// Reboot switches the machine ROOT off and on again: its services end, what /run holds is gone, and the system that the
// boot loader's default names activates itself and starts its units, those that put homes in place among them. It
// has to run as root, for chroot(2).
func Reboot(ctx context.Context, root string) error {
	system, err := BootDefault(root)
	if err != nil {
		return err
	}
	if err := Stop(root); err != nil {
		return err
	}
	run := filepath.Join(root, "run")
	entries, err := os.ReadDir(run)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(run, entry.Name())))
	}
	if err != nil {
		return err
	}
	// What stage 2 of the boot and systemd do one after the other (nixos/modules/system/boot/stage-2-init.sh), the program
	// does in one: it activates the system and starts what its targets want.
	err = Chroot(ctx, root, filepath.Join(system, "bin/switch-to-configuration"), "test")
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != unitsFailed) {
		return fmt.Errorf("booting %s: %w", system, err)
	}
	return os.Symlink(system, filepath.Join(run, "booted-system"))
}
