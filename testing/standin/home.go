package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// homeFilesLink matches the target of a link that Home Manager made.
var homeFilesLink = regexp.MustCompile(`^/nix/store/[^/]*-home-manager-files/`)

// homePlan is what testing/home-manager writes beside the script of a generation.
type homePlan struct {
	User    string            // the one it is for
	Home    string            // where that one lives
	Entries []string          // of home.activation, in their order
	Forced  []string          // targets that replace whatever is there
	Hooks   map[string]string // onChange of targets
}

// The entries that do something here. Others are told and skipped, as no shell is there.
const (
	checkLinkTargets  = "checkLinkTargets"
	writeBoundary     = "writeBoundary"
	checkFilesChanged = "checkFilesChanged"
	linkGeneration    = "linkGeneration"
	onFilesChange     = "onFilesChange"
)

// homeActivation is the activate script of a home generation (home-manager,
// modules/home-environment.nix, modules/files.nix, modules/files/check-link-targets.sh and
// modules/lib-bash/activation-init.sh): all collisions are found before anything is written,
// then links that are gone are removed, then the new ones made.
type homeActivation struct {
	call
	homePlan
	home       string
	generation string          // store path of the new generation
	files      string          // store path of its home-files
	old        string          // store path of the generation before, or ""
	backup     string          // extension that files in the way are renamed with, or ""
	command    string          // what is run on files in the way instead, or ""
	overwrite  bool            // of a backup that is there
	legacy     bool            // driver version 0: generations have a profile
	changed    map[string]bool // targets with a hook
}

// scriptError is what the script says, in its words.
type scriptError string

func (e scriptError) Error() string { return string(e) }

// activateHome is GENERATION/activate [--driver-version 0|1].
func (c call) activateHome(generation string) int {
	h := homeActivation{
		call:       c,
		home:       os.Getenv("HOME"),
		generation: c.machine.real(generation),
		files:      c.machine.real(filepath.Join(generation, "home-files")),
		backup:     os.Getenv("HOME_MANAGER_BACKUP_EXT"),
		command:    os.Getenv("HOME_MANAGER_BACKUP_COMMAND"),
		overwrite:  os.Getenv("HOME_MANAGER_BACKUP_OVERWRITE") != "",
		changed:    map[string]bool{},
	}
	err := h.prepare(generation)
	for _, name := range h.Entries {
		if err != nil {
			break
		}
		fmt.Fprintf(c.stdout, "Activating %s\n", name)
		err = h.perform(name)
	}
	if err == nil {
		err = h.root()
	}
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	return 0
}

// prepare reads what is asked for and checks that it is asked of the right user.
func (h *homeActivation) prepare(generation string) error {
	if h.home == "" {
		return scriptError("Error: HOME is not set")
	}
	version, err := driverVersion(h.args)
	if err != nil {
		return err
	}
	h.legacy = version == 0
	h.Entries = []string{checkLinkTargets, writeBoundary, linkGeneration}
	if data, err := h.machine.readFile(filepath.Join(generation, "standin.json")); err == nil {
		h.homePlan = homePlan{}
		if err := json.Unmarshal(data, &h.homePlan); err != nil {
			return fmt.Errorf("standin.json: %w", err)
		}
	}
	fmt.Fprintln(h.stdout, "Starting Home Manager activation")
	if user := os.Getenv("USER"); h.User != "" && user != h.User {
		return scriptError(fmt.Sprintf("Error: USER is %q, expected %q", user, h.User))
	}
	if h.Home != "" && h.machine.real(h.home) != h.machine.real(h.Home) {
		return scriptError(fmt.Sprintf("Error: HOME is %q, expected %q", h.home, h.Home))
	}
	if h.machine.exists(h.current()) {
		h.old = h.machine.real(h.current())
	}
	return nil
}

// driverVersion reads the arguments of the script.
func driverVersion(args []string) (int, error) {
	version := 0
	for len(args) > 0 {
		if args[0] != "--driver-version" {
			return 0, fmt.Errorf("activate: unknown option '%s'", args[0])
		}
		if len(args) == 1 {
			return 0, errors.New("activate: no driver version specified")
		}
		number, err := strconv.Atoi(args[1])
		if err != nil || number < 0 || number > 1 {
			return 0, fmt.Errorf("activate: unexpected driver version %s", args[1])
		}
		version, args = number, args[2:]
	}
	return version, nil
}

