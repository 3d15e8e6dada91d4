package garbage

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// link is a root of a deployment: its system, or the one that ran before.
type link struct {
	id     int
	kind   string // old or new
	file   string
	system machine.StorePath
	made   time.Time
}

func (l link) name() string {
	if l.kind == "old" {
		return fmt.Sprint("before deployment ", l.id)
	}
	return fmt.Sprint("deployment ", l.id)
}

// why says why it goes.
func (l link) why(needed needs, options Options) string {
	if l.kind == "old" && l.id == needed.first {
		return "it ran before nqd came, and nqd uninstall cannot return to it then"
	}
	return fmt.Sprintf("older than the last %d deployments that were committed, or never one of them", options.Keep)
}

// links are the roots of all deployments, by number. What else is in their folders is not looked at.
func (c *Collector) links() ([]link, error) {
	folders, err := os.ReadDir(c.History.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var links []link
	for _, folder := range folders {
		id, err := strconv.Atoi(folder.Name())
		if err != nil || id < 1 {
			continue
		}
		for _, kind := range []string{"old", "new"} {
			one := link{id: id, kind: kind, file: filepath.Join(c.History.Dir, folder.Name(), kind)}
			target, err := os.Readlink(one.file)
			if err != nil {
				continue // a deployment that is told without its system, or no link and not ours
			}
			if one.system, err = machine.ParseStorePath(target); err != nil {
				continue
			}
			info, err := os.Lstat(one.file)
			if err != nil {
				return nil, err
			}
			one.made = info.ModTime()
			links = append(links, one)
		}
	}
	slices.SortStableFunc(links, func(a, b link) int { return cmp.Compare(a.id, b.id) })
	return links, nil
}

// generation is one of the system profile.
type generation struct {
	machine.Generation
	made time.Time
}

const profiles = "/nix/var/nix/profiles"

func generationLink(number int) string {
	return path.Join(profiles, fmt.Sprintf("system-%d-link", number))
}

// generations are those of the system profile, oldest first.
func (c *Collector) generations() ([]generation, error) {
	entries, err := os.ReadDir(c.Machine.Path(profiles))
	if err != nil {
		return nil, err
	}
	var found []generation
	for _, entry := range entries {
		number, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(entry.Name(), "system-"), "-link"))
		if err != nil || path.Base(generationLink(number)) != entry.Name() {
			continue
		}
		g := generation{Generation: machine.Generation{Number: number}}
		info, err := entry.Info()
		if err != nil {
			return nil, err
		}
		if g.System, err = c.Machine.ReadLink(generationLink(number)); err != nil {
			return nil, err
		}
		g.made = info.ModTime()
		found = append(found, g)
	}
	slices.SortFunc(found, func(a, b generation) int { return cmp.Compare(a.Number, b.Number) })
	return found, nil
}
