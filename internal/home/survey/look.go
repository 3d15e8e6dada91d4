package survey

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

// oneHome is one home as it is now, and what becomes of it.
type oneHome struct {
	dir string
	// will is empty where the new system has no home there; old is what the links there are of now.
	will          machine.StorePath
	willFiles     machine.StorePath
	old, oldFiles machine.StorePath
	targets       []string // of both
	places        []string // the same, absolute, and by their real paths too
	foreign       []string // paths that have to be cleared, real ones
	kept          []string // those that stay, and that the old home may replace
	blocking      map[string]bool
	links         []files.Link // of Home Manager's
	leaving       []files.Link // those that go where the new system has no home
	folders       []files.Folder
	back          []*home.Return
	login         []string
	settles       *home.Settle // nil for none
}

// homesOf are the homes before and after, by their directories.
func homesOf(change Change) []*oneHome {
	var found []*oneHome
	of := func(dir string) *oneHome {
		dir = path.Clean(dir)
		for _, one := range found {
			if one.dir == dir {
				return one
			}
		}
		found = append(found, &oneHome{dir: dir, blocking: map[string]bool{}})
		return found[len(found)-1]
	}
	for _, one := range change.Was {
		of(one.Dir).old = one.Generation
	}
	for _, one := range change.Will {
		of(one.Dir).will = one.Generation
	}
	return found
}

func (h *oneHome) look(tools home.Tools, displaced []home.Displaced) error {
	m := tools.Machine
	now, err := files.Current(m, h.dir)
	if err != nil {
		return err
	}
	if now != "" {
		h.old = now
	}
	var oldTargets, willTargets []string
	for _, one := range []struct {
		generation machine.StorePath
		files      *machine.StorePath
		targets    *[]string
	}{{h.old, &h.oldFiles, &oldTargets}, {h.will, &h.willFiles, &willTargets}} {
		if *one.files, err = files.Of(m, one.generation); err == nil {
			*one.targets, err = files.Targets(m, *one.files)
		}
		if err != nil {
			return err
		}
	}
	h.targets = slices.Concat(oldTargets, willTargets)
	slices.Sort(h.targets)
	h.targets = slices.Compact(h.targets)
	if h.places, err = reals(m, h.dir, h.targets); err != nil {
		return err
	}
	for _, target := range h.targets {
		h.places = append(h.places, path.Join(h.dir, target))
	}
	slices.Sort(h.places)
	h.places = slices.Compact(h.places)
	if h.links, err = files.Links(m, h.dir, h.targets); err != nil {
		return err
	}
	records, err := files.Records(m, h.dir)
	if err != nil {
		return err
	}
	h.links = append(h.links, records...)
	for _, link := range h.links {
		if leaves(m, link, h.old) {
			h.leaving = append(h.leaving, link)
		}
	}
	if h.will != h.old || now == "" {
		if err := h.inTheWay(m, oldTargets, willTargets); err != nil {
			return err
		}
	}
	if err := h.returns(tools, willTargets, displaced); err != nil {
		return err
	}
	if err := h.wayThere(m); err != nil {
		return err
	}
	h.settles, err = h.settle(tools)
	return err
}

// inTheWay finds what Home Manager would stumble over or replace.
func (h *oneHome) inTheWay(m *machine.Machine, oldTargets, targets []string) (err error) {
	if h.foreign, err = foreign(m, h.dir, targets); err != nil {
		return err
	}
	if h.kept, err = foreign(m, h.dir, oldTargets); err != nil {
		return err
	}
	h.kept = slices.DeleteFunc(h.kept, func(place string) bool {
		return slices.ContainsFunc(h.foreign, func(cleared string) bool { return files.Within(cleared, place) || files.Within(place, cleared) })
	})
	places, err := reals(m, h.dir, targets)
	for _, cleared := range h.foreign {
		h.blocking[cleared] = !slices.Contains(places, cleared)
	}
	return err
}

// reals are the real paths of targets in a home.
func reals(m *machine.Machine, dir string, targets []string) ([]string, error) {
	var places []string
	for _, target := range targets {
		place, err := files.Real(m, path.Join(dir, target))
		if files.UnlessMissing(err) != nil {
			return nil, err
		}
		places = append(places, place)
	}
	return places, nil
}