func (h *homeActivation) perform(entry string) error {
	switch entry {
	case checkLinkTargets:
		return h.checkTargets()
	case writeBoundary:
		if h.legacy && h.old != h.generation {
			return h.setProfile()
		}
	case checkFilesChanged:
		for target := range h.Hooks {
			h.changed[target] = !h.equal(filepath.Join(h.files, target), filepath.Join(h.home, target), true)
		}
	case linkGeneration:
		if err := h.cleanOld(); err != nil {
			return err
		}
		return h.linkNew()
	case onFilesChange:
		for _, target := range sortedKeys(h.Hooks) {
			if h.changed[target] {
				fmt.Fprintf(h.stdout, "Running onChange hook for %s\n", target)
			}
		}
	}
	return nil
}

// list returns the files of a home-files tree, relative to it.
func (h *homeActivation) list(files string) ([]string, error) {
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

// equal compares as cmp does, and with FOLDERS as diff -r: by all the files that they hold.
func (h *homeActivation) equal(a, b string, folders bool) bool {
	fileA, errA := h.machine.readFile(a)
	fileB, errB := h.machine.readFile(b)
	if errA == nil && errB == nil {
		return bytes.Equal(fileA, fileB)
	}
	namesA, errA := os.ReadDir(h.machine.follow(a))
	namesB, errB := os.ReadDir(h.machine.follow(b))
	return folders && errA == nil && errB == nil && slices.EqualFunc(namesA, namesB, func(x, y fs.DirEntry) bool {
		return x.Name() == y.Name() && h.equal(filepath.Join(a, x.Name()), filepath.Join(b, y.Name()), true)
	})
}

// forced compares by the beginning, as the script does: what is forced takes its neighbours
// with it whose names are longer.
func (h *homeActivation) forced(below string) bool {
	return slices.ContainsFunc(h.Forced, func(target string) bool { return strings.HasPrefix(below, target) })
}

const collisionHelp = `Please do one of the following:
- In standalone mode, use 'home-manager switch -b backup' to back up files automatically.
- When used as a NixOS or nix-darwin module, set either
  - 'home-manager.backupFileExtension', or
  - 'home-manager.backupCommand',
  to move the file to a new location in the same directory, or run a custom command.
- Set 'force = true' on the related file options to forcefully overwrite the files below. eg. 'xdg.configFile."mimeapps.list".force = true'`

// checkTargets fails with each file that would be lost.
func (h *homeActivation) checkTargets() error {
	wanted, err := h.list(h.files)
	if err != nil {
		return err
	}
	lost := []string{collisionHelp}
	for _, below := range wanted {
		path := filepath.Join(h.home, below)
		if h.forced(below) || !h.machine.exists(path) || homeFilesLink.MatchString(h.machine.readLink(path)) {
			continue
		}
		if message := h.collision(below, path); message != "" {
			lost = append(lost, message)
		}
	}
	if len(lost) > 1 {
		return scriptError(strings.Join(lost, "\n"))
	}
	return nil
}

// collision says what is lost by a link at PATH, or "". Links of others are never backed up.
func (h *homeActivation) collision(below, path string) string {
	source, backup, taken := filepath.Join(h.files, below), path+"."+h.backup, h.machine.exists(path+"."+h.backup)
	switch {
	case h.equal(source, path, false):
		fmt.Fprintf(h.stderr, "Existing file '%s' is in the way of '%s', will be skipped since they are the same\n", path, source)
	case h.machine.readLink(path) != "" || h.backup == "" && h.command == "":
		return fmt.Sprintf("Existing file '%s' would be clobbered", path)
	case h.command != "":
	case taken && !h.overwrite:
		return fmt.Sprintf("Existing file '%s' would be clobbered by backing up '%s'", backup, path)
	case taken:
		fmt.Fprintf(h.stderr, "Existing file '%s' is in the way of '%s' and '%s' exists. "+
			"Backup will be clobbered due to HOME_MANAGER_BACKUP_OVERWRITE=1\n", path, source, backup)
	default:
		fmt.Fprintf(h.stderr, "Existing file '%s' is in the way of '%s', will be moved to '%s'\n", path, source, backup)
	}
	return ""
}

// cleanOld removes the links of the generation before that the new one has not, and the
// folders that are empty then. A link that is not ours any more stays.
func (h *homeActivation) cleanOld() error {
	files := filepath.Join(h.old, "home-files")
	if h.old == "" || !h.machine.exists(files) {
		return nil
	}
	before, err := h.list(files)
	for _, below := range before {
		path := filepath.Join(h.home, below)
		switch {
		case h.machine.exists(filepath.Join(h.files, below)):
			continue
		case !homeFilesLink.MatchString(h.machine.readLink(path)):
			fmt.Fprintf(h.stderr, "Path '%s' does not link into a Home Manager generation. Skipping delete.\n", path)
			continue
		}
		if err := os.Remove(h.machine.at(path)); err != nil {
			return err
		}
		for dir := filepath.Dir(below); dir != "."; dir = filepath.Dir(dir) {
			if syscall.Rmdir(h.machine.at(filepath.Join(h.home, dir))) != nil {
				break // not empty, or a link
			}
		}
	}
	return err
}

func (h *homeActivation) linkNew() error {
	wanted, err := h.list(h.files)
	for _, below := range wanted {
		if err := h.linkFile(below); err != nil {
			return err
		}
	}
	return err
}

// linkFile puts one link. What the check let pass is not looked at again: with an extension
// every file that is there is moved, also one that is the same, and over whatever is there.
func (h *homeActivation) linkFile(below string) error {
	path, source := filepath.Join(h.home, below), filepath.Join(h.files, below)
	if h.machine.readLink(path) == source {
		return nil
	}
	inTheWay := h.machine.exists(path) && h.machine.readLink(path) == ""
	if inTheWay {
		if h.command != "" {
			fmt.Fprintf(h.stderr, "Running '%s' on '%s' failed.\n", h.command, path) // nothing here runs it
		} else if h.backup != "" {
			if err := os.Rename(h.machine.at(path), h.machine.at(path+"."+h.backup)); err != nil {
				return fmt.Errorf("moving '%s': %w", path, err)
			}
		}
	}
	if inTheWay && h.machine.exists(path) && h.equal(source, path, false) {
		return nil
	}
	if err := h.makeFolders(filepath.Dir(below)); err != nil {
		return err
	}
	// A folder that was linked as a whole: what is new in it would have to go to the store.
	if strings.HasPrefix(h.machine.real(filepath.Dir(path)), "/nix/store/") {
		return fmt.Errorf("ln: failed to create symbolic link '%s': Read-only file system", path)
	}
	return h.place(source, path)
}

// current is the link to the generation that is in place: what the next one starts from, and
// what keeps its store path.
func (h *homeActivation) current() string {
	return filepath.Join(h.home, ".local/state/home-manager/gcroots/current-home")
}

// root makes the generation the current one.
func (h *homeActivation) root() error {
	if err := h.makeFolders(".local/state/home-manager/gcroots"); err != nil {
		return err
	}
	return h.place(h.generation, h.current())
}

// setProfile makes a generation of the profile, as `nix-env --set` does.
func (h *homeActivation) setProfile() error {
	const profiles = ".local/state/nix/profiles"
	folder := filepath.Join(h.home, profiles)
	if err := h.makeFolders(profiles); err != nil {
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
	name := fmt.Sprintf("home-manager-%d-link", last+1)
	for path, target := range map[string]string{name: h.generation, "home-manager": name} {
		if err := h.place(target, filepath.Join(folder, path)); err != nil {
			return err
		}
	}
	return nil
}

// place makes a link that belongs to the user.
func (h *homeActivation) place(target, path string) error {
	if err := h.machine.link(target, path); err != nil {
		return err
	}
	return h.give(path)
}

// makeFolders makes the folder BELOW of the home, each one owned as the home is.
func (h *homeActivation) makeFolders(below string) error {
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
func (h *homeActivation) give(path string) error {
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
