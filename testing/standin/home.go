package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

// homeFilesLink matches the target of a link that Home Manager made.
var homeFilesLink = regexp.MustCompile(`^/nix/store/[^/]*-home-manager-files/`)

// homeActivation is the activate script of a home generation (home-manager,
// modules/files.nix and modules/files/check-link-targets.sh): all collisions are found
// before anything is written, then links are made, then those of the old generation removed.
type homeActivation struct {
	call
	home       string
	generation string // store path of the new generation
	files      string // store path of its home-files
	backup     string // extension that files in the way are renamed with, or ""
}

// activateHome is GENERATION/activate.
func (c call) activateHome(generation string) int {
	h := homeActivation{
		call:       c,
		home:       os.Getenv("HOME"),
		generation: c.machine.real(generation),
		files:      c.machine.real(filepath.Join(generation, "home-files")),
		backup:     os.Getenv("HOME_MANAGER_BACKUP_EXT"),
	}
	if h.home == "" {
		fmt.Fprintln(c.stderr, "Error: HOME is not set")
		return 1
	}
	fmt.Fprintln(c.stdout, "Starting Home Manager activation")
	wanted, err := h.list(h.files)
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	fmt.Fprintln(c.stdout, "Activating checkLinkTargets")
	if h.collisions(wanted) {
		return 1
	}
	fmt.Fprintln(c.stdout, "Activating linkGeneration")
	if err := h.linkGeneration(wanted); err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	return 0
}

// list returns the files of a home-files tree, relative to it.
func (h homeActivation) list(files string) ([]string, error) {
	root := h.machine.follow(files)
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		below, err := filepath.Rel(root, path)
		found = append(found, below)
		return err
	})
	return found, err
}

// inTheWay reports whether the file BELOW of the home is there and not ours.
func (h homeActivation) inTheWay(below string) bool {
	path := filepath.Join(h.home, below)
	return h.machine.exists(path) && !homeFilesLink.MatchString(h.machine.readLink(path))
}

// same reports whether a file in the way has the content that is wanted; such a file stays.
func (h homeActivation) same(below string) bool {
	wanted, err := h.machine.readFile(filepath.Join(h.files, below))
	if err != nil {
		return false
	}
	there, err := h.machine.readFile(filepath.Join(h.home, below))
	return err == nil && bytes.Equal(wanted, there)
}

// collisions prints each file that would be lost and reports whether there are any.
func (h homeActivation) collisions(wanted []string) bool {
	found := false
	for _, below := range wanted {
		if !h.inTheWay(below) || h.same(below) {
			continue
		}
		path := filepath.Join(h.home, below)
		backup := path + "." + h.backup
		switch {
		case h.backup == "":
			fmt.Fprintf(h.stderr, "Existing file '%s' would be clobbered\n", path)
			found = true
		case h.machine.exists(backup):
			fmt.Fprintf(h.stderr, "Existing file '%s' would be clobbered by backing up '%s'\n", backup, path)
			found = true
		default:
			fmt.Fprintf(h.stdout, "Existing file '%s' is in the way of '%s', will be moved to '%s'\n",
				path, filepath.Join(h.files, below), backup)
		}
	}
	if found {
		fmt.Fprint(h.stderr, "Please do one of the following:\n"+
			"- Move or remove the above files and try again.\n"+
			"- When used as a NixOS or nix-darwin module, set\n"+
			"    'home-manager.backupFileExtension'\n"+
			"  to, for example, 'backup' and rebuild.\n")
	}
	return found
}

func (h homeActivation) linkGeneration(wanted []string) error {
	old := h.machine.real(h.profile())
	for _, below := range wanted {
		if err := h.linkFile(below); err != nil {
			return err
		}
	}
	if h.machine.exists(h.profile()) && old != h.generation {
		if err := h.removeLinks(filepath.Join(old, "home-files"), wanted); err != nil {
			return err
		}
	}
	if old == h.generation {
		return nil
	}
	return h.setProfile()
}

func (h homeActivation) linkFile(below string) error {
	path := filepath.Join(h.home, below)
	if h.inTheWay(below) {
		if h.same(below) {
			return nil
		}
		if err := os.Rename(h.machine.at(path), h.machine.at(path+"."+h.backup)); err != nil {
			return err
		}
	}
	if err := h.makeFolders(filepath.Dir(below)); err != nil {
		return err
	}
	if err := h.machine.link(filepath.Join(h.files, below), path); err != nil {
		return err
	}
	return h.give(path)
}

// removeLinks removes the links of the generation OLD that are not WANTED any more, and
// the folders that are empty then.
func (h homeActivation) removeLinks(old string, wanted []string) error {
	before, err := h.list(old)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, below := range wanted {
		keep[below] = true
	}
	for _, below := range before {
		path := filepath.Join(h.home, below)
		switch {
		case keep[below]:
			continue
		case !homeFilesLink.MatchString(h.machine.readLink(path)):
			fmt.Fprintf(h.stdout, "Path '%s' does not link into a Home Manager generation. Skipping delete.\n", path)
			continue
		}
		if err := os.Remove(h.machine.at(path)); err != nil {
			return err
		}
		for dir := filepath.Dir(below); dir != "."; dir = filepath.Dir(dir) {
			if os.Remove(h.machine.at(filepath.Join(h.home, dir))) != nil {
				break // not empty
			}
		}
	}
	return nil
}

// profile is the link to the current generation.
func (h homeActivation) profile() string {
	return filepath.Join(h.home, ".local/state/nix/profiles/home-manager")
}

// setProfile makes a generation of the profile, as `nix-env --set` does.
func (h homeActivation) setProfile() error {
	folder := filepath.Dir(h.profile())
	if err := h.makeFolders(".local/state/nix/profiles"); err != nil {
		return err
	}
	entries, err := os.ReadDir(h.machine.at(folder))
	if err != nil {
		return err
	}
	last := 0
	for _, entry := range entries {
		middle := strings.TrimSuffix(strings.TrimPrefix(entry.Name(), "home-manager-"), "-link")
		if number, err := strconv.Atoi(middle); err == nil {
			last = max(last, number)
		}
	}
	link := fmt.Sprintf("home-manager-%d-link", last+1)
	if err := h.machine.link(h.generation, filepath.Join(folder, link)); err != nil {
		return err
	}
	if err := h.give(filepath.Join(folder, link)); err != nil {
		return err
	}
	if err := h.machine.link(link, h.profile()); err != nil {
		return err
	}
	return h.give(h.profile())
}

// makeFolders makes the folder BELOW of the home, each one owned as the home is.
func (h homeActivation) makeFolders(below string) error {
	path := h.home
	for _, name := range names(below) {
		path = filepath.Join(path, name)
		if name == "." || h.machine.exists(path) {
			continue
		}
		if err := os.Mkdir(h.machine.at(path), 0o755); err != nil {
			return err
		}
		if err := h.give(path); err != nil {
			return err
		}
	}
	return nil
}

// give makes PATH belong to the owner of the home: the real script runs as that user.
func (h homeActivation) give(path string) error {
	info, err := os.Stat(h.machine.follow(h.home))
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return permitted(os.Lchown(h.machine.at(path), int(owner.Uid), int(owner.Gid)))
}
