// Package files is what stands in a home: links and folders as they were, so that they can be made again, and what Home
// Manager has there.
//
// Places are absolute paths on the machine. Links on the way to one are followed within the machine, also in a sandbox.
package files

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Real is the path of the same file whose parents are no links; the last name is kept as it is.
func Real(m *machine.Machine, abs string) (string, error) {
	dir, err := Followed(m, path.Dir(abs))
	return path.Join(dir, path.Base(abs)), err
}

// Followed is the path that abs stands for on the machine, all links followed.
func Followed(m *machine.Machine, abs string) (string, error) {
	links, err := m.Links(abs)
	if len(links) > 0 {
		return path.Clean(links[len(links)-1]), err
	}
	return path.Clean(abs), err
}

// At is where the file abs of the machine is found from here. Links before its last name are followed within the machine.
func At(m *machine.Machine, abs string) (string, error) {
	abs, err := Real(m, abs)
	return m.Path(abs), err
}

// UnlessMissing is err, but nil where it says that nothing is there.
func UnlessMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
		return nil
	}
	return err
}

// Look is what stands at abs itself, nil for nothing, and where it is found from here.
func Look(m *machine.Machine, abs string) (fs.FileInfo, string, error) {
	file, err := At(m, abs)
	if err == nil {
		var info fs.FileInfo
		if info, err = os.Lstat(file); err == nil {
			return info, file, nil
		}
	}
	return nil, file, UnlessMissing(err)
}

// Within reports whether abs is dir or below it.
func Within(dir, abs string) bool {
	return abs == dir || strings.HasPrefix(abs, strings.TrimSuffix(dir, "/")+"/")
}