// foreign are the real paths of what is none of Home Manager's at these targets. A place that a link leads into the store is
// left out: nobody can clear that, and where its content is the new one's Home Manager lets it be.
func foreign(m *machine.Machine, dir string, targets []string) ([]string, error) {
	found, err := running.Foreign(m, dir, targets)
	if err != nil {
		return nil, err
	}
	var places []string
	for _, below := range found {
		place, err := files.Real(m, path.Join(dir, below))
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(place, "/nix/store/") && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	return places, nil
}

// returns finds the files of earlier deployments' backups whose places no home takes any more.
func (h *oneHome) returns(tools home.Tools, targets []string, displaced []home.Displaced) error {
	takes, err := reals(tools.Machine, h.dir, targets)
	if err != nil {
		return err
	}
	for _, one := range displaced {
		isTaken := slices.ContainsFunc(takes, func(place string) bool { return files.Within(one.Path, place) || files.Within(place, one.Path) })
		if isTaken || one.Home != h.dir {
			continue
		}
		theirs, err := isTheirs(tools.Machine, one.Path)
		if err != nil {
			return err
		}
		h.back = append(h.back, &home.Return{Tools: tools, Home: h.dir, Path: one.Path, Backup: one.Backup, Taken: theirs})
	}
	return nil
}

// isTheirs reports whether something of the user's own stands at a place from which something was cleared: no link of Home
// Manager's, and no folder that has nothing else in it.
func isTheirs(m *machine.Machine, abs string) (bool, error) {
	info, file, err := files.Look(m, abs)
	if err != nil || info == nil {
		return false, err
	}
	if info.Mode().Type() == fs.ModeSymlink {
		target, err := os.Readlink(file)
		return err == nil && !running.OfHomeManager(target), err
	}
	if !info.IsDir() {
		return true, nil
	}
	entries, err := os.ReadDir(file)
	for _, entry := range entries {
		if theirs, err := isTheirs(m, path.Join(abs, entry.Name())); theirs || err != nil {
			return theirs, err
		}
	}
	return false, err
}

// wayThere reads the folders on the way to all of it.
func (h *oneHome) wayThere(m *machine.Machine) error {
	places := []string{path.Join(h.dir, files.CurrentHome), path.Join(h.dir, files.Profiles, files.Profile)}
	if h.login != nil {
		places = append(places, (&home.Settle{Home: h.dir}).Places()...)
	}
	for _, target := range h.targets {
		places = append(places, path.Join(h.dir, target))
	}
	for _, back := range h.back {
		places = append(places, back.Path)
	}
	for _, folder := range files.Parents(h.dir, places) {
		f, err := files.FolderAt(m, folder)
		if err != nil {
			return err
		}
		h.folders = append(h.folders, f)
	}
	// What was cleared through a link lies elsewhere.
	for _, place := range slices.Concat(h.foreign, h.kept) {
		if !files.Within(h.dir, place) {
			f, err := files.FolderAt(m, path.Dir(place))
			if err != nil {
				return err
			}
			h.folders = append(h.folders, f)
		}
	}
	for _, back := range h.back {
		back.Folders = slices.Clone(h.folders)
		for _, other := range h.back {
			if other != back && other.Backup == back.Backup && !other.Taken {
				back.With = append(back.With, other.Path)
			}
		}
	}
	return nil
}

// settle is the action for the next login; nil where there is none, where Home Manager wants the place, or where there is
// no folder for it and none can be made.
func (h *oneHome) settle(tools home.Tools) (*home.Settle, error) {
	if len(h.login) == 0 {
		return nil, nil
	}
	settle := &home.Settle{Tools: tools, Home: h.dir, Argv: h.login}
	for _, place := range settle.Places() {
		for _, target := range h.targets {
			if files.Within(path.Join(h.dir, target), place) {
				return nil, nil
			}
		}
	}
	for _, folder := range files.Parents(h.dir, settle.Places()) {
		now, err := files.FolderAt(tools.Machine, folder)
		if err != nil {
			return nil, err
		}
		if !now.Missing {
			continue
		}
		info, _, err := files.Look(tools.Machine, folder)
		if err != nil || info != nil && !slices.Contains(h.foreign, folder) {
			return nil, err
		}
		settle.Made = append(settle.Made, folder)
	}
	return settle, nil
}

// leaves reports whether a link is one of those that a home leaves behind: into the generation, or its record.
func leaves(m *machine.Machine, link files.Link, old machine.StorePath) bool {
	if running.OfHomeManager(link.Target) || link.Target == string(old) {
		return true
	}
	if path.IsAbs(link.Target) {
		return false
	}
	leads, _, err := files.ReadLink(m, path.Join(path.Dir(link.Path), link.Target))
	return err == nil && leads != nil && leads.Target == string(old)
}
