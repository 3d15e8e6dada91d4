package files

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

// Of is the tree that a generation links into a home; empty for no generation, or one that is not in the store.
func Of(m *machine.Machine, generation machine.StorePath) (machine.StorePath, error) {
	if generation == "" {
		return "", nil
	}
	files, err := m.ReadLink(path.Join(string(generation), "home-files"))
	return files, UnlessMissing(err)
}

// Targets are the places that the tree fills, relative to the home and in order: all that find(1) has for
// `-type f -or -type l`, as Home Manager asks it (home-manager, modules/files.nix).
func Targets(m *machine.Machine, files machine.StorePath) ([]string, error) {
	if files == "" {
		return nil, nil
	}
	top := m.Path(string(files))
	var targets []string
	err := filepath.WalkDir(top, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below, err := filepath.Rel(top, file)
		targets = append(targets, below)
		return err
	})
	return targets, UnlessMissing(err)
}

// Where Home Manager keeps what it did last, and generations below driver version 0, in the home of a user (home-manager,
// modules/lib-bash/activation-init.sh).
const (
	CurrentHome = ".local/state/home-manager/gcroots/current-home"
	Profiles    = ".local/state/nix/profiles"
	Profile     = "home-manager"
)

// Current is the generation whose links a home has; empty for none.
func Current(m *machine.Machine, dir string) (machine.StorePath, error) {
	link, _, err := ReadLink(m, path.Join(dir, CurrentHome))
	if err != nil || link == nil {
		return "", err
	}
	generation, err := machine.ParseStorePath(link.Target)
	if err != nil {
		return "", nil // somebody else's
	}
	return generation, nil
}

// Records are the links in which Home Manager keeps what it did, as they are now.
func Records(m *machine.Machine, dir string) ([]Link, error) {
	places := []string{path.Join(dir, CurrentHome)}
	folder, err := Followed(m, path.Join(dir, Profiles))
	if err == nil {
		var entries []fs.DirEntry
		entries, err = os.ReadDir(m.Path(folder))
		for _, entry := range entries {
			if name := entry.Name(); name == Profile || strings.HasPrefix(name, Profile+"-") && strings.HasSuffix(name, "-link") {
				places = append(places, path.Join(dir, Profiles, name))
			}
		}
	}
	if err := UnlessMissing(err); err != nil {
		return nil, err
	}
	return linksAt(m, places)
}

// Links are the links of Home Manager's that stand at the targets.
func Links(m *machine.Machine, dir string, targets []string) ([]Link, error) {
	var places []string
	for _, target := range targets {
		places = append(places, path.Join(dir, target))
	}
	links, err := linksAt(m, places)
	return slices.DeleteFunc(links, func(link Link) bool { return !running.OfHomeManager(link.Target) }), err
}
