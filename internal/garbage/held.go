package garbage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// heldWithin are the store paths that processes of a sandbox hold open, and by what. Nix finds those of a machine
// itself; of a sandbox it does not, as such a process is seen from outside to use files below the sandbox's directory.
// It looks where nix does (nix, src/libstore/gc.cc, findRuntimeRoots), but for the environment, which reads the same
// from everywhere.
func heldWithin(root string) (map[machine.StorePath]string, error) {
	root, err := filepath.EvalSymlinks(root) // as /proc has it
	if err != nil {
		return nil, err
	}
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	held := make(map[machine.StorePath]string)
	for _, folder := range folders {
		inside, err := os.Readlink(filepath.Join(folder, "root"))
		if err != nil || inside != root {
			continue // it ended, or is another user's
		}
		for _, name := range []string{"exe", "cwd"} {
			add(held, root, filepath.Join(folder, name))
		}
		files, err := filepath.Glob(filepath.Join(folder, "fd", "*"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			add(held, root, file)
		}
		maps, err := os.ReadFile(filepath.Join(folder, "maps"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			continue // it ended
		}
		for line := range strings.Lines(string(maps)) {
			if at := strings.IndexByte(line, '/'); at >= 0 {
				note(held, root, strings.TrimSpace(line[at:]), filepath.Join(folder, "maps"))
			}
		}
	}
	return held, nil
}

// add notes what a link of /proc leads to.
func add(held map[machine.StorePath]string, root, link string) {
	if target, err := os.Readlink(link); err == nil { // else it was closed
		note(held, root, target, link)
	}
}

// note notes the store path that a file below the sandbox is in.
func note(held map[machine.StorePath]string, root, file, by string) {
	rest, within := strings.CutPrefix(file, filepath.Join(root, "nix/store")+"/")
	if !within {
		return
	}
	name, _, _ := strings.Cut(rest, "/")
	if path, err := machine.ParseStorePath("/nix/store/" + name); err == nil {
		held[path] = by
	}
}
