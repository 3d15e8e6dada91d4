// Package running reads what the machine has now, as far as a plan has to know it: accounts, groups, ports that are
// taken, files in homes, Flatpaks, free space. It changes nothing and runs no program.
package running

import (
	"errors"
	"io/fs"
	"os"
	"path"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// resolve is the path that abs stands for on the machine, without links. Where something on the way is missing it is
// the path where that is expected, with fs.ErrNotExist or not: the last name of a path may always be missing.
func resolve(m *machine.Machine, abs string) (string, error) {
	links, err := m.Links(abs)
	if len(links) > 0 {
		return path.Clean(links[len(links)-1]), err
	}
	return path.Clean(abs), err
}

// list are the entries of a directory of the machine, by name; none where it is not there.
func list(m *machine.Machine, abs string) ([]fs.DirEntry, error) {
	dir, err := resolve(m, abs)
	if err == nil {
		var entries []fs.DirEntry
		if entries, err = os.ReadDir(m.Path(dir)); err == nil {
			return entries, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return nil, err
}
