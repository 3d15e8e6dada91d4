package running

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// InTheWay tells which files stand where Home Manager would put a link, as paths relative to the home, in order.
// Targets are files, relative to the home too, without those that replace whatever is there (force). Nothing is written.
//
// The rules are those that Home Manager asks by itself before it links (home-manager,
// modules/files/check-link-targets.sh): a link into a generation of Home Manager is its own, a link that leads nowhere is
// replaced, all else is in the way, a directory too. It lets a file be that has the content of the new one; what the new
// one contains is not known here. Besides, a file or a dead link where a directory is needed ends the linking later
// (modules/files.nix, linkGeneration): then that one is told.
func InTheWay(m *machine.Machine, home string, targets []string) ([]string, error) {
	return standing(m, home, targets, collides)
}

// Foreign tells which files stand where Home Manager would put a link and are no links of its own: what InTheWay tells,
// and links that lead nowhere, which Home Manager replaces, although they may lead somewhere tomorrow. Targets may be
// those too that replace whatever is there.
func Foreign(m *machine.Machine, home string, targets []string) ([]string, error) {
	return standing(m, home, targets, isForeign)
}

func standing(m *machine.Machine, home string, targets []string, counts func(m *machine.Machine, abs string) (bool, error)) ([]string, error) {
	var found []string
	for _, target := range targets {
		blocked, err := blockedParent(m, home, path.Clean(target))
		if err != nil {
			return nil, err
		}
		if blocked != "" {
			found = append(found, blocked)
			continue
		}
		is, err := counts(m, path.Join(home, target))
		if err != nil {
			return nil, err
		}
		if is {
			found = append(found, path.Clean(target))
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// IsMine reports whether the user with that id may move files in a home without asking anybody: the home is there, and it
// is theirs. Root, as in a sandbox, may move all.
func IsMine(m *machine.Machine, home string, uid int) (bool, error) {
	end, err := resolve(m, home)
	if err == nil {
		var info fs.FileInfo
		if info, err = os.Stat(m.Path(end)); err == nil {
			stat, known := info.Sys().(*syscall.Stat_t)
			return info.IsDir() && (uid == 0 || known && int(stat.Uid) == uid), nil
		}
	}
	if leadsNowhere(err) {
		return false, nil
	}
	return false, err
}

// blockedParent is the first parent of a target, below the home, that is there and no directory.
func blockedParent(m *machine.Machine, home, target string) (string, error) {
	for i, r := range target {
		if r != '/' {
			continue
		}
		info, err := lookAt(m, path.Join(home, target[:i]))
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if info.Mode().Type() == fs.ModeSymlink {
			there, err := isDirectory(m, path.Join(home, target[:i]))
			if err != nil || !there {
				return target[:i], err
			}
		} else if !info.IsDir() {
			return target[:i], nil
		}
	}
	return "", nil
}

// lookAt is about the last name of a path itself, even if that is a link; links before it are followed.
func lookAt(m *machine.Machine, abs string) (fs.FileInfo, error) {
	file, err := beside(m, abs)
	if err != nil {
		return nil, err
	}
	return os.Lstat(file)
}

// beside is where abs is found from here, with all links followed but one in its last place.
func beside(m *machine.Machine, abs string) (string, error) {
	dir, err := resolve(m, path.Dir(abs))
	return m.Path(path.Join(dir, path.Base(abs))), err
}

func isDirectory(m *machine.Machine, abs string) (bool, error) {
	end, err := resolve(m, abs)
	if err == nil {
		var info fs.FileInfo
		if info, err = os.Stat(m.Path(end)); err == nil {
			return info.IsDir(), nil
		}
	}
	if leadsNowhere(err) {
		return false, nil
	}
	return false, err
}

// leadsNowhere tells links for which a shell's test -e is false, from those that may not be followed.
func leadsNowhere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP)
}

// collides is the check for one target.
func collides(m *machine.Machine, abs string) (bool, error) {
	info, err := lookAt(m, abs)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || info.Mode().Type() != fs.ModeSymlink {
		return err == nil, err
	}
	if there, err := m.Exists(abs); !there || err != nil {
		if leadsNowhere(err) {
			err = nil
		}
		return false, err
	}
	file, err := beside(m, abs)
	if err != nil {
		return false, err
	}
	end, err := os.Readlink(file)
	return !OfHomeManager(end), err
}

// isForeign reports whether anything stands there but a link of Home Manager's.
func isForeign(m *machine.Machine, abs string) (bool, error) {
	info, err := lookAt(m, abs)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil || info.Mode().Type() != fs.ModeSymlink {
		return err == nil, err
	}
	file, err := beside(m, abs)
	if err != nil {
		return false, err
	}
	end, err := os.Readlink(file)
	return err == nil && !OfHomeManager(end), err
}

// OfHomeManager reports whether a link leads into a generation: /nix/store/*-home-manager-files/* as a pattern.
func OfHomeManager(end string) bool {
	rest, is := strings.CutPrefix(end, "/nix/store/")
	return is && strings.Contains(rest, "-home-manager-files/")
}

// Flatpaks are the ids of the applications that are installed, for the user of the home and for everybody, in order.
// An application that is installed has a link "current" to its branch (flatpak, common/flatpak-dir.c); runtimes are none.
func Flatpaks(m *machine.Machine, home string) ([]string, error) {
	var ids []string
	for _, dir := range []string{path.Join(home, ".local/share/flatpak/app"), "/var/lib/flatpak/app"} {
		entries, err := list(m, dir)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			info, err := lookAt(m, path.Join(dir, entry.Name(), "current"))
			switch {
			case err == nil && info.Mode().Type() == fs.ModeSymlink:
				ids = append(ids, entry.Name())
			case err != nil && !leadsNowhere(err):
				return nil, err
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}
