package machine

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// MakeDir makes a directory of the machine, as its root, with its missing parents. One that
// exists is no error.
func (m *Machine) MakeDir(ctx context.Context, abs string) error {
	if m.IsSandbox() {
		return os.MkdirAll(m.Path(abs), 0o755)
	}
	return m.Run(ctx, Cmd{
		Doing: "making " + abs, Path: "/run/current-system/sw/bin/mkdir", Args: []string{"--parents", abs},
		Env: []string{"LC_ALL=C.UTF-8"}, Inside: true, Root: true,
	})
}

// RemoveDir removes an empty directory of the machine, as its root. One that is not there is
// no error.
func (m *Machine) RemoveDir(ctx context.Context, abs string) error {
	if m.IsSandbox() {
		err := os.Remove(m.Path(abs))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	if _, err := os.Lstat(abs); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return m.Run(ctx, Cmd{
		Doing: "removing " + abs, Path: "/run/current-system/sw/bin/rmdir", Args: []string{abs},
		Env: []string{"LC_ALL=C.UTF-8"}, Inside: true, Root: true,
	})
}
